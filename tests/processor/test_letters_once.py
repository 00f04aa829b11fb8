"""Dead letters over a rebuild: counted anew from the log, and sent by nobody who has sent them before."""

from services.adapters.view.memory_view import MemoryView
from tests import tapes
from tests.processor.logs import MemoryLog, Worker


async def test_a_worker_that_rebuilds_sends_no_dead_letter_again() -> None:
    """Also one that was assigned the partition when the group had committed nothing yet."""
    log, view = MemoryLog().append(tapes.load("rough")), MemoryView(1)
    worker = await Worker(view, log).assigned()
    await worker.read()
    sent = list(worker.letters.sent)
    await view.forget(0)
    await worker.keeper.tick([0], 10_000)
    await worker.read()
    position = await view.position(0)
    assert position
    assert (position.dead_letters, len(sent), worker.letters.sent) == (43, 43, sent)
