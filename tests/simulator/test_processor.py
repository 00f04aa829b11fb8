"""The country through the processor's own keepers and views: the same truth, by the whole way from bytes to what the views show."""

from services.adapters.view.memory_view import MemoryDemandView, MemoryView
from services.adapters.wire import encode, key_of
from services.domain.events import DEMAND_EVENTS
from services.processor.demand import DemandFold
from services.simulator.country import Country
from services.simulator.document import demand, document
from services.simulator.hours import DAY
from tests.processor.logs import WIRE, Logged, MemoryLog, Worker
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


async def test_the_view_of_demand_shows_the_truth() -> None:
    """So are the searches, fallbacks and waiting lists of a fortnight, with what was logged late, wrong and put right."""
    country, view, log = Country(14, START), MemoryDemandView(1), MemoryLog()
    worker = await Worker(view, log, fold=DemandFold(WIRE)).assigned()
    for day in range(1, 15):
        logged = [each for each in country.until(START + day * DAY) if isinstance(each.event.data, DEMAND_EVENTS)]
        first = len(log.records)
        log.records += [
            Logged(offset, each.at, key_of(each.event).encode(), encode(each.event), "demand") for offset, each in enumerate(logged, first)
        ]
        await worker.read(batch=500)
        saved, true = await view.load(0), country.truth.demand
        assert saved
        assert {name: number for name, number in saved.counts.items() if number} == demand(true)["counts"]
        assert {(case.kind, case.key) for case in (await view.look(0)).open} == set(true.open)
    assert worker.letters.sent == []
