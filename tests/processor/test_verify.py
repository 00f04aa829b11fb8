"""Verify: whatever is not as the log has it is told, and nothing else is."""

from collections.abc import Callable
from dataclasses import replace

import orjson
import pytest

from services.adapters.view.memory_view import MemoryView
from services.adapters.view.port import FOLD_VERSION, Position, Saved
from services.commands.verify import report
from services.domain.freshness import Limits
from services.processor.beds import BedFold
from services.processor.verify import Compared, Verifier
from tests import tapes
from tests.processor.logs import WIRE, Logged, MemoryLog, ReadableLog, Worker

DAY = 86_400_000


def played(tape: str, start: int = 0) -> ReadableLog:
    """Return a log of one partition."""
    log = ReadableLog()
    log.append(tapes.load(tape), start)
    return log


async def folded(log: MemoryLog, *, up_to: int | None = None, batch: int = 50) -> MemoryView:
    """Return what a worker makes of a log, and what time makes of that."""
    view = MemoryView(1)
    worker = await Worker(view, log).assigned()
    await worker.read(up_to=up_to, batch=batch)
    await worker.keeper.tick([0], 20_000)
    return view


async def compared(view: MemoryView, log: ReadableLog) -> Compared:
    """Compare the only partition."""
    return await Verifier(BedFold(WIRE, Limits()), view, log).compare(0)


def told(found: Compared) -> list[str]:
    """Tell the differences as they are printed."""
    return report("plek", [found], 1.0)[:-1]


def saved(view: MemoryView) -> Saved:
    """Reach into the view."""
    kept = view._kept[0].saved
    assert kept
    return kept


@pytest.mark.parametrize("tape", ["week", "rough", "timed"])
@pytest.mark.parametrize("batch", [1, 13, 2_000])
async def test_a_view_that_was_folded_has_no_difference(tape: str, batch: int) -> None:
    """However it was cut into batches: every byte of all that is kept follows from the log."""
    log = played(tape)
    found = await compared(await folded(log, batch=batch), log)
    assert found == Compared(0, records=len(log.records))


async def test_time_that_passed_without_events_is_folded_in() -> None:
    """Counts are compared at the time they were swept at: expired holds and silent shelters are no differences."""
    log = played("timed")
    view = MemoryView(1)
    worker = await Worker(view, log).assigned()
    await worker.read()
    for later in range(0, 3 * DAY, DAY // 4):
        await worker.keeper.tick([0], log.records[-1].timestamp + later)
        assert (await compared(view, log)).differences == []


async def test_events_may_go_on_to_arrive() -> None:
    """The log is folded to where the view stands, though it goes on."""
    log = played("rough")
    found = await compared(await folded(log, up_to=700), log)
    assert found == Compared(0, records=700)


async def test_a_log_need_not_start_at_0() -> None:
    """It begins at its first record."""
    log = played("rough", start=12_345)
    assert await compared(await folded(log), log) == Compared(0, records=len(log.records))


async def test_names_forgotten_after_400_days_are_no_difference() -> None:
    """The view and a fresh fold forget the same names at the same clock."""
    log = played("rough")
    late = [replace(record, timestamp=record.timestamp + 401 * DAY, offset=record.offset + 1_335) for record in log.records]
    log.records += late
    assert await compared(await folded(log), log) == Compared(0, records=2_670)


async def test_a_shelter_that_moved_between_regions_within_a_batch_is_no_difference() -> None:
    """A region it never was in when a batch ended has noughts in one fold and nothing in the other: both say nobody."""
    register = next(line for line in tapes.load("week") if b"shelter-registered" in (line.value or b""))
    event = orjson.loads(register.value or b"")
    log = ReadableLog()
    for number, region in enumerate(("R01", "R02", "R03")):
        moved = event | {"id": f"m{number}", "time": f"2026-03-03T00:00:0{number}Z", "data": event["data"] | {"region": region}}
        log.records.append(Logged(number, 1_000, register.key, orjson.dumps(moved)))
    assert "region:R01:free" in saved(await folded(log, batch=1)).counts
    for batch in (1, 3):
        assert (await compared(await folded(log, batch=batch), log)).differences == []


def _count(kept: Saved) -> None:
    kept.counts["national:free"] += 1


def _fact(kept: Saved) -> None:
    del kept.facts[min(kept.facts)]


def _another(kept: Saved) -> None:
    kept.facts[99_999] = b"{}"


def _seen(kept: Saved) -> None:
    kept.seen[min(kept.seen)] += 1


def _corrected(kept: Saved) -> None:
    kept.corrected[b"0123456789abcdef"] = 5


def _hold(kept: Saved) -> None:
    name = min(kept.holds)
    kept.holds[name] = orjson.dumps(orjson.loads(kept.holds[name]) | {"until": 1, "desk": "secret"}, option=orjson.OPT_SORT_KEYS)


def _shelter(kept: Saved) -> None:
    name = min(kept.shelters)
    kept.shelters[name] = b" " + kept.shelters[name]


def _unit(kept: Saved) -> None:
    kept.units[min(kept.units)] = b"broken"


def _clock(kept: Saved) -> None:
    kept.position = replace(kept.position, clock=7)


def _letters(kept: Saved) -> None:
    kept.position = replace(kept.position, dead_letters=42)


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
    """One thing changed anywhere is one difference, with its key and name, and nothing of what it holds."""
    log = played("rough")
    view = await folded(log)
    spoil(saved(view))
    (line,) = told(await compared(view, log))
    assert says in line
    assert "secret" not in line


async def test_another_log_is_told_before_it_is_folded() -> None:
    """One difference that says what to do, not thousands."""
    view = await folded(played("rough"))
    (line,) = told(await compared(view, played("week")))
    assert "the first record of the log is another one" in line


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda position: replace(position, offset=99_999), "beyond the end"),
        (lambda position: replace(position, fold_version=0), f"folded by version 0, this program is version {FOLD_VERSION}"),
    ],
)
async def test_a_view_that_can_not_be_compared_says_why(spoil: Callable[[Position], Position], says: str) -> None:
    """It counts as a difference: nobody may take it for right."""
    log = played("rough")
    view = await folded(log)
    saved(view).position = spoil(saved(view).position)
    (line,) = told(await compared(view, log))
    assert says in line


async def test_a_log_that_lost_its_beginning_can_not_be_folded_again() -> None:
    """Records before the controller's period are gone; until there are checkpoints, that is said."""
    log = played("rough")
    view = await folded(log)
    log.records = log.records[100:]
    (line,) = told(await compared(view, log))
    assert "folded from offset 0 on, but the log begins at 100 now" in line


async def test_a_partition_never_folded_is_told() -> None:
    """With records in its log it is a difference, with none only worth a word."""
    found = await compared(MemoryView(1), played("rough"))
    assert told(found) == ["plek:{0}:position: never folded, or about to be rebuilt: its log holds 1335 records"]
    empty = await compared(MemoryView(1), ReadableLog())
    assert (empty.differences, told(empty)) == ([], ["partition 0 of beds: never folded; its log is empty"])


async def test_an_empty_partition_that_is_owned_has_no_difference() -> None:
    """Nothing was folded, nothing is kept, nothing differs."""
    log = ReadableLog()
    assert await compared(await folded(log), log) == Compared(0)


async def test_a_halted_partition_is_compared_where_it_stands() -> None:
    """It stopped before what it could not read; up to there it is right."""
    lines = tapes.load("week")
    log = ReadableLog()
    log.append([*lines[:40], replace(lines[40], value=(lines[40].value or b"").replace(b".v1", b".v2")), *lines[41:80]])
    view = MemoryView(1)
    worker = await Worker(view, log).assigned()
    await worker.read()
    assert worker.keeper.halted()
    assert await compared(view, log) == Compared(0, records=40)


async def test_a_view_that_went_past_what_it_could_not_know_is_told() -> None:
    """An older program must not call right what it does not understand."""
    log = played("week")
    view = await folded(log)
    log.records[40] = replace(log.records[40], value=(log.records[40].value or b"").replace(b".v1", b".v2"))
    (line,) = told(await compared(view, log))
    assert "offset 40 is newer than this program, and yet folded" in line


class Unreadable(MemoryView):
    """A view in which a number is none."""

    async def load(self, _partition: int) -> Saved | None:
        """Fail as the reader of numbers does."""
        raise ValueError("invalid literal")


async def test_what_can_not_be_read_is_a_difference() -> None:
    """Not a traceback."""
    (line,) = told(await compared(Unreadable(1), played("rough")))
    assert line == "plek:{0}:position: what is kept can't be read"


def test_the_last_line_is_for_all() -> None:
    """Differences first, then how much was compared, in how long."""
    assert report("plek", [Compared(0, records=4_000), Compared(1, "demand", 1_016)], 1.94) == [
        "0 differences: 5,016 records folded anew, 2 partitions compared, 1.9 s"
    ]
