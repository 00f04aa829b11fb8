"""A country by its seed: `step` runs the next thing that happens. No clock, no I/O: the same seed gives the same bytes."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from services.adapters.kafka.topics import PARTITIONS
from services.adapters.regions import read_regions
from services.simulator.actors.crisis_workers import CrisisWorkers
from services.simulator.actors.demand_logging import DemandLog
from services.simulator.actors.hotel_nights import HotelNights
from services.simulator.actors.residents import Residents
from services.simulator.actors.shelter_desk import ShelterDesk
from services.simulator.actors.shelter_operations import ShelterOperations
from services.simulator.actors.waiting_lists import WaitingListActors
from services.simulator.ground_truth.beds import BedTruth
from services.simulator.model.calendar import LogClock
from services.simulator.model.context import LoggedEvent, SimulationContext
from services.simulator.model.event_queue import EventQueue
from services.simulator.model.households import SimulatedHousehold, draw_household
from services.simulator.model.parameters import Parameters
from services.simulator.model.random_source import RandomSource
from services.simulator.model.shelters import SimulatedShelter, SimulatedUnit, build_shelters

# The share of units that are occupied on the first day, in view of how long they stay vacant in between
_OCCUPIED = 0.95


class Simulation:
    """One country from an instant on (milliseconds). With a `speed`, its log's clock runs so many times more slowly than its own.

    `steps` counts what has happened. `regions` is a region file; `partitions` are those of its log, None where others write there too.
    """

    def __init__(
        self,
        seed: int,
        start: int,
        *,
        parameters: Parameters | None = None,
        regions: Path | None = None,
        speed: float = 1,
        partitions: int | None = PARTITIONS,
    ) -> None:
        random, parameters = RandomSource(seed), parameters or Parameters()
        inhabitants = {region.code: region.inhabitants for region in read_regions(regions).values()}
        shelters = build_shelters(parameters, random, inhabitants)
        self.steps = 0
        self.context = context = SimulationContext(
            parameters, random, EventQueue(start), LogClock(start, speed), shelters, inhabitants, partitions
        )
        log, self._desk = DemandLog(context), ShelterDesk(context)
        waiting_lists = WaitingListActors(context, log)
        self._residents = Residents(context, self._desk, waiting_lists)
        self._operations = ShelterOperations(context, self._desk, self._residents)
        workers = CrisisWorkers(context, log, self._residents, waiting_lists, HotelNights(context, log, start))
        for shelter in shelters.values():
            context.queue.at(start, partial(self._open, shelter))
        context.queue.at(start, waiting_lists.open)
        context.queue.at(start, workers.run_day)

    @property
    def truth(self) -> BedTruth:
        """What the registry must show after what was logged so far."""
        return self.context.truth

    @property
    def due(self) -> int:
        """When the next thing happens, by the log's clock."""
        return self.context.clock.time_at(self.context.queue.due)

    def step(self) -> list[LoggedEvent]:
        """Run the next thing that happens, and return what was logged about it."""
        self.steps += 1
        self.context.queue.step()
        logged, self.context.unread = self.context.unread, []
        return logged

    def until(self, instant: int) -> Iterator[LoggedEvent]:
        """Run all that is due up to an instant of the log's clock, and yield what was logged.

        The truth is that of the instant only when all has been read; the last may be logged some milliseconds later.
        """
        while self.due <= instant:
            yield from self.step()

    def resume(self, at: int, speed: float) -> None:
        """Go on from an instant of the log's clock after a standstill; every shelter that sends counts anew, as at a shift."""
        context = self.context
        context.clock = LogClock(context.queue.now, speed, at, context.clock)
        for shelter in context.shelters.values():
            if not shelter.silent:
                context.queue.after(0, partial(self._operations.count, shelter))

    def _open(self, shelter: SimulatedShelter) -> None:
        """Log all there is to know of a shelter on the first day. For one that is silent its coordinator does."""
        silent = self.context.random.happens(self.context.parameters.silent_at_first)
        self._desk.log(shelter, shelter.registered, coordinator=True)
        self.context.truth.record_registration(shelter.id, shelter.region)
        for unit in shelter.units.values():
            self._operations.declare(shelter, unit)
            if not unit.declared.overflow:
                self._fill(shelter, unit, silent=silent)
        if silent:
            self._operations.silence(shelter)
        else:
            self._operations.count(shelter)
        self._operations.begin(shelter)

    def _fill(self, shelter: SimulatedShelter, unit: SimulatedUnit, *, silent: bool) -> None:
        random, declared = self.context.random, unit.declared
        if not random.happens(_OCCUPIED):
            self._residents.look_for_household(shelter, unit)
            return
        drawn = draw_household(random, shelter.region, (shelter.region,), (declared.kind,))
        adults, children = min(drawn.adults, declared.max_adults), min(drawn.children, declared.max_children)
        stay = self._residents.start_earlier_stay(unit, SimulatedHousehold(adults, children, shelter.region, drawn.need))
        self._desk.log_admission(shelter, declared.unit, stay, coordinator=silent)
        self._residents.plan_departure(shelter, unit, stay, stay.leaves)
