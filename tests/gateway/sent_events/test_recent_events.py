"""The window of recent events: 14 days by the broker's clock, first copies only, read on from where it was."""

from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from services.adapters.kafka.ports import LogUnavailableError
from services.domain.durations import DAY_MS, HOUR_MS
from services.gateway.sent_events.recent_events import RecentEvents, SentEvents
from tests.processor.logs import WIRE, Logged, ReadableLog
from tests.sent import admitted, asked, declared, event, id_of, uuid

NOW = 1_772_409_600_000


@dataclass(slots=True)
class _Log(ReadableLog):
    """A log in memory that counts what was read of it."""

    reads: list[tuple[int, int]] = field(default_factory=list)

    async def start(self) -> None:
        """Connect to nothing."""

    async def close(self) -> None:
        """Disconnect from nothing."""

    async def offset_at(self, _partition: int, at: int) -> int | None:
        """Return the first offset at or after an instant."""
        return next((record.offset for record in self.records if record.timestamp >= at), None)

    def read(self, partition: int, start: int, end: int) -> Any:
        """Count, and read."""
        self.reads.append((start, end))
        return ReadableLog.read(self, partition, start, end)

    def add(self, sent: dict[str, Any] | bytes, at: int = NOW) -> None:
        """Append an event, logged at an instant."""
        value = sent if isinstance(sent, bytes) else orjson.dumps(sent)
        self.records.append(Logged(len(self.records), at, b"berk", value))


@dataclass
class _World:
    """A log, and its window as it is read at `now`."""

    log: _Log = field(default_factory=_Log)
    now: int = NOW

    def __post_init__(self) -> None:
        self.recent = RecentEvents(log=self.log, codec=WIRE, partitions=1, now=lambda: self.now)

    async def sent(self) -> SentEvents:
        """Read what was sent about berk."""
        return await self.recent.of("berk")

    async def types(self) -> list[str]:
        """List the units and types of the events in the window."""
        return [type(each.event.data).__name__ for each in (await self.sent()).events]


async def test_an_event_is_listed_for_fourteen_days() -> None:
    """What was logged 14 days ago is listed, and a moment later no longer; the beginning of the log before it is not read."""
    world = _World()
    world.log.add(declared("u1"), NOW - 15 * DAY_MS)
    world.log.add(declared("u2"), NOW - 14 * DAY_MS)
    world.log.add(admitted("u2"), NOW - HOUR_MS)
    assert await world.types() == ["Admission", "UnitDeclared"]
    assert world.log.reads == [(1, 3)]
    world.now += 1
    assert await world.types() == ["Admission"]
    assert (await world.sent()).since == world.now - 14 * DAY_MS


async def test_only_what_was_added_is_read_again() -> None:
    """A second read begins where the first one ended."""
    world = _World()
    world.log.add(declared("u1"))
    await world.sent()
    world.log.add(declared("u2"))
    assert await world.types() == ["UnitDeclared", "UnitDeclared"]
    assert world.log.reads == [(0, 1), (1, 2)]


async def test_the_first_copy_of_an_event_is_listed() -> None:
    """R1: a second copy, another's shelter, a request for a hold and what is no event are not listed."""
    world = _World()
    for sent in (declared("u1"), declared("u1"), b"{", asked("a" * 32), declared("u1", "den")):
        world.log.add(sent)
    assert await world.types() == ["UnitDeclared"]


async def test_a_correction_undoes_in_any_order() -> None:
    """R12: an event is undone whether its correction comes after it or before it, and is so no longer when that leaves the window."""
    world = _World()
    source = "urn:plek:shelter:berk:desk-1"
    first, later = ({"source": source, "id": id_of("admission", number)} for number in (1, 2))
    world.log.add(admitted("u1", stay=1))
    world.log.add(event("correction", corrects=first, reason="mistake", number=1))
    world.log.add(event("correction", corrects=later, reason="mistake", number=2))
    world.log.add(admitted("u1", stay=2), NOW + HOUR_MS)
    sent = await world.sent()
    assert set(sent.corrected) == {(source, first["id"]), (source, later["id"])}
    found = sent.find((source, later["id"]))
    assert found
    assert found.data.stay == uuid(2)  # type: ignore[union-attr]  # an admission
    world.now = NOW + 14 * DAY_MS + 1
    assert (await world.sent()).corrected == {}


async def test_a_partition_has_a_largest_window() -> None:
    """Of a partition the newest events are kept, and the list says from when on it is complete."""
    world = _World()
    world.recent.most = 3
    for number in range(5):
        world.log.add(declared(f"u{number}"), NOW + number)
    world.now = NOW + 10
    sent = await world.sent()
    assert ([each.logged_at - NOW for each in sent.events], sent.since - NOW) == ([4, 3, 2], 2)
    world.log.add(declared("u9"), NOW + 9)
    sent = await world.sent()
    assert ([each.logged_at - NOW for each in sent.events], sent.since - NOW) == ([9, 4, 3], 3)


async def test_a_log_that_was_made_again_is_read_from_its_beginning() -> None:
    """When the log ends before what was read, all of it is read again; while it is away nothing is answered."""
    world = _World()
    for number in range(3):
        world.log.add(declared(f"u{number}"))
    await world.sent()
    world.log.records[:] = []
    world.log.add(admitted())
    assert await world.types() == ["Admission"]
    world.log.away = True
    with pytest.raises(LogUnavailableError):
        await world.sent()
