"""A simulated country through the processor's partitions and views: from bytes to what the views show, compared with the ground truth."""

from services.adapters.codec.event_codec import encode, key_of
from services.domain.events.catalog import DEMAND_EVENTS
from services.processor.projections.demand import DemandProjectionFactory
from services.simulator.ground_truth.truth_document import bed_document, demand_document
from services.simulator.model.calendar import DAY
from services.simulator.simulation import Simulation
from tests.processor.logs import WIRE, Logged, MemoryLog, Worker
from tests.processor.states import state
from tests.simulator.countries import START
from tests.tapes import Line
from tests.twins.memory_view import MemoryDemandView, MemoryView


async def test_the_view_shows_the_truth() -> None:
    """What the processor writes of ten days, read day by day, is the ground truth of the country."""
    country, view, log = Simulation(14, START), MemoryView(), MemoryLog()
    worker = await Worker(view, log).assigned()
    for day in range(1, 11):
        logged = [each for each in country.until(START + day * DAY) if not isinstance(each.event.data, DEMAND_EVENTS)]
        log.append(Line(key_of(each.event).encode(), encode(each.event), each.at) for each in logged)
        await worker.read(batch=500)
        now = max(START + day * DAY, logged[-1].at)
        assert await state(view, now) == bed_document(country.truth, now)
    assert worker.dead_letters.sent == []


async def test_the_view_of_demand_shows_the_truth() -> None:
    """Searches, fallbacks and waiting lists of a fortnight are shown as they are, also what was logged late, or wrong and corrected."""
    country, view, log = Simulation(14, START), MemoryDemandView(1), MemoryLog()
    worker = await Worker(view, log, factory=DemandProjectionFactory(WIRE)).assigned()
    for day in range(1, 15):
        logged = [each for each in country.until(START + day * DAY) if isinstance(each.event.data, DEMAND_EVENTS)]
        first = len(log.records)
        log.records += [
            Logged(offset, each.at, key_of(each.event).encode(), encode(each.event), "demand") for offset, each in enumerate(logged, first)
        ]
        await worker.read(batch=500)
        saved, true = await view.load(0), country.truth.demand
        assert saved
        assert {name: number for name, number in saved.counts.items() if number} == demand_document(true)["counts"]
        assert {(case.kind, case.key) for case in (await view.read_partition(0)).open} == set(true.open)
    assert worker.dead_letters.sent == []
