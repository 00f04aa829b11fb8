"""The order of what a partition manager does, and the state in between: what a later repair would hide is seen here."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from services.adapters.codec.event_codec import RefusedEvent
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.view.ports import ViewUnavailableError, Write
from tests import tapes
from tests.processor.logs import DeadLetterInbox, MemoryLog, Worker
from tests.tapes import Line
from tests.twins.memory_view import MemoryView

NOW = 10_000
_GOOD = tapes.load("week")[:20]
_BAD = Line(key=b"hazelaar-1", value=b"no JSON")


def _log(*bad: int) -> MemoryLog:
    """Return a log of twenty records, with one that no event is at each of these offsets."""
    lines = list(_GOOD)
    for offset in bad:
        lines[offset] = _BAD
    return MemoryLog().append(lines)


@dataclass
class _Inbox(DeadLetterInbox):
    """Dead letters whose acknowledgement takes a moment; `steps` has when it came."""

    steps: list[str] = field(default_factory=list)
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.answers.set()

    async def send(self, refused: Sequence[tuple[Any, RefusedEvent]]) -> None:
        """Store refused records, and note that they are acknowledged."""
        for _ in range(3):
            await asyncio.sleep(0)
        await self.answers.wait()
        await super().send(refused)
        self.steps.append("acknowledged")


class _View(MemoryView):
    """A view of which a test decides what a write meets: it waits, is refused, or loses its answer."""

    def __init__(self, steps: list[str]) -> None:
        super().__init__(1)
        self.steps = steps
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.begun = asyncio.Event()
        self.refuses = self.loses_answer = False

    async def write(self, partition: int, write: Write) -> bool:
        """Write as the view does, and note it."""
        self.begun.set()
        await self.goes_on.wait()
        if self.refuses:
            return False
        written = await super().write(partition, write)
        self.steps.append("written")
        if self.loses_answer:
            raise ViewUnavailableError("no answer")
        return written


async def _worker(log: MemoryLog, committed: int = 0) -> tuple[Worker, _View]:
    steps: list[str] = []
    view = _View(steps)
    return await Worker(view, log, dead_letters=_Inbox(steps=steps)).assigned(committed), view


async def _position(view: MemoryView) -> int | None:
    position = await view.position(0)
    return position.offset if position else None


async def test_dead_letters_are_acknowledged_before_the_view_counts_them() -> None:
    """A batch with a record that is no event is written after its dead letter was acknowledged: each that is counted can be read (R13)."""
    worker, view = await _worker(_log(3))
    await worker.read()
    assert view.steps == ["acknowledged", "written"]


async def test_a_dead_letter_that_is_not_acknowledged_holds_up_its_batch() -> None:
    """While the dead letters can't be written the view does not move, and what is shown has not counted them."""
    worker, view = await _worker(_log(3))
    assert isinstance(worker.dead_letters, _Inbox)
    sent = worker.dead_letters.answers
    sent.clear()
    folding = asyncio.create_task(worker.read())
    for _ in range(20):
        await asyncio.sleep(0)
    assert await _position(view) == -1
    sent.set()
    await folding
    assert await _position(view) == 19


@pytest.mark.parametrize(("committed", "sent"), [(0, [3, 7]), (3, [3, 7]), (4, [7]), (7, [7]), (8, [])])
async def test_dead_letters_below_the_groups_offset_were_sent_before(committed: int, sent: list[int]) -> None:
    """A rebuild sends the dead letters from the offset on that the group has committed, that one included, and no other."""
    worker, _ = await _worker(_log(3, 7), committed)
    await worker.read()
    assert [record.offset for record, _ in worker.dead_letters.sent] == sent


async def test_a_rebuild_by_the_same_worker_sends_no_dead_letter_again() -> None:
    """Two dead letters of one batch are remembered up to the last: folded again, none is sent."""
    worker, view = await _worker(_log(3, 7))
    await worker.read()
    await view.forget(0)
    await worker.manager.tick([0], NOW)
    await worker.read()
    assert [record.offset for record, _ in worker.dead_letters.sent] == [3, 7]


async def test_no_position_is_known_while_a_write_is_under_way() -> None:
    """What the group may commit never runs ahead of the view: a partition is out of memory until its write has been answered."""
    worker, view = await _worker(_log())
    await worker.manager.fold(0, worker.log.between(0, 5))
    assert worker.manager.positions() == {0: 4}
    view.goes_on.clear()
    view.begun.clear()
    folding = asyncio.create_task(worker.manager.fold(0, worker.log.between(5, 9)))
    await view.begun.wait()
    assert worker.manager.positions() == {}
    view.goes_on.set()
    await folding
    assert worker.manager.positions() == {0: 8}


async def test_records_that_were_folded_are_left_out_of_a_batch() -> None:
    """A batch that begins with records of before is folded from the first new one on, without going back."""
    worker, view = await _worker(_log())
    await worker.manager.fold(0, worker.log.between(0, 5))
    worker.next_offset = 9
    await worker.manager.fold(0, worker.log.between(3, 9))
    assert (await _position(view), worker.next_offset) == (8, 9)


async def test_a_batch_of_records_that_were_all_folded_changes_nothing() -> None:
    """Records of before that arrive once more are no gap: nothing is written, and the consumer is not sent back."""
    worker, view = await _worker(_log())
    await worker.manager.fold(0, worker.log.between(0, 5))
    worker.next_offset = 9
    view.steps.clear()
    await worker.manager.fold(0, worker.log.between(2, 5))
    assert (view.steps, worker.manager.positions(), worker.next_offset) == ([], {0: 4}, 9)


async def test_the_batches_of_a_partition_are_folded_one_after_the_other() -> None:
    """A batch that comes while the one before it is written waits for that, and then follows on it: nothing is loaded again."""
    worker, view = await _worker(_log())
    worker.next_offset = 9
    view.goes_on.clear()
    folding = [asyncio.create_task(worker.manager.fold(0, worker.log.between(*each))) for each in ((0, 5), (5, 9))]
    await view.begun.wait()
    view.goes_on.set()
    await asyncio.gather(*folding)
    assert (view.steps, await _position(view), worker.next_offset) == (["written", "written"], 8, 9)


async def test_dead_letters_are_sent_again_until_they_are_acknowledged() -> None:
    """While Kafka is away a dead letter is tried again, and its batch is folded once it was taken."""

    class Away(_Inbox):
        tries = 0

        async def send(self, refused: Sequence[tuple[Any, RefusedEvent]]) -> None:
            self.tries += 1
            if self.tries == 1:
                raise LogUnavailableError
            await super().send(refused)

    worker, view = await _worker(_log(3))
    worker.manager._dead_letters = inbox = Away(steps=view.steps)
    await worker.manager.fold(0, worker.log.between(0, 5))
    assert (view.steps, [record.offset for record, _ in inbox.sent], worker.manager.waited) == (["acknowledged", "written"], [3], True)


async def test_the_end_of_the_log_at_assignment_is_in_the_view() -> None:
    """A worker that takes over a view behind its log writes up to where it is rebuilt, so that no reader takes the past for now."""
    log = _log()
    worker, view = await _worker(log)
    await worker.read(up_to=12)
    log.append(_GOOD[:3])
    await Worker(view, log).assigned()
    position = await view.position(0)
    assert position is not None
    assert (position.rebuild_until, position.rebuilding) == (23, True)


async def test_a_batch_after_a_gap_writes_nothing() -> None:
    """Records that do not follow on memory are not folded: the view keeps its position, and the consumer goes back to it."""
    worker, view = await _worker(_log())
    await worker.manager.fold(0, worker.log.between(0, 5))
    view.steps.clear()
    await worker.manager.fold(0, worker.log.between(7, 9))
    assert (view.steps, await _position(view), worker.next_offset) == ([], 4, 5)


async def test_a_refused_write_leaves_nothing_of_it_in_memory() -> None:
    """After a refusal of the fence memory is what the view has, the refusal is counted, and the consumer goes back."""
    worker, view = await _worker(_log())
    await worker.manager.fold(0, worker.log.between(0, 5))
    view.refuses = True
    await worker.manager.fold(0, worker.log.between(5, 9))
    assert (worker.manager.positions(), worker.manager.refusals, worker.next_offset) == ({0: 4}, 1, 5)


async def test_a_sweep_without_an_answer_leaves_nothing_in_memory() -> None:
    """Where it is not known whether a sweep was written, the partition is loaded again before it is used."""
    worker, view = await _worker(_log())
    await worker.read()
    view.loses_answer = True
    await worker.manager.tick([0], NOW)
    assert (worker.manager.positions(), worker.manager.waited) == ({}, True)
    view.loses_answer = False
    await worker.manager.tick([0], NOW)
    assert worker.manager.positions() == {0: 19}


async def test_a_sweep_that_is_refused_leaves_nothing_in_memory() -> None:
    """Where the fence refuses a sweep another worker has written: the partition is loaded again, and read on from the view."""
    worker, view = await _worker(_log())
    await worker.manager.fold(0, worker.log.between(0, 5))
    worker.next_offset, view.refuses = 9, True
    await worker.manager.tick([0], NOW)
    assert (worker.manager.refusals, worker.manager.positions(), worker.next_offset) == (1, {0: 4}, 5)


async def test_a_partition_that_was_revoked_is_no_longer_known() -> None:
    """After revocation there is no position of the partition to be committed."""
    worker, _ = await _worker(_log())
    await worker.read()
    worker.manager.revoke([0])
    assert worker.manager.positions() == {}


@pytest.mark.parametrize("committed", [0, 5, 20])
async def test_a_partition_is_read_on_from_the_view(committed: int) -> None:
    """Whatever the group has committed, the next record is the one after the position of the view."""
    log = _log()
    worker, view = await _worker(log)
    await worker.read(up_to=12)
    assert (await Worker(view, log).assigned(committed)).next_offset == 12


async def test_a_halted_partition_folds_nothing() -> None:
    """Records that arrive for a halted partition are not folded, and the view keeps its position."""
    log = _log()
    worker, view = await _worker(log)
    await worker.read(up_to=12)
    other = await Worker(view, MemoryLog().append(_GOOD[1:15])).assigned()
    assert other.manager.halted()
    view.steps.clear()
    await other.manager.fold(0, log.between(12, 15))
    assert view.steps == []


async def test_what_follows_on_a_halt_does_not_take_it_back() -> None:
    """The records after a type that is too new were fetched with it: they neither end the halt nor send the consumer back to it."""
    newer = replace(_GOOD[7], value=(_GOOD[7].value or b"").replace(b".v1", b".v2"))
    worker, view = await _worker(MemoryLog().append([*_GOOD[:7], newer, *_GOOD[8:]]))
    await worker.manager.fold(0, worker.log.between(0, 8))
    assert worker.manager.halted()
    worker.next_offset, halted = 20, await view.halted()
    await worker.manager.fold(0, worker.log.between(8, 20))
    assert (bool(worker.manager.halted()), worker.next_offset, await view.halted()) == (True, 20, halted)


async def test_a_view_is_true_as_of_the_time_at_which_the_end_was_seen() -> None:
    """Behind the end of the log a tick states no new time; once that end is reached, the time at which it was seen and no later one."""
    worker, view = await _worker(_log())
    await worker.read(up_to=19)
    await worker.manager.tick([0], NOW)
    before = await view.position(0)
    worker.log.append(_GOOD[:3])
    await worker.manager.fold(0, worker.log.between(19, 21))
    await worker.manager.tick([0], NOW + 5_000)
    after = await view.position(0)
    assert before is not None
    assert after is not None
    assert (before.alive_at < NOW, after.alive_at) == (True, NOW)


async def test_a_dead_letter_moves_the_clock_of_its_partition() -> None:
    """The last record of a log is no event: its time is the clock, it counts, and the position stands after it."""
    log = _log(19)
    worker, view = await _worker(log)
    await worker.read()
    position = await view.position(0)
    assert position is not None
    assert (position.clock, position.dead_letters, position.offset) == (max(each.timestamp for each in log.records), 1, 19)
    assert log.records[19].timestamp == position.clock
