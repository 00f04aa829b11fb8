"""The verifier: everything that is not as the log gives it is a difference, and nothing else is."""

from collections.abc import Callable
from dataclasses import replace

import orjson
import pytest

from services.adapters.view.last_checks import ViewCheck
from services.adapters.view.ports import FOLD_VERSION, Position, Saved
from services.cli.operator.verify import report_lines, summarize
from services.domain.beds.staleness import StalenessLimits
from services.processor.projections.beds import BedProjectionFactory
from services.processor.view_verifier import Difference, PartitionComparison, Verifier
from tests import tapes
from tests.processor.logs import WIRE, Logged, MemoryLog, ReadableLog, Worker
from tests.twins.memory_view import MemoryView

DAY = 86_400_000


def played(tape: str, start: int = 0) -> ReadableLog:
    """Return a log of one partition."""
    log = ReadableLog()
    log.append(tapes.load(tape), start)
    return log


async def folded(log: MemoryLog, *, up_to: int | None = None, batch: int = 50) -> MemoryView:
    """Return the view of a log after a sweep."""
    view = MemoryView(1)
    worker = await Worker(view, log).assigned()
    await worker.read(up_to=up_to, batch=batch)
    await worker.manager.tick([0], 20_000)
    return view


async def compared(view: MemoryView, log: ReadableLog) -> PartitionComparison:
    """Compare the only partition."""
    return await Verifier(BedProjectionFactory(WIRE, StalenessLimits()), view, log).compare(0)


def lines(comparison: PartitionComparison) -> list[str]:
    """Return the differences as they are printed."""
    return report_lines("plek", [comparison], 1.0)[:-1]


def saved(view: MemoryView) -> Saved:
    """Return the data that the view stores."""
    stored = view._kept[0].saved
    assert stored
    return stored


def test_the_result_is_stored_in_numbers() -> None:
    """What a page shows of a comparison: when, of which partitions, how many records, and how many differences in all."""
    results = [
        PartitionComparison(0, records=5, differences=[Difference(0, "counts", "national:free", "1, not 2")] * 2),
        PartitionComparison(0, "demand", records=7, differences=[Difference(0, "position", "", "never folded")]),
    ]
    assert summarize(results, 9, everything=False) == ViewCheck(at=9, partitions=2, all=False, records=12, differences=3)


@pytest.mark.parametrize("tape", ["week", "rough", "timed"])
@pytest.mark.parametrize("batch", [1, 13, 2_000])
async def test_a_view_that_was_folded_has_no_difference(tape: str, batch: int) -> None:
    """However a log was cut into batches, every byte of the view follows from the log."""
    log = played(tape)
    comparison = await compared(await folded(log, batch=batch), log)
    assert comparison == PartitionComparison(0, records=len(log.records))


async def test_time_that_passed_without_events_is_folded_in() -> None:
    """Counts are compared at the time of the last sweep: expired holds and silent shelters are no differences."""
    log = played("timed")
    view = MemoryView(1)
    worker = await Worker(view, log).assigned()
    await worker.read()
    for later in range(0, 3 * DAY, DAY // 4):
        await worker.manager.tick([0], log.records[-1].timestamp + later)
        assert (await compared(view, log)).differences == []


async def test_events_may_go_on_to_arrive() -> None:
    """A log is folded to the position of the view, though events go on to arrive."""
    log = played("rough")
    comparison = await compared(await folded(log, up_to=700), log)
    assert comparison == PartitionComparison(0, records=700)


async def test_a_log_need_not_start_at_0() -> None:
    """A log that begins at another offset than 0 is folded from its first record."""
    log = played("rough", start=12_345)
    assert await compared(await folded(log), log) == PartitionComparison(0, records=len(log.records))


async def test_names_forgotten_after_400_days_are_no_difference() -> None:
    """The view and a fresh fold forget the same names at the same clock."""
    log = played("rough")
    late = [replace(record, timestamp=record.timestamp + 401 * DAY, offset=record.offset + 1_335) for record in log.records]
    log.records += late
    assert await compared(await folded(log), log) == PartitionComparison(0, records=2_670)


async def test_a_shelter_that_moved_between_regions_within_a_batch_is_no_difference() -> None:
    """A region that a shelter entered and left within a batch has zeros in one fold and no counts in the other: no difference."""
    register = next(line for line in tapes.load("week") if b"shelter-registered" in (line.value or b""))
    event = orjson.loads(register.value or b"")
    log = ReadableLog()
    for number, region in enumerate(("R01", "R02", "R03")):
        moved = event | {"id": f"m{number}", "time": f"2026-03-03T00:00:0{number}Z", "data": event["data"] | {"region": region}}
        log.records.append(Logged(number, 1_000, register.key, orjson.dumps(moved)))
    assert "region:R01:free" in saved(await folded(log, batch=1)).counts
    for batch in (1, 3):
        assert (await compared(await folded(log, batch=batch), log)).differences == []


def _count(stored: Saved) -> None:
    stored.counts["national:free"] += 1


def _fact(stored: Saved) -> None:
    del stored.facts[min(stored.facts)]


def _another(stored: Saved) -> None:
    stored.facts[99_999] = b"{}"


def _seen(stored: Saved) -> None:
    stored.seen[min(stored.seen)] += 1


def _corrected(stored: Saved) -> None:
    stored.corrected[b"0123456789abcdef"] = 5


def _hold(stored: Saved) -> None:
    name = min(stored.holds)
    stored.holds[name] = orjson.dumps(orjson.loads(stored.holds[name]) | {"until": 1, "desk": "secret"}, option=orjson.OPT_SORT_KEYS)


def _shelter(stored: Saved) -> None:
    name = min(stored.shelters)
    stored.shelters[name] = b" " + stored.shelters[name]


def _unit(stored: Saved) -> None:
    stored.units[min(stored.units)] = b"broken"


def _clock(stored: Saved) -> None:
    stored.position = replace(stored.position, clock=7)


def _letters(stored: Saved) -> None:
    stored.position = replace(stored.position, dead_letters=42)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_count, "plek:{0}:counts national:free: the view has 33, the log gives 32"),
        (_fact, "plek:{0}:facts 0: missing in the view"),
        (_another, "plek:{0}:facts 99999: only in the view"),
        (_seen, "plek:{0}:seen "),
        (_corrected, "plek:{0}:corrected 30313233343536373839616263646566: only in the view"),
        (_hold, ": other desk, until"),
        (_shelter, "plek:{0}:shelters appel-1-7: written otherwise"),
        (_unit, ": no document in the view"),
        (_clock, "plek:{0}:position clock: the view has 7, the log gives 2334"),
        (_letters, "plek:{0}:position dead_letters: the view has 42, the log gives 43"),
    ],
)
async def test_every_byte_counts(spoil: Callable[[Saved], None], says: str) -> None:
    """One thing changed anywhere is one difference, with its key and name, and without its value."""
    log = played("rough")
    view = await folded(log)
    spoil(saved(view))
    (line,) = lines(await compared(view, log))
    assert says in line
    assert "secret" not in line


async def test_another_log_is_one_difference() -> None:
    """A view of another log is one difference that says what to do, not thousands."""
    view = await folded(played("rough"))
    (line,) = lines(await compared(view, played("week")))
    assert "the first record of the log is another one" in line


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda position: replace(position, offset=99_999), "beyond the end"),
        (lambda position: replace(position, fold_version=0), f"folded by version 0, this program is version {FOLD_VERSION}"),
    ],
)
async def test_a_view_that_can_not_be_compared_says_why(spoil: Callable[[Position], Position], says: str) -> None:
    """A view that can't be compared is a difference that says why."""
    log = played("rough")
    view = await folded(log)
    saved(view).position = spoil(saved(view).position)
    (line,) = lines(await compared(view, log))
    assert says in line


async def test_a_log_that_lost_its_beginning_can_not_be_folded_again() -> None:
    """A log of which the first records were deleted can't be folded again: that is one difference."""
    log = played("rough")
    view = await folded(log)
    log.records = log.records[100:]
    (line,) = lines(await compared(view, log))
    assert "folded from offset 0 on, but the log begins at 100 now" in line


async def test_a_partition_never_folded_is_a_difference_or_a_remark() -> None:
    """A partition that was never folded is a difference with records in its log, and a remark without any."""
    comparison = await compared(MemoryView(1), played("rough"))
    assert lines(comparison) == ["plek:{0}:position: never folded, or about to be rebuilt: its log holds 1335 records"]
    empty = await compared(MemoryView(1), ReadableLog())
    assert (empty.differences, lines(empty)) == ([], ["partition 0 of beds: never folded; its log is empty"])


async def test_an_empty_partition_that_is_owned_has_no_difference() -> None:
    """A partition with an empty log and an empty view has no difference."""
    log = ReadableLog()
    assert await compared(await folded(log), log) == PartitionComparison(0)


async def test_a_halted_partition_is_compared_where_it_stands() -> None:
    """A halted partition is compared up to the record before which it halted."""
    lines = tapes.load("week")
    log = ReadableLog()
    log.append([*lines[:40], replace(lines[40], value=(lines[40].value or b"").replace(b".v1", b".v2")), *lines[41:80]])
    view = MemoryView(1)
    worker = await Worker(view, log).assigned()
    await worker.read()
    assert worker.manager.halted()
    assert await compared(view, log) == PartitionComparison(0, records=40)


async def test_a_view_beyond_a_type_too_new_is_a_difference() -> None:
    """A view that has folded a type too new for this program is a difference."""
    log = played("week")
    view = await folded(log)
    log.records[40] = replace(log.records[40], value=(log.records[40].value or b"").replace(b".v1", b".v2"))
    (line,) = lines(await compared(view, log))
    assert "offset 40 is newer than this program, and yet folded" in line


class Unreadable(MemoryView):
    """A view that can't be read."""

    async def load(self, _partition: int) -> Saved | None:
        """Raise what the reader of numbers raises."""
        raise ValueError("invalid literal")


async def test_what_can_not_be_read_is_a_difference() -> None:
    """A view that can't be read is a difference, not a traceback."""
    (line,) = lines(await compared(Unreadable(1), played("rough")))
    assert line == "plek:{0}:position: the data in the view can't be read"


def test_the_last_line_is_for_all() -> None:
    """The last line of the report has the number of differences, records and partitions, and the time taken."""
    assert report_lines("plek", [PartitionComparison(0, records=4_000), PartitionComparison(1, "demand", 1_016)], 1.94) == [
        "0 differences: 5,016 records folded anew, 2 partitions compared, 1.9 s"
    ]
