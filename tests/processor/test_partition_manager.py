"""The partition manager: whatever happens to workers, Redis and Kafka, the view is exactly what the log gives."""

import asyncio
from dataclasses import replace

import pytest

from services.adapters.kafka.log_reader import Ends, Fingerprint
from services.adapters.view.ports import FOLD_VERSION, Position
from services.processor.partition_manager import why_view_mismatches_log
from tests import tapes
from tests.processor.logs import MemoryLog, Worker
from tests.processor.scenarios import undisturbed, without_times
from tests.processor.states import state
from tests.twins.memory_view import MemoryView

NOW = 10_000


def rough() -> MemoryLog:
    """Return a log of one partition with everything in it: duplicates, dead letters, holds."""
    return MemoryLog().append(tapes.load("rough"))


async def test_the_rough_tape_gives_its_state() -> None:
    """The rough tape, with records in any order, twice, and spoiled, gives the state that two other programs agree on."""
    view = MemoryView(1)
    await (await Worker(view, rough()).assigned()).read()
    assert await state(view, NOW) == tapes.expected("rough")


@pytest.mark.parametrize("batch", [1, 7, 2000])
async def test_the_size_of_batches_does_not_matter(batch: int) -> None:
    """One record at a time or all at once: the view stores the same bytes."""
    log, view = rough(), MemoryView(1)
    await (await Worker(view, log).assigned()).read(batch=batch)
    assert without_times(await view.load(0)) == without_times(await undisturbed(log))


async def test_a_refused_worker_goes_on_from_the_view() -> None:
    """A worker with a refused write drops its memory, loads the view and reads on from there."""
    log, view = rough(), MemoryView(1)
    sleeper = await Worker(view, log).assigned()
    await sleeper.read(up_to=300)
    await (await Worker(view, log).assigned()).read(up_to=900)
    await sleeper.manager.fold(0, log.between(300, 350))
    assert (sleeper.next_offset, sleeper.manager.positions(), sleeper.manager.refusals) == (900, {0: 899}, 1)


async def test_a_gap_is_never_skipped() -> None:
    """Records that do not follow on the view are not folded; the worker goes back to the position of the view."""
    log, view = rough(), MemoryView(1)
    worker = await Worker(view, log).assigned()
    await worker.read(up_to=100)
    await worker.manager.fold(0, log.between(150, 200))
    assert worker.next_offset == 100
    await worker.read()
    assert without_times(await view.load(0)) == without_times(await undisturbed(log))


async def test_an_emptied_view_is_built_again_from_the_log() -> None:
    """A view that is lost under a running worker is rebuilt exactly, even when no event follows."""
    log, view = rough(), MemoryView(1)
    worker = await Worker(view, log).assigned()
    await worker.read(up_to=700)
    view.wipe()
    await worker.manager.tick([0], NOW)
    assert worker.next_offset == 0
    await worker.read()
    assert without_times(await view.load(0)) == without_times(await undisturbed(log))


async def test_a_restored_older_dump_is_caught_up() -> None:
    """When Redis is restored from an older dump, a running worker goes back to its position and folds on."""
    log, view = rough(), MemoryView(1)
    worker = await Worker(view, log).assigned()
    await worker.read(up_to=400)
    dump = await view.load(0)
    await worker.read(up_to=900)
    view._kept[0].saved = dump
    await worker.read()
    assert without_times(await view.load(0)) == without_times(await undisturbed(log))


async def test_dead_letters_are_counted_once_and_sent_once_over_a_rebuild() -> None:
    """A rebuild counts dead letters again from the log, and sends none that the group had handled."""
    log, view = rough(), MemoryView(1)
    first = await Worker(view, log).assigned()
    await first.read()
    view.wipe()
    second = await Worker(view, log).assigned(committed=len(log.records))
    await second.read()
    saved = await view.load(0)
    assert saved
    assert (saved.position.dead_letters, len(first.dead_letters.sent), second.dead_letters.sent) == (43, 43, [])


async def test_a_log_need_not_start_at_0() -> None:
    """A log that starts at another offset than 0 folds to the same state."""
    log, view = MemoryLog().append(tapes.load("rough"), start=12_345), MemoryView(1)
    await (await Worker(view, log).assigned()).read(batch=100)
    assert await state(view, NOW + 20_000) == tapes.expected("rough")


async def test_a_type_too_new_stops_its_partition_before_it() -> None:
    """R13: before a type in a later version a partition halts and shows why; what comes before it is folded, and nothing is skipped."""
    lines = tapes.load("week")
    newer = replace(lines[40], value=(lines[40].value or b"").replace(b".v1", b".v2"))
    log, view = MemoryLog().append([*lines[:40], newer, *lines[40:80]]), MemoryView(1)
    worker = await Worker(view, log).assigned()
    await worker.read()
    look = await view.read_partition(0)
    assert look.position
    assert look.position.offset == 39
    assert "offset 40" in (look.halted or "")
    await worker.manager.retry_halted()
    assert await view.halted()
    await worker.read()
    assert 0 in worker.manager.halted()


async def test_a_partition_is_shown_as_halted_until_it_has_moved_on() -> None:
    """A halted partition that is loaded again is shown as halted until a record was folded, by the same worker or by the next."""
    lines = tapes.load("week")
    newer = replace(lines[40], value=(lines[40].value or b"").replace(b".v1", b".v2"))
    view = MemoryView(1)
    halted = await Worker(view, MemoryLog().append([*lines[:40], newer])).assigned()
    await halted.read()
    upgraded = await Worker(view, MemoryLog().append(lines)).assigned()
    assert await view.halted()
    await upgraded.read()
    assert await view.halted() == {}


async def test_another_log_is_refused() -> None:
    """A topic that was created again under an existing view is refused, with what to do, until the view is dropped."""
    view = MemoryView(1)
    await (await Worker(view, rough()).assigned()).read()
    worker = await Worker(view, MemoryLog().append(tapes.load("week"))).assigned()
    assert "plek rebuild" in worker.manager.halted()[0]
    await view.forget(0)
    await worker.manager.retry_halted()
    await worker.read()
    assert await state(view, NOW) == tapes.expected("week")


async def test_another_fold_version_rebuilds_by_itself() -> None:
    """A view of another fold version is rebuilt from the first record by itself."""
    log, view = rough(), MemoryView(1)
    await (await Worker(view, log).assigned()).read(up_to=900)
    older = view._kept[0].saved
    assert older
    older.position = replace(older.position, fold_version=FOLD_VERSION - 1)
    older.counts["national:free"] = 999
    worker = await Worker(view, log).assigned()
    assert worker.next_offset == 0
    await worker.read()
    assert without_times(await view.load(0)) == without_times(await undisturbed(log))


async def test_the_feed_is_silent_while_rebuilding() -> None:
    """The changes feed is empty up to the end of the log at assignment; from there on it has every change under its offset."""
    lines = tapes.load("week")
    log, view = MemoryLog().append(lines[:200]), MemoryView(1)
    worker = await Worker(view, log).assigned()
    await worker.read(batch=50)
    before = await view.changes(0, "0")
    log.append(lines[200:260])
    await worker.read(batch=7)
    changes = await view.changes(0, "0")
    assert changes != "reload"
    offsets = [change.id.split("-")[0] for change in changes]
    assert [offset for offset in map(int, offsets) if offset < 150] == []
    assert offsets[-60:] == [str(offset) for offset in range(200, 260)]
    assert len(offsets) == len(before) + 60


@pytest.mark.parametrize(
    ("offset", "ends", "first", "says"),
    [
        (9, Ends(0, 10), "0:1:a", None),
        (9, Ends(0, 9), "0:1:a", "beyond the end"),
        (9, Ends(5, 12), "5:9:c", None),
        (9, Ends(11, 12), "11:9:c", "begins at 11"),
        (9, Ends(0, 12), "0:1:b", "another one"),
        (9, Ends(10, 10), "", "another one"),
        (-1, Ends(0, 0), "", "another one"),
    ],
)
def test_a_view_of_another_log_is_recognised(offset: int, ends: Ends, first: str, says: str | None) -> None:
    """A position beyond the end, records deleted too early and another first record each have their message."""
    refusal = why_view_mismatches_log(Position(offset=offset, fingerprint="0:1:a"), ends, Fingerprint(first))
    assert (refusal is None) if says is None else (refusal is not None and says in refusal)


async def test_a_quiet_partition_is_stamped_with_now() -> None:
    """A partition at the end of its log is stamped with now; while Kafka is away the stamp stays what it was."""
    log, view = rough(), MemoryView(1)
    worker = await Worker(view, log).assigned()
    await worker.read()
    await worker.manager.tick([0], 5_000)
    assert (await view.positions())[0].alive_at == 5_000
    log.away = True
    await worker.manager.tick([0], 6_000)
    assert (await view.positions())[0].alive_at == 5_000


async def test_a_busy_partition_is_true_as_of_the_end_it_has_passed() -> None:
    """Under steady traffic a partition is stamped with the time of an end that its position has passed."""
    log, view = MemoryLog().append(tapes.load("week")[:100]), MemoryView(1)
    worker = await Worker(view, log).assigned()
    await worker.read(up_to=50)
    await worker.manager.tick([0], 5_000)
    log.append(tapes.load("week")[100:200])
    await worker.read(up_to=150)
    await worker.manager.tick([0], 6_000)
    assert (await view.positions())[0].alive_at == 5_000


async def test_time_alone_changes_the_counts_within_a_tick() -> None:
    """A hold that expires and a shelter not heard of change the counts in the view, and the changes feed, without an event."""
    lines = tapes.load("timed")
    at = tapes.expected("timed")["at"][-1]
    log, view = MemoryLog().append(lines), MemoryView(1)
    worker = await Worker(view, log).assigned()
    await worker.read()
    before = len(await view.changes(0, "0"))
    await worker.manager.tick([0], round(at["now"] * 1000))
    saved = await view.load(0)
    assert saved
    assert {state: saved.counts[f"national:{state}"] for state in at["national"]} == at["national"]
    for region, counts in at["regions"].items():
        assert {state: saved.counts[f"region:{region}:{state}"] for state in counts} == counts
    assert len(await view.changes(0, "0")) > before


async def test_redis_away_is_waited_for() -> None:
    """While the view can't be reached a batch waits: nothing is lost and nothing is skipped."""
    log, view = rough(), MemoryView(1)
    worker = await Worker(view, log).assigned()
    view.away = True
    reading = asyncio.ensure_future(worker.read())
    done, _ = await asyncio.wait([reading], timeout=0.5)
    assert not done
    view.away = False
    await reading
    assert without_times(await view.load(0)) == without_times(await undisturbed(log))
