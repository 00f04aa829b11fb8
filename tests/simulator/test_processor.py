"""The country through the processor's own keeper and view: the same truth, by the whole way from bytes to what the view shows."""

from services.adapters.view.memory_view import MemoryView
from services.adapters.wire import encode, key_of
from services.domain.events import DEMAND_EVENTS
from services.simulator.country import Country
from services.simulator.document import document
from services.simulator.hours import DAY
from tests.processor.logs import MemoryLog, Worker
from tests.processor.states import state
from tests.simulator.countries import START
from tests.tapes import Line


async def test_the_view_shows_the_truth() -> None:
    """What the processor writes of ten days, read day by day, is what the country says it is."""
    country, view, log = Country(14, START), MemoryView(), MemoryLog()
    worker = await Worker(view, log).assigned()
    for day in range(1, 11):
        logged = [each for each in country.until(START + day * DAY) if not isinstance(each.event.data, DEMAND_EVENTS)]
        log.append(Line(key_of(each.event).encode(), encode(each.event), each.at) for each in logged)
        await worker.read(batch=500)
        now = max(START + day * DAY, logged[-1].at)
        assert await state(view, now) == document(country.truth, now)
    assert worker.letters.sent == []
