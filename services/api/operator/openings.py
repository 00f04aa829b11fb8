"""Which pseudonyms auditors have opened: each by two different auditors, with a coded reason of both, and for a limited time (ADR 51).

The requests are records of `<prefix>.audit-openings`, which each API process follows. Guarantees: a pseudonym is open only where a request
names the one of another auditor that it joins, so all processes agree, also on a replay and after old records have gone; times are those of
the broker. No record names a shelter: what a pseudonym stands for is never looked up, it is only not replaced while it is open.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Final, Literal, get_args
from uuid import uuid4

import orjson
from pydantic import TypeAdapter, ValidationError

from services.adapters.clock import Clock
from services.adapters.kafka.compacted_topic import FollowedTopic, KeyedRecord
from services.adapters.kafka.ports import AppendableLog, LogRecord, LogUnavailableError
from services.domain.durations import DAY_MS
from services.domain.events import value_types as v

Reason = Literal["alarm", "complaint", "incident", "authority", "spot_check", "other"]
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)
OpeningReason = Annotated[str, v.OneOf(REASONS)]
Status = Literal["waiting", "open"]

WAITS_MS: Final = 7 * DAY_MS
"""A request waits this long for a second auditor: both mean the same occasion."""
KEPT_MS: Final = 30 * DAY_MS
"""So long the topic keeps a request: longer than one can wait and be open."""
# As long as a producer waits for its acknowledgement
_READ_S: Final = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningRequest:
    """That an auditor (`by`, a pseudonym of the audit log) asks to open a pseudonym; `joins` is the request of another auditor."""

    request: str
    pseudonym: str
    by: str
    reason: str
    joins: str | None = None


_REQUESTS: Final[TypeAdapter[OpeningRequest]] = TypeAdapter(OpeningRequest)


@dataclass(frozen=True, slots=True)
class Opening:
    """A pseudonym that was asked for at `asked_at` (ms); `opened_at` is None while a second auditor is waited for."""

    first: OpeningRequest
    asked_at: int
    second: OpeningRequest | None = None
    opened_at: int | None = None

    def ends_at(self, for_ms: int) -> int:
        """Return when it ends (ms): the opening, or the wait for it."""
        return self.asked_at + WAITS_MS if self.opened_at is None else self.opened_at + for_ms

    @property
    def status(self) -> Status:
        """Return how it stands until it ends."""
        return "waiting" if self.opened_at is None else "open"


class Openings:
    """The openings that stand in a followed topic; each lasts `for_ms` milliseconds."""

    def __init__(self, topic: FollowedTopic, log: AppendableLog, name: str, now: Clock, for_ms: int) -> None:
        self.topic, self._log, self._name, self._now, self.for_ms = topic, log, name, now, for_ms
        self._openings: dict[str, Opening] = {}
        topic.listen(self._hear)

    @property
    def ready(self) -> bool:
        """Whether everything is known that stood in the topic when Kafka last answered."""
        return self.topic.ready

    def current(self) -> list[Opening]:
        """List what waits or is open now, the oldest first."""
        return list(self._current())

    def opened(self) -> frozenset[str]:
        """Return the pseudonyms that are open now."""
        return frozenset(each.first.pseudonym for each in self._current() if each.status == "open")

    def find(self, pseudonym: str, by: str) -> Opening | None:
        """Return what stands of a pseudonym for an auditor: the opening, the request of another, or else the own one."""
        found = [each for each in self._current() if each.first.pseudonym == pseudonym]
        return min(found, key=lambda each: (each.status != "open", each.first.by == by), default=None)

    async def ask(self, pseudonym: str, by: str, reason: str) -> Opening | None:
        """Ask to open a pseudonym, or join the request of another auditor, and return what stands then; LogUnavailableError."""
        found = self.find(pseudonym, by)
        if found and (found.status == "open" or found.first.by == by):
            return found
        joins = found.first.request if found else None
        request = OpeningRequest(request=str(uuid4()), pseudonym=pseudonym, by=by, reason=reason, joins=joins)
        [position] = await self._log.append([LogRecord(self._name, request.request.encode(), orjson.dumps(request))])
        if not await self.topic.wait_until(position.offset, _READ_S):
            raise LogUnavailableError
        return self.find(pseudonym, by)

    def _current(self) -> Iterator[Opening]:
        now = self._now()
        return (each for each in self._openings.values() if now < each.ends_at(self.for_ms))

    def _hear(self, record: KeyedRecord) -> None:
        try:
            request = _REQUESTS.validate_json(record.value or b"")
        except ValidationError:
            return
        self._openings = {name: each for name, each in self._openings.items() if record.at < each.ends_at(self.for_ms)}
        if request.joins is None:
            self._openings.setdefault(request.request, Opening(request, record.at))
        elif (found := self._openings.get(request.joins)) and _may_join(found, request):
            self._openings[request.joins] = replace(found, second=request, opened_at=record.at)


def _may_join(found: Opening, request: OpeningRequest) -> bool:
    return found.status == "waiting" and (found.first.pseudonym, request.by != found.first.by) == (request.pseudonym, True)
