"""Households that live in shelters: they move in, move on, leave; units are cleaned, and filled again by the shelter itself."""

from dataclasses import dataclass
from functools import partial

from services.domain.events import catalog as e
from services.simulator.actors.shelter_desk import ShelterDesk
from services.simulator.actors.waiting_lists import WaitingListActors
from services.simulator.model.calendar import DAY, HOUR, postponed_to_day
from services.simulator.model.context import PastStay, SimulationContext
from services.simulator.model.households import SimulatedHousehold, draw_household, has_room, unit_suits
from services.simulator.model.shelters import SimulatedShelter, SimulatedStay, SimulatedUnit

# Long stays end neither at once nor all after the mean: a gamma distribution of this shape
_SHAPE = 2.0
_SHORTEST = 14 * HOUR
# How a unit is left: ready at once, to be cleaned (entered with the discharge, or apart), to be repaired
_LEFT = {"ready": 0.24, "cleaning": 0.54, "apart": 0.18, "maintenance": 0.04}
_LEFT_BY_MOVE = {"ready": 0.3, "apart": 0.7}
_MOVES_ON = 0.4
_FROM_LIST = 0.8
_LATER_KINDS = ("follow_up", "assisted")


@dataclass(slots=True)
class Residents:
    """Runs the life inside every shelter."""

    context: SimulationContext
    desk: ShelterDesk
    waiting_lists: WaitingListActors

    def start_earlier_stay(self, unit: SimulatedUnit, household: SimulatedHousehold) -> SimulatedStay:
        """Return a stay that is under way when the country begins: the longer it lasts, the likelier it is met."""
        random, now = self.context.random, self.context.queue.now
        length = random.gamma(self.context.parameters.mean_stay[unit.declared.kind] * DAY * (1 + 1 / _SHAPE), _SHAPE + 1)
        since = now - HOUR - int(length * random.fraction())
        unit.stay = stay = SimulatedStay(random.uuid(), household, since, since, leaves=since + length + HOUR)
        return stay

    def move_in(self, shelter: SimulatedShelter, unit: SimulatedUnit, household: SimulatedHousehold, hold: str | None = None) -> None:
        """Move a household in now."""
        now = self.context.queue.now
        unit.stay = stay = SimulatedStay(self.context.random.uuid(), household, now, now)
        self.desk.enter_admission(shelter, unit, stay, hold)
        self.plan_departure(shelter, unit, stay, now + self._draw_length(unit.declared.kind))

    def _draw_length(self, kind: str) -> int:
        """Return how long a household stays in a unit of a kind."""
        return max(_SHORTEST, self.context.random.gamma(self.context.parameters.mean_stay[kind] * DAY, _SHAPE))

    def plan_departure(self, shelter: SimulatedShelter, unit: SimulatedUnit, stay: SimulatedStay, leaves: int) -> None:
        """Schedule when the household in a unit leaves: by day, unless it is an emergency unit."""
        random, queue = self.context.random, self.context.queue
        stay.plan += 1
        stay.leaves = leaves if unit.declared.kind == "emergency" else postponed_to_day(leaves, random.between(0, 8 * HOUR))
        queue.at(stay.leaves, partial(self._leave, shelter, unit, stay, stay.plan))
        if random.happens(0.4):
            queue.at(stay.leaves - random.between(2 * DAY, 20 * DAY), partial(self._announce_departure, shelter, stay, stay.plan))
        if random.happens(0.03):
            queue.after(random.between(0, max(1, stay.leaves - queue.now)), partial(self._add_child, shelter, stay))

    def _announce_departure(self, shelter: SimulatedShelter, stay: SimulatedStay, plan: int) -> None:
        if stay.plan == plan:
            data = e.DischargePlanned(shelter=shelter.id, stay=stay.id, expected_at=self.context.event_time(stay.leaves))
            self.desk.enter(shelter, partial(self.desk.log, shelter, data), stay)

    def _add_child(self, shelter: SimulatedShelter, stay: SimulatedStay) -> None:
        stay.household = people = stay.household.with_another_child()
        occurred_at = self.context.event_time(self.context.queue.now)
        data = e.StayChanged(shelter=shelter.id, stay=stay.id, adults=people.adults, children=people.children, occurred_at=occurred_at)
        self.desk.enter(shelter, partial(self.desk.log, shelter, data), stay)

    def _leave(self, shelter: SimulatedShelter, unit: SimulatedUnit, stay: SimulatedStay, plan: int) -> None:
        if stay.plan != plan:
            return
        left = self.context.random.choose_by(_LEFT)
        self.desk.enter_discharge(shelter, stay, ready=left != "cleaning")
        self._vacate(shelter, unit, stay, left)

    def _vacate(self, shelter: SimulatedShelter, unit: SimulatedUnit, stay: SimulatedStay, left: str) -> None:
        """Empty a unit, and have it cleaned or repaired."""
        random, now = self.context.random, self.context.queue.now
        self.context.past_stays.append(PastStay(unit.declared.kind, stay.moved_in, now))
        unit.stay = None
        if left == "ready":
            self.look_for_household(shelter, unit)
            return
        repaired = left == "maintenance"
        takes = random.between(2 * DAY, 20 * DAY) if repaired else random.between(2 * HOUR, 9 * HOUR)
        done = postponed_to_day(now + takes, random.between(HOUR, 4 * HOUR))
        if left != "cleaning":
            self.desk.enter_closure(shelter, unit, "maintenance" if repaired else "cleaning", done if repaired else None)
        unit.closed = True
        self.context.queue.at(done, partial(self.reopen, shelter, unit))

    def reopen(self, shelter: SimulatedShelter, unit: SimulatedUnit) -> None:
        """Open a unit that could not be used, and schedule its entry."""
        unit.closed = False
        self.desk.enter_reopening(shelter, unit)
        self.look_for_household(shelter, unit)

    def look_for_household(self, shelter: SimulatedShelter, unit: SimulatedUnit) -> None:
        """Schedule that the shelter fills a unit itself, unless a worker is sooner; an overflow bed waits for an emergency."""
        if unit.declared.overflow:
            return
        unit.vacancies += 1
        mean = self.context.parameters.refilled_after[unit.declared.kind] * DAY
        self.context.queue.after(HOUR + self.context.random.gamma(mean), partial(self._refill, shelter, unit, unit.vacancies))

    def _refill(self, shelter: SimulatedShelter, unit: SimulatedUnit, vacancy: int) -> None:
        random, now = self.context.random, self.context.queue.now
        if unit.vacancies != vacancy or not unit.is_vacant:
            return
        again = postponed_to_day(now, random.between(0, 3 * HOUR))
        if again == now and (shelter.paused or (self._is_held(shelter, unit) and random.happens(0.93))):
            again = now + random.between(HOUR, 6 * HOUR)
        if again > now:
            self.context.queue.at(again, partial(self._refill, shelter, unit, vacancy))
        elif unit.declared.kind in _LATER_KINDS and random.happens(_MOVES_ON) and (old := self._unit_to_leave(shelter, unit)):
            self._move_on(shelter, old, unit)
        else:
            self.move_in(shelter, unit, self._next_household(shelter, unit.declared))

    def _is_held(self, shelter: SimulatedShelter, unit: SimulatedUnit) -> bool:
        hold = self.context.truth.shelters[shelter.id].units[unit.id].hold
        return hold is not None and hold.is_live(self.context.now)

    def _next_household(self, shelter: SimulatedShelter, unit: e.UnitDeclared) -> SimulatedHousehold:
        """Return who comes: a household from the waiting list of the region, else one that phoned."""
        random = self.context.random
        if random.happens(_FROM_LIST) and (waiting := self.waiting_lists.next_for(shelter.region, unit)):
            self.waiting_lists.leave(waiting, "placed")
            return waiting.household
        for _ in range(20):
            household = draw_household(random, shelter.region, tuple(self.context.inhabitants), (unit.kind,))
            if unit_suits(household, shelter.registered, unit):
                return household
        return SimulatedHousehold(1, 0, shelter.region, household.need)

    def _unit_to_leave(self, shelter: SimulatedShelter, unit: SimulatedUnit) -> SimulatedUnit | None:
        """Return a unit of crisis shelter here where a household has been for a while that fits in the other unit."""
        now = self.context.queue.now
        for other in shelter.units.values():
            stay, is_crisis = other.stay, other.declared.kind == "crisis"
            if is_crisis and stay and now - stay.moved_in > 10 * DAY and has_room(stay.household, unit.declared):
                return other
        return None

    def _move_on(self, shelter: SimulatedShelter, old: SimulatedUnit, new: SimulatedUnit) -> None:
        stay = old.stay
        if stay is None:
            return
        now = self.context.queue.now
        self.desk.enter_transfer(shelter, stay, new.id)
        self._vacate(shelter, old, stay, self.context.random.choose_by(_LEFT_BY_MOVE))
        new.stay, stay.moved_in = stay, now
        self.plan_departure(shelter, new, stay, now + self._draw_length(new.declared.kind))
