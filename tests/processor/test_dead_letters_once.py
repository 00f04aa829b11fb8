"""Dead letters over a rebuild: counted again from the log, and not sent again."""

from tests import tapes
from tests.processor.logs import MemoryLog, Worker
from tests.twins.memory_view import MemoryView


async def test_a_worker_that_rebuilds_sends_no_dead_letter_again() -> None:
    """A worker that was assigned the partition before the group had committed anything sends no dead letter again in a rebuild."""
    log, view = MemoryLog().append(tapes.load("rough")), MemoryView(1)
    worker = await Worker(view, log).assigned()
    await worker.read()
    sent = list(worker.dead_letters.sent)
    await view.forget(0)
    await worker.manager.tick([0], 10_000)
    await worker.read()
    position = await view.position(0)
    assert position
    assert (position.dead_letters, len(sent), worker.dead_letters.sent) == (43, 43, sent)
