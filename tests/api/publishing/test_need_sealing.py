"""Sealing the needs of what the API logs: keys that nothing waits for, two processes at once, a log that is away, and destruction."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pytest

from services.adapters.codec.event_codec import encode
from services.adapters.durable_log import DurableLog
from services.adapters.kafka.ports import LogRecord
from services.adapters.kafka.topics import Topics
from services.adapters.observability.metrics import Metrics
from services.adapters.outbox import Outbox
from services.adapters.schemas.examples import example
from services.api.publishing.durable_publisher import DurablePublisher
from services.api.publishing.need_sealing import KeyDestruction, NeedSealing
from services.domain.durations import DAY_MS
from services.domain.events import catalog as e
from tests.api.desks import MOTHER, SECRET, Desks, desks
from tests.twins.memory_compacted_topic import MemoryCompactedTopic
from tests.twins.memory_log import MemoryLog

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

KEYS: Final = Topics("plek").need_keys
CASE: Final = "c3a1b2d4-1e2f-4a3b-8c4d-5e6f7a8b9c0d"
# Of its day and of the end of that day, 2026-03-02
NOON, MIDNIGHT = 1_772_452_800_000, 1_772_496_000_000
NEED: Final = {"languages": ["ti"], "services": ["psychiatric"], "exclude_regions": ["R30"], "oldest_son_age": 9}
# What of that need could be read anywhere: no other test data has it
WORDS: Final = (b'"ti"', b"psychiatric", b"R30", b"oldest_son_age", b'"need"')


@dataclass
class Process:
    """One process of the API and its clock, on a log that others may be on too."""

    log: MemoryLog = field(default_factory=MemoryLog)
    secret: bytes = SECRET
    clock: int = NOON

    def __post_init__(self) -> None:
        self.topic = MemoryCompactedTopic(self.log, KEYS)
        self.needs = NeedSealing(topic=self.topic, name=KEYS, secret=self.secret, now=lambda: self.clock)

    async def start(self) -> e.SealedNeed:
        """Log a search; return its sealed need as it stands in the log."""
        sealed = self.needs.sealed(example(e.SearchMade))
        await self.log.append(self.needs.unwritten())
        self.needs.mark_written(self.needs.unwritten())
        assert isinstance(sealed.data, e.SearchMadeSealed)
        return sealed.data.sealed

    def opens(self, sealed: e.SealedNeed) -> Any:
        """Open the need of that search."""
        return self.needs.open("search", CASE, sealed.key, sealed.text)


async def test_two_processes_open_what_the_other_has_sealed() -> None:
    """Each of two processes makes a key of the day, none waits for the other, and each opens the needs of both."""
    one, log = Process(), None
    log = one.log
    other = Process(log)
    first, second = await one.start(), await other.start()
    again = await one.start()
    assert first.key == again.key != second.key
    assert len(one.topic.records()) == 2
    stated = one.opens(first)
    assert stated.need.languages == ("nl", "ti")
    assert [one.opens(second), other.opens(first), other.opens(second)] == [stated] * 3


async def test_a_key_is_of_one_day() -> None:
    """After midnight UTC another key is made; the one of yesterday still opens."""
    process = Process(clock=MIDNIGHT - 1)
    before = await process.start()
    process.clock += 1
    after = await process.start()
    assert (before.key[:10], after.key[:10]) == ("2026-03-02", "2026-03-03")
    assert process.opens(before) == process.opens(after)


async def test_without_the_secret_no_need_opens() -> None:
    """A process with another secret reads the keys and opens nothing: the need can't be read, and is not said to be forgotten."""
    process = Process()
    sealed = await process.start()
    assert Process(process.log, bytes(32)).opens(sealed) == "unavailable"


async def test_a_key_that_is_not_read_yet_is_not_forgotten() -> None:
    """While the topic is not read to its end a missing key is unavailable, after that forgotten."""
    sealed, stranger = await Process().start(), Process()
    stranger.topic.ready = False
    assert stranger.opens(sealed) == "unavailable"
    stranger.topic.ready = True
    assert stranger.opens(sealed) == "forgotten"


async def test_a_ciphertext_of_another_case_is_refused() -> None:
    """A ciphertext that was moved to another case or changed is not opened, with its key there."""
    process = Process()
    sealed = await process.start()
    assert process.needs.open("search", "7e57d004-2b97-4e7a-b45f-5387367791cd", sealed.key, sealed.text) == "unavailable"
    assert process.needs.open("search", CASE, sealed.key, sealed.text[:-2] + "AA") == "unavailable"


@pytest.mark.parametrize(("late", "opens"), [(-1, True), (0, False)])
async def test_a_key_is_used_until_thirty_days_after_its_day(late: int, opens: bool) -> None:  # noqa: FBT001 - a row of the table
    """30 days after the end of its day a key opens nothing any more, also where its record still stands."""
    process = Process()
    sealed = await process.start()
    process.clock = MIDNIGHT + 30 * DAY_MS + late
    assert (process.opens(sealed) != "forgotten") is opens
    assert process.topic.get(sealed.key) is not None


async def test_a_key_that_is_due_is_destroyed_once_and_for_all() -> None:
    """The key of a day is removed when it is due and no sooner; another process may do so again, and no one opens what it sealed."""
    one = Process()
    other = Process(one.log)
    sealed = await one.start()
    one.clock = other.clock = MIDNIGHT + 5 * DAY_MS
    kept = await one.start()
    for process in (one, other, one):
        process.clock = MIDNIGHT + 30 * DAY_MS
        await KeyDestruction(needs=process.needs, log=process.log).destroy()
    assert [record.key for record in one.topic.records()] == [kept.key]
    assert (one.opens(sealed), other.opens(sealed)) == ("forgotten", "forgotten")
    assert one.opens(kept) == other.opens(kept) != "forgotten"
    removed = [record for record in one.log.records[KEYS, 0] if record.value is None]
    assert removed == [LogRecord(KEYS, sealed.key.encode(), None)]


async def test_without_kafka_a_start_is_sealed_and_its_key_goes_first(tmp_path: Path) -> None:
    """While the log is away key and event wait on disk, the key before what it seals; nothing there can be read, and both arrive."""
    process = Process()
    process.log.away = True
    outbox = Outbox(tmp_path, process.log, Metrics())
    sending: Any = Sending()
    durable = DurablePublisher(sending, DurableLog(process.log, outbox), process.needs)
    assert await durable.append_or_queue(example(e.FallbackStarted)) is None
    assert await durable.append_or_queue(example(e.SearchMade)) is None
    assert [record.topic for record in outbox.waiting] == [KEYS, "demand", "demand"]
    on_disk = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert [word for word in WORDS if word in on_disk] == []
    process.log.away = False
    await outbox.drain()
    await outbox.close()
    [record] = process.topic.records()
    other = Process(process.log)
    sealed = json.loads(next(iter(process.log.records[key] for key in process.log.records if key[0] == "demand"))[0].value or b"")["data"][
        "sealed"
    ]
    assert sealed["key"] == record.key
    assert other.needs.open("fallback", CASE, **sealed) == process.needs.open("fallback", CASE, **sealed)


class Sending:
    """Makes the records of events, as the publisher does."""

    def record(self, event: e.Event) -> LogRecord:
        """Return the record of an event."""
        return LogRecord("demand", CASE.encode(), encode(event))


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API with a shelter."""
    async with desks(tmp_path) as opened:
        await opened.shelters("berk")
        yield opened


async def test_a_search_and_a_fallback_are_logged_sealed(at: Desks) -> None:
    """What the API logs, what the view then holds and what the audit log says has nothing of the need that was stated."""
    await at.search(body=MOTHER | NEED)
    hotel = {**MOTHER, **NEED, "accommodation": "hotel", "reason": "at_night"}
    assert (await at.call("post", "/v1/fallbacks", at.callers.worker(), hotel, "k1")).status_code == 201
    logged = [record.value or b"" for records in at.log.records.values() for record in records]
    assert sum(b".v2" in value for value in logged) == 2
    assert [word for word in WORDS if any(word in value for value in logged)] == []
    assert [word for word in WORDS if any(word in document for document in await documents(at))] == []
    assert [word for word in WORDS if any(word in value for value in at.audited.values)] == []


async def documents(at: Desks) -> list[bytes]:
    """Return the open cases as the view holds them."""
    snapshots = [await at.folded.demand.read_partition(number) for number in range(12)]
    cases = [case for snapshot in snapshots for case in snapshot.open]
    assert len(cases) == 2
    return [repr(case).encode() for case in cases]


async def test_a_hotel_whose_need_is_forgotten_can_still_be_ended(at: Desks) -> None:
    """An open fallback shows its need while its key lasts; then that it is no longer kept, and everything else works on."""
    hotel = {**MOTHER, **NEED, "accommodation": "hotel", "reason": "at_night"}
    started = await at.call("post", "/v1/fallbacks", at.callers.worker(), hotel, "k1")
    assert started.status_code == 201, started.text
    [shown] = (await at.call("get", "/v1/fallbacks", at.callers.worker())).json()["fallbacks"]
    assert (shown["need"], shown["men"], shown["oldest_son_age"]) == ("known", 0, 9)
    at.needs.now = lambda: at.folded.now + 32 * DAY_MS
    later = await at.call("get", "/v1/fallbacks", at.callers.worker())
    assert later.status_code == 200, later.text
    [shown] = later.json()["fallbacks"]
    assert (shown["need"], shown["men"], shown["oldest_son_age"]) == ("forgotten", None, None)
    assert (shown["adults"], shown["children"], shown["accommodation"]) == (1, 2, "hotel")
    path = f"/v1/fallbacks/{shown['fallback']}/end"
    ended = await at.call("post", path, at.callers.worker(), {"outcome": "home"}, "k2")
    assert (ended.status_code, ended.json()["status"]) == (200, "logged")
    assert (await at.call("get", "/v1/fallbacks", at.callers.worker())).json()["fallbacks"] == []
