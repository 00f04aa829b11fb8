"""The search of the audit log: backwards, bounded, and never with a gap."""

from collections.abc import Iterator

from services.adapters.audit.backward_search import MOST_READ, AuditQuery, search
from services.adapters.audit.reader import BLOCK
from services.adapters.audit.records import Entry, Happening, encode_record
from services.adapters.kafka.ports import LogRecord
from tests.twins.memory_audit_log import MemoryAuditLog
from tests.twins.memory_log import MemoryLog

TOPIC = "plek.audit"
ANA, BEN = "a" * 32, "b" * 32


def _still() -> float:
    return 0.0


def _log(*entries: Entry) -> MemoryAuditLog:
    log = MemoryLog(partitions=1)
    log.records[TOPIC, 0] += [LogRecord(TOPIC, None, encode_record(each, "c", number, None, "test")) for number, each in enumerate(entries)]
    return MemoryAuditLog(log, TOPIC)


def _entry(at: int, user: str = ANA, event: Happening = "holds-shown", *objects: str) -> Entry:
    return Entry(at=at, happening=event, user=user, role="worker", objects=tuple(("hold", name) for name in objects))


async def _offsets(log: MemoryAuditLog, **query: object) -> list[int]:
    finds = await search(log, AuditQuery(**query), None, 100, _still)  # type: ignore[arg-type]
    assert finds.next is None
    return [link.offset for link in finds.records]


async def test_each_filter_finds_its_records_the_newest_first() -> None:
    """By person, object, event, time, and by several of them at once."""
    log = _log(
        _entry(1_000),
        _entry(2_000, BEN, "holds-shown", "h1"),
        _entry(3_000, ANA, "search-made", "h1"),
        _entry(4_000, ANA, "holds-shown", "h10"),
    )
    assert await _offsets(log) == [3, 2, 1, 0]
    assert await _offsets(log, user=ANA) == [3, 2, 0]
    assert await _offsets(log, object="h1") == [2, 1]
    assert await _offsets(log, event="search-made") == [2]
    assert await _offsets(log, since=2_000, until=4_000) == [2, 1]
    assert await _offsets(log, user=ANA, object="h1", since=1_000) == [2]
    assert await _offsets(log, user=ANA, hidden=frozenset({"holds-shown"})) == [2]


async def test_a_person_is_not_found_by_a_value_elsewhere_in_a_record() -> None:
    """A pseudonym that stands in a record as an object is no act of that person."""
    assert await _offsets(_log(_entry(1_000, BEN, "holds-shown", ANA)), user=ANA) == []


async def test_what_is_no_record_is_never_found() -> None:
    """Bytes that are no JSON object, though they hold what is searched for."""
    log = MemoryLog(partitions=1)
    log.records[TOPIC, 0] += [LogRecord(TOPIC, None, value) for value in (ANA.encode(), b"[1]", f'["{ANA}"]'.encode())]
    assert await _offsets(MemoryAuditLog(log, TOPIC), user=ANA) == []


async def test_searches_one_after_another_leave_nothing_out() -> None:
    """A search that ends at a bound says where, and the next goes on there: each find once."""
    total, step = MOST_READ + 2 * BLOCK, 9_001
    log = _log(*(_entry(number, BEN if number % step == 0 else ANA) for number in range(total)))
    found, before, turns = list[int](), None, 0
    while turns == 0 or before is not None:
        finds = await search(log, AuditQuery(user=BEN), before, 7, _still)
        found, before, turns = found + [link.offset for link in finds.records], finds.next, turns + 1
    assert found == sorted(range(0, total, step), reverse=True)
    assert turns == 2


async def test_a_search_that_takes_long_ends_after_a_block() -> None:
    """A second is over after the first block: the search says how far it came, and read no other block."""
    times: Iterator[float] = iter((0.0, 1.0))
    log = _log(*(_entry(number) for number in range(3 * BLOCK)))
    finds = await search(log, AuditQuery(user=BEN), None, 7, lambda: next(times))
    assert (finds.records, finds.next, finds.reached) == ([], 2 * BLOCK, 2 * BLOCK)
