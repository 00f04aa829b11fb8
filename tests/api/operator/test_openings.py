"""Two auditors open a pseudonym: who, when, for how long, and that all processes agree."""

import orjson
import pytest

from services.adapters.kafka.ports import LogRecord, LogUnavailableError
from services.api.operator.openings import WAITS_MS, OpeningRequest, Openings
from services.domain.durations import HOUR_MS
from tests.twins.memory_compacted_topic import MemoryCompactedTopic
from tests.twins.memory_log import MemoryLog

TOPIC, P, Q = "plek.audit-openings", "1" * 32, "2" * 32


class _Night:
    """Openings over a log, with a clock; `replayed` is another process that reads the same log."""

    def __init__(self) -> None:
        self.now = 1_000_000
        self.times: list[int] = []
        self.log = MemoryLog(now=self._at)
        self.openings = self._follow()

    def _at(self) -> int:
        self.times.append(self.now)
        return self.now

    def _follow(self) -> Openings:
        return Openings(MemoryCompactedTopic(self.log, TOPIC), self.log, TOPIC, lambda: self.now, 24 * HOUR_MS)

    async def replayed(self) -> Openings:
        times = iter(self.times)
        log = MemoryLog(now=lambda: next(times))
        openings = Openings(MemoryCompactedTopic(log, TOPIC), log, TOPIC, lambda: self.now, 24 * HOUR_MS)
        await log.append(self.log.records[TOPIC, 0])
        return openings


async def test_two_auditors_open_a_pseudonym_and_one_does_not() -> None:
    """The same auditor may ask as often as there is patience: nothing opens, and nothing more is written."""
    night = _Night()
    for _ in range(3):
        await night.openings.ask(P, "anna", "complaint")
    assert (night.openings.opened(), len(night.log.records[TOPIC, 0])) == (frozenset(), 1)
    made = await night.openings.ask(P, "ben", "incident")
    assert made is not None
    assert made.second is not None
    assert (made.status, made.first.reason, made.second.reason) == ("open", "complaint", "incident")
    assert night.openings.opened() == {P}


async def test_requests_for_different_pseudonyms_open_none() -> None:
    """Both must mean the same."""
    night = _Night()
    await night.openings.ask(P, "anna", "complaint")
    await night.openings.ask(Q, "ben", "complaint")
    assert night.openings.opened() == frozenset()


async def test_an_opening_ends_by_itself_and_must_be_asked_for_anew() -> None:
    """After the time of the setting both must ask again; in every process, also one that begins then."""
    night = _Night()
    await night.openings.ask(P, "anna", "complaint")
    night.now += HOUR_MS
    await night.openings.ask(P, "ben", "complaint")
    night.now += 24 * HOUR_MS - 1
    assert night.openings.opened() == (await night.replayed()).opened() == {P}
    night.now += 1
    assert (night.openings.opened(), (await night.replayed()).opened()) == (frozenset(), frozenset())
    assert (await night.openings.ask(P, "ben", "complaint")).status == "waiting"  # type: ignore[union-attr]
    assert night.openings.opened() == frozenset()


async def test_a_request_waits_a_week() -> None:
    """A second auditor who asks after that is a first one."""
    night = _Night()
    await night.openings.ask(P, "anna", "complaint")
    night.now += WAITS_MS
    assert (await night.openings.ask(P, "ben", "complaint")).status == "waiting"  # type: ignore[union-attr]
    assert (night.openings.opened(), (await night.replayed()).opened()) == (frozenset(), frozenset())


@pytest.mark.parametrize(
    "forged",
    [
        {"request": "b", "pseudonym": P, "by": "anna", "reason": "other", "joins": "a"},
        {"request": "b", "pseudonym": Q, "by": "ben", "reason": "other", "joins": "a"},
        {"request": "b", "pseudonym": P, "by": "ben", "reason": "other", "joins": "unknown"},
        {"request": "b", "pseudonym": P, "by": "ben"},
        "ben",
    ],
)
async def test_a_record_that_joins_nothing_rightly_opens_nothing(forged: object) -> None:
    """The own request, one for another pseudonym, one that is unknown, and what is no request."""
    night = _Night()
    first = OpeningRequest(request="a", pseudonym=P, by="anna", reason="other")
    await night.log.append([LogRecord(TOPIC, b"a", orjson.dumps(first)), LogRecord(TOPIC, b"b", orjson.dumps(forged))])
    assert night.openings.opened() == frozenset()


async def test_without_kafka_nothing_is_asked() -> None:
    """And what was open ends in time all the same."""
    night = _Night()
    night.log.away = True
    with pytest.raises(LogUnavailableError):
        await night.openings.ask(P, "anna", "complaint")
