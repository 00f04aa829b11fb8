"""Cases of demand as a worker may see them: those of the own regions. A case of another and one that does not exist have one answer.

While something taken may not be in the view yet (Kafka or Redis is away, or the view is behind), no case is known not to exist: ids are
random, and a caller who knows one may end it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from services.adapters.auth.authentication import Caller
from services.adapters.codec.json_reader import read_json
from services.adapters.http.call import Call
from services.adapters.kafka.topics import partition_of
from services.adapters.problem_details import ProblemError
from services.adapters.view.case_documents import CaseShown, Stated
from services.adapters.view.ports import ReadableDemand, ViewUnavailableError
from services.api.demand.case_publisher import CaseChange, CasePublisher, PublishedCase
from services.api.demand.requests import UndoForm
from services.api.read_model.view_reader import ViewReader
from services.domain.demand.case_fold import Kind
from services.domain.events import value_types as v
from services.domain.events.catalog import DemandCorrection, DemandData, Named

_KEY: Final = re.compile(get_args(v.DemandId)[1].pattern, re.ASCII)
# A view that was not stamped for so long may lack what was logged since (the stamp comes every second).
_BEHIND_MS: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Finds, changes and lists cases."""

    reading: ViewReader
    demand: ReadableDemand
    posting: CasePublisher

    async def find_own_case(self, call: Call[Any], kind: Kind, key: str) -> CaseShown | None:
        """Return a case of the caller; None where it is not known whether there is one. ProblemError 403 where it is another's."""
        found = await self._find(kind, key) if _KEY.fullmatch(key) else "none"
        if found == "none" or (isinstance(found, CaseShown) and found.region is not None and found.region not in call.caller.regions):
            await call.refuse()
        return found if isinstance(found, CaseShown) else None

    async def change(
        self, call: Call[Any], kind: Kind, key: str, what: str, event: Callable[[CaseShown | None], DemandData]
    ) -> PublishedCase:
        """Publish how a case of the caller goes on; `event` makes that of the case, as far as it is known.

        It is published for the region of the case, or else for one of the caller's.
        """
        case = await self.find_own_case(call, kind, key)
        region = (case.region if case else None) or min(call.caller.regions)
        data = event(case)
        certain = case if case and await self._certain(partition_of(key.encode(), self.reading.partitions)) else None
        return await self.posting.publish(call, CaseChange(kind=kind, what=what, region=region, event=lambda _: data, case=certain))

    async def undo(self, call: Call[UndoForm], kind: Literal["fallback", "entry"], key: str) -> PublishedCase:
        """Take back the start or the end of a case of the caller; ProblemError 409 where there is none."""

        def correction(case: CaseShown | None) -> DemandCorrection:
            event_id = self.effective_event_id(key, call.body.undo, case)
            if event_id is None:
                raise ProblemError("nothing-to-undo" if case else "view-away")
            of_case = {"fallback": key} if kind == "fallback" else {"entry": key}
            return DemandCorrection(corrects=Named(source=event_id[0], id=event_id[1]), reason=call.body.reason, **of_case)

        return await self.change(call, kind, key, "undone", correction)

    async def taken(self, kind: Kind, key: str) -> bool:
        """Return whether a case is known to have been taken: it is in the view, or waits for the log."""
        found = await self._find(kind, key)
        return isinstance(found, CaseShown) or any(record.key == key.encode() for record in self.posting.outbox.waiting)

    async def _find(self, kind: Kind, key: str) -> CaseShown | str:
        partition = partition_of(key.encode(), self.reading.partitions)
        try:
            case = await self.demand.case(partition, kind, key)
            if case:
                return case
        except ViewUnavailableError:
            return "unknown"
        return "none" if await self._certain(partition) else "unknown"

    async def _certain(self, partition: int) -> bool:
        """Return whether the view has all that was taken of a partition."""
        try:
            position = (await self.demand.read_partition(partition)).position if self.posting.certain else None
        except ViewUnavailableError:
            return False
        return position is not None and not position.rebuilding and self.reading.now() - position.alive_at < _BEHIND_MS

    async def open(self, caller: Caller, kind: Kind) -> tuple[dict[str, Any], list[CaseShown]]:
        """Return what is open in the regions of a caller, the earliest first, and the head of an answer with its age; ProblemError 503."""
        try:
            snapshots = [await self.demand.read_partition(number) for number in range(self.reading.partitions)]
            now = await self.reading.dataset_now()
        except ViewUnavailableError as away:
            raise ProblemError("data-unavailable") from away
        age = self.reading.age_of(snapshots, now)
        age.require_fresh(now, self.reading.age_limits)
        shown = (case for snapshot in snapshots if not snapshot.halted for case in snapshot.open)
        cases = [case for case in shown if case.kind == kind and case.region in caller.regions]
        head: dict[str, Any] = self.reading.dataset_head(now) | age.head(now, self.reading.age_limits)
        head["hidden_cases"] = sum(len(snapshot.open) for snapshot in snapshots if snapshot.halted)
        return head, sorted(cases, key=lambda case: case.start.happened if case.start else (0, 0, "", ""))

    def effective_event_id(self, key: str, undo: str, case: CaseShown | None) -> tuple[str, str] | None:
        """Return source and id of the start or end that counts, in the view or in what is queued; None where there is none."""
        stated: Stated | None = (case.start if undo == "start" else case.end) if case else None
        if stated:
            return stated.source, stated.id
        suffixes = ("-started.v1", "-started.v2", "-joined.v1") if undo == "start" else ("-ended.v1", "-left.v1")
        for record in self.posting.outbox.waiting:
            event = read_json(record.value or b"") if record.key == key.encode() else {"type": ""}
            if event["type"].endswith(suffixes):
                return event["source"], event["id"]
        return None
