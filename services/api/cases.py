"""Cases of demand as a worker may see them: those of her regions. Not hers and not existing are one answer.

Where something taken may not be in the view yet (Kafka or Redis is away, or the view is behind), none can be said not to exist: ids are
random, and whoever knows one is let to end it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, get_args

from fastapi import Request, Response

from services.adapters.identity import Caller
from services.adapters.problems import ProblemError
from services.adapters.strict_json import read_json
from services.adapters.topics import partition_of
from services.adapters.view.cases import CaseShown, Stated
from services.adapters.view.port import ReadableDemand, ViewUnavailableError
from services.api.posting import Heard, Posting
from services.api.reading import Reading
from services.api.standing import shown
from services.domain import values as v
from services.domain.demand import Kind
from services.domain.events import DemandData

_KEY: Final = re.compile(get_args(v.DemandId)[1].pattern, re.ASCII)
# A view that was not stamped for so long may lack what was logged since (the stamp comes every second).
_BEHIND_MS: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """All that looking at cases takes."""

    reading: Reading
    demand: ReadableDemand
    posting: Posting

    async def hers(self, request: Request, caller: Caller, kind: Kind, key: str) -> CaseShown | None:
        """Find a case of hers; None where nobody can say whether there is one. ProblemError 403 where it is not hers."""
        found = await self._found(kind, key) if _KEY.fullmatch(key) else "none"
        if found == "none" or (isinstance(found, CaseShown) and found.region is not None and found.region not in caller.regions):
            await self.reading.audit.refused(request, caller)
            raise ProblemError("not-yours")
        return found if isinstance(found, CaseShown) else None

    async def change(self, heard: Heard, kind: Kind, key: str, what: str, make: Callable[[CaseShown | None], DemandData]) -> Response:
        """Say how a case of hers goes on; `make` is told of it, as far as it is known. Said for its region, or else for one of hers."""
        case = await self.hers(heard.request, heard.caller, kind, key)
        region = (case.region if case else None) or min(heard.caller.regions)
        data = make(case)
        stands = replace(heard, case=case if case and await self._certain(partition_of(key.encode(), self.reading.partitions)) else None)
        return await self.posting.say(stands, kind, what, region, lambda _: data)

    async def _found(self, kind: Kind, key: str) -> CaseShown | str:
        partition = partition_of(key.encode(), self.reading.partitions)
        try:
            case = await self.demand.case(partition, kind, key)
            if case:
                return case
        except ViewUnavailableError:
            return "unknown"
        return "none" if await self._certain(partition) else "unknown"

    async def _certain(self, partition: int) -> bool:
        """Say whether the view has all that was taken of a partition."""
        try:
            found = (await self.demand.look(partition)).position if self.posting.certain else None
        except ViewUnavailableError:
            return False
        return found is not None and not found.rebuilding and self.reading.now() - found.alive_at < _BEHIND_MS

    async def open(self, caller: Caller, kind: Kind) -> tuple[dict[str, Any], list[CaseShown]]:
        """List what is open in her regions, the earliest first, with how old that is; ProblemError 503."""
        try:
            looks = [await self.demand.look(number) for number in range(self.reading.partitions)]
            now = await self.reading.moment()
        except ViewUnavailableError as away:
            raise ProblemError("phone") from away
        found = self.reading.standing(looks, now)
        found.insist(now, self.reading.patience)
        cases = [case for look in looks for case in look.open if case.kind == kind and case.region in caller.regions]
        head = {**self.reading.named(now), "as_of": shown(found.as_of), "degraded": found.degraded(now, self.reading.patience)}
        return head, sorted(cases, key=lambda case: case.start.happened if case.start else (0, 0, "", ""))

    def said(self, key: str, undo: str, case: CaseShown | None) -> tuple[str, str] | None:
        """Find the name (source, id) of the start or end that counts, in the view or in what is queued; None where there is none."""
        stated: Stated | None = (case.start if undo == "start" else case.end) if case else None
        if stated:
            return stated.source, stated.id
        suffixes = ("-started.v1", "-joined.v1") if undo == "start" else ("-ended.v1", "-left.v1")
        for record in self.posting.outbox.waiting:
            event = read_json(record.value or b"") if record.key == key.encode() else {"type": ""}
            if event["type"].endswith(suffixes):
                return event["source"], event["id"]
        return None
