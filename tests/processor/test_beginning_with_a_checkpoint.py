"""The processor and `plek verify` where the log begins with a checkpoint: any view is folded from it, and no other log is taken for it."""

from dataclasses import replace

import pytest

from services.adapters.checkpoints.checkpoint import Checkpoint
from services.adapters.view.ports import Write
from services.domain.beds.staleness import StalenessLimits
from services.processor.checkpoint_maker import CheckpointMaker
from services.processor.projections.beds import BedProjectionFactory
from services.processor.view_verifier import PartitionComparison, Verifier
from tests import tapes
from tests.processor.logs import WIRE, ReadableLog, Worker
from tests.processor.states import state
from tests.tapes import Line
from tests.twins.memory_view import MemoryView

BEDS = BedProjectionFactory(WIRE, StalenessLimits())


def played(count: int | None = None) -> ReadableLog:
    """Return the log of a week, or its first records."""
    log = ReadableLog()
    log.append(tapes.load("week")[:count])
    return log


async def made(log: ReadableLog, share: float = 0.5) -> Checkpoint:
    """Make a checkpoint of the first share of a log."""
    (checkpoint,) = await CheckpointMaker(BEDS, log).make([0], log.records[round(len(log.records) * share)].timestamp)
    return checkpoint


async def is_exact(view: MemoryView) -> bool:
    """Return whether the state is that of the whole week, but for holds that were over before the checkpoint."""
    given, expected = await state(view, 0), tapes.expected("week")
    assert given["holds"].items() <= expected["holds"].items()
    return bool(given | {"holds": {}} == expected | {"holds": {}})


async def compared(view: MemoryView, log: ReadableLog) -> PartitionComparison:
    """Compare the only partition."""
    return await Verifier(BEDS, view, log).compare(0)


async def test_an_empty_view_is_folded_from_the_checkpoint() -> None:
    """From a log without its first half the state of the whole week follows, and nothing differs from the log."""
    log = played()
    log.begin_with(await made(log))
    view = MemoryView(1)
    worker = await Worker(view, log).assigned()
    await worker.read()
    await worker.manager.tick([0], 20_000)
    assert await is_exact(view)
    assert await compared(view, log) == PartitionComparison(0, records=len(log.records))


async def test_a_view_from_before_begins_anew_by_itself() -> None:
    """A worker that finds a view without the checkpoint folds it again, whether or not the broker still has the older records."""
    for deleted in (False, True):
        log, view = played(), MemoryView(1)
        worker = await Worker(view, log).assigned()
        await worker.read()
        log.begin_with(await made(log), deleted=deleted)
        (difference,) = (await compared(view, log)).differences
        assert "its processor rebuilds it" in difference.how
        worker = await Worker(view, log).assigned()
        await worker.read()
        assert (await compared(view, log)).differences == []
        assert await is_exact(view)


class Interrupted(MemoryView):
    """A view whose worker dies before its first write."""

    dies = True

    async def write(self, partition: int, write: Write) -> bool:
        """Write, unless the worker has just died."""
        if self.dies:
            raise KeyboardInterrupt
        return await super().write(partition, write)


async def test_killed_between_the_two_steps_it_begins_again() -> None:
    """A worker that dies after it has emptied the view and before it has written the checkpoint leaves nothing that is taken for a fold."""
    log, view = played(), Interrupted(1)
    log.begin_with(await made(log))
    with pytest.raises(KeyboardInterrupt):
        await Worker(view, log).assigned()
    view.dies = False
    worker = await Worker(view, log).assigned()
    await worker.read()
    assert await is_exact(view)
    assert (await compared(view, log)).differences == []


class Fenced(MemoryView):
    """A view that another worker has begun with."""

    refusals = 2

    async def write(self, partition: int, write: Write) -> bool:
        """Refuse the first writes, as the fence does."""
        self.refusals -= 1
        return self.refusals < 0 and await super().write(partition, write)


async def test_a_beginning_that_the_fence_refuses_is_tried_again() -> None:
    """Where another worker is in between, the checkpoint is written once the fence takes it, and never skipped."""
    log, view = played(), Fenced(1)
    log.begin_with(checkpoint := await made(log))
    worker = await Worker(view, log).assigned()
    position = await view.position(0)
    assert position
    assert (position.offset + 1, position.checkpoint) == (checkpoint.offset, checkpoint.offset)
    await worker.read()
    assert await is_exact(view)


@pytest.mark.parametrize("wrong", ["beyond the end", "another record", "begins later"])
async def test_a_checkpoint_of_another_log_halts(wrong: str) -> None:
    """A checkpoint beyond the end of the log, before another record than then, or with records missing after it halts the partition."""
    log = played()
    checkpoint = await made(log)
    log.begin_with(checkpoint)
    if wrong == "beyond the end":
        log.records = log.records[:0]
        log.append(tapes.load("week")[:3])
    elif wrong == "another record":
        log.begins_with = replace(checkpoint, mark="7:7:7")
    else:
        log.records = log.records[5:]
    worker = await Worker(MemoryView(1), log).assigned()
    assert "Put the right one back" in worker.manager.halted()[0]


async def test_a_checkpoint_at_the_very_end_is_enough() -> None:
    """Where all records are older than they may be kept, the view is that of the checkpoint, and the next record follows on it."""
    log = played()
    (checkpoint,) = await CheckpointMaker(BEDS, log).make([0], log.records[-1].timestamp + 1)
    log.begin_with(checkpoint)
    view = MemoryView(1)
    worker = await Worker(view, log).assigned()
    assert await is_exact(view)
    log.append([Line(b"x", b"not json", checkpoint.state.position.clock)], start=checkpoint.offset)
    await worker.read()
    position = await view.position(0)
    assert position
    assert (position.offset, position.checkpoint, position.dead_letters) == (
        checkpoint.offset,
        checkpoint.offset,
        checkpoint.state.position.dead_letters + 1,
    )
    assert (await compared(view, log)).differences == []


async def test_a_view_of_a_lost_checkpoint_goes_on() -> None:
    """A view that was folded from a checkpoint is not thrown away where the topic of checkpoints is empty: the comparison says so."""
    log, view = played(), MemoryView(1)
    log.begin_with(await made(log))
    worker = await Worker(view, log).assigned()
    await worker.read()
    log.begins_with = None
    worker = await Worker(view, log).assigned()
    assert worker.manager.halted() == {}
    (difference,) = (await compared(view, log)).differences
    assert "the log begins at that of 0" in difference.how
