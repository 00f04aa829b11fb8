"""Crisis workers: they search, request a hold, bring the household there; else a hotel, a waiting list, or search again."""

from dataclasses import dataclass
from functools import partial

from services.domain.events import catalog as e
from services.simulator.actors.demand_logging import DemandLog
from services.simulator.actors.hotel_nights import HotelNights
from services.simulator.actors.residents import Residents
from services.simulator.actors.searching import SearchingHousehold, end_search, end_waiting, search
from services.simulator.actors.waiting_lists import WaitingListActors
from services.simulator.ground_truth.beds import TrueHold
from services.simulator.model.calendar import DAY, HOUR, MINUTE, postponed_to_day, seasonal_factor
from services.simulator.model.context import WORKER, SimulationContext, desk_source
from services.simulator.model.event_queue import Action
from services.simulator.model.households import draw_household, has_room
from services.simulator.model.shelters import SimulatedShelter, SimulatedUnit

# Violence comes in the evening and at night; by hour of the day, how busy it is
_BUSY = dict.fromkeys(range(24), 1.0) | dict.fromkeys(range(9, 18), 2.0) | dict.fromkeys(range(18, 24), 2.6)
_MOST_TRIES = 4
_DECLINED = {"no_staff": 0.3, "unit_unfit": 0.25, "safety": 0.25, "full": 0.1, "other": 0.1}
_GIVES_UP = {"elsewhere": 0.6, "withdrawn": 0.3, "unknown": 0.1}


@dataclass(frozen=True, slots=True)
class SimulatedHold:
    """A unit that is held for a household."""

    case: SearchingHousehold
    shelter: SimulatedShelter
    id: str
    truth: TrueHold


@dataclass(slots=True)
class CrisisWorkers:
    """Runs the workers of every region."""

    context: SimulationContext
    log: DemandLog
    residents: Residents
    waiting_lists: WaitingListActors
    hotels: HotelNights

    def run_day(self) -> None:
        """Schedule the households of a day, hour by hour, and the next day."""
        context, random = self.context, self.context.random
        busy = context.parameters.searching_a_day * seasonal_factor(context.queue.now, context.parameters.season)
        for _ in range(random.poisson(busy)):
            household = draw_household(random, random.choose_by(context.inhabitants), tuple(context.inhabitants))
            after = random.choose_by(_BUSY) * HOUR + random.between(0, HOUR)
            context.queue.after(after, partial(self._begin, SearchingHousehold(household)))
        context.queue.after(DAY, self.run_day)

    def _begin(self, case: SearchingHousehold) -> None:
        """Search, or ask a known shelter without a search."""
        unseen, random = self.context.parameters.asks_unseen, self.context.random
        if unseen and random.happens(unseen):
            known = [shelter for shelter in self.context.shelters.values() if shelter.region not in case.household.unsafe_regions]
            self._request_hold(case, random.choose(known))
        else:
            self._search(case)

    def _search(self, case: SearchingHousehold) -> None:
        offers = search(self.log, case)
        if offers:
            shelter = self.context.shelters[self.context.random.choose(offers)]
            self._soon(partial(self._request_hold, case, shelter))
        else:
            self._continue_without_offer(case)

    def _soon(self, action: Action, minutes: float = 4) -> None:
        self.context.queue.after(self.context.random.between(MINUTE / 2, minutes * MINUTE), action)

    def _request_hold(self, case: SearchingHousehold, shelter: SimulatedShelter) -> None:
        context, household = self.context, case.household
        request = e.HoldRequested(
            shelter=shelter.id,
            hold=context.random.uuid(),
            adults=household.adults,
            children=household.children,
            kinds=household.need.kinds,
            features=household.need.features,
            ttl_seconds=context.clock.hold_seconds(context.parameters.ttl_seconds),
            desk=f"crisis-{household.region.lower()}",
            asked_by=context.random.uuid().replace("-", ""),
        )
        hold = context.truth.record_hold_request(shelter.id, request, context.log(WORKER, shelter.id, request).at)
        if hold.status == "refused":
            self._soon(partial(self._search, case))
            return
        end_search(self.log, case, "held")
        self._soon(partial(self._answer, SimulatedHold(case, shelter, request.hold, hold)), 25)

    def _answer(self, hold: SimulatedHold) -> None:
        """Let the shelter accept, decline, or not answer."""
        random, parameters = self.context.random, self.context.parameters
        if not self._is_live(hold):
            self._soon(partial(self._search, hold.case))
        elif hold.shelter.silent or random.happens(1 - parameters.accepts - parameters.declines):
            self._wait_for_answer(hold)
        elif random.happens(parameters.declines / (parameters.accepts + parameters.declines)):
            self._decline(hold, random.choose_by(_DECLINED))
        else:
            self._accept(hold)

    def _is_live(self, hold: SimulatedHold) -> bool:
        return hold.truth.is_live(self.context.now)

    def _accept(self, hold: SimulatedHold) -> None:
        random, shelter = self.context.random, hold.shelter.id
        logged = self.context.log(desk_source(shelter, 1), shelter, e.HoldAccepted(shelter=shelter, hold=hold.id))
        self.context.truth.record_acceptance(shelter, hold.id, logged.at)
        stays_away = random.happens(self.context.parameters.stays_away)
        action = self._stay_away if stays_away else self._arrive
        self.context.queue.after(random.between(HOUR, 9 * HOUR), partial(action, hold))

    def _decline(self, hold: SimulatedHold, reason: str) -> None:
        shelter = hold.shelter.id
        logged = self.context.log(desk_source(shelter, 1), shelter, e.HoldDeclined(shelter=shelter, hold=hold.id, reason=reason))
        self.context.truth.record_hold_end(shelter, hold.id, logged.at, "declined")
        self._soon(partial(self._search, hold.case))

    def _wait_for_answer(self, hold: SimulatedHold) -> None:
        """Wait longer, or bring the household without an answer, or look elsewhere when the time is over."""
        random, context, shelter = self.context.random, self.context, hold.shelter.id
        hold.case.unanswered = True
        if random.happens(0.5):
            seconds = context.clock.hold_seconds(context.parameters.ttl_seconds)
            logged = context.log(WORKER, shelter, e.HoldExtended(shelter=shelter, hold=hold.id, ttl_seconds=seconds))
            context.truth.record_extension(shelter, hold.id, logged.at, seconds * 1_000)
        if random.happens(0.4):
            context.queue.after(random.between(15 * MINUTE, 40 * MINUTE), partial(self._arrive, hold))
        else:
            context.queue.after(random.between(HOUR, 2 * HOUR), partial(self._search_elsewhere, hold))

    def _search_elsewhere(self, hold: SimulatedHold) -> None:
        self._release(hold)
        self._search(hold.case)

    def _stay_away(self, hold: SimulatedHold) -> None:
        """End the case of a household that never comes; most workers release the hold."""
        if self.context.clock.speed > 1 or self.context.random.happens(0.6):
            self._release(hold)
        self.hotels.leave_without_place(hold.case)

    def _release(self, hold: SimulatedHold) -> None:
        if self._is_live(hold):
            shelter = hold.shelter.id
            logged = self.context.log(WORKER, shelter, e.HoldReleased(shelter=shelter, hold=hold.id))
            self.context.truth.record_hold_end(shelter, hold.id, logged.at, "released")

    def _arrive(self, hold: SimulatedHold) -> None:
        """Bring a household to the shelter: it is taken in where there really is room."""
        unit = self._vacant_unit(hold)
        if unit:
            self.residents.move_in(hold.shelter, unit, hold.case.household, hold.id)
            end_waiting(self.log, self.waiting_lists, hold.case)
        elif self._is_live(hold) and not hold.shelter.silent:
            self._decline(hold, "full")
        else:
            self._soon(partial(self._search, hold.case))

    def _vacant_unit(self, hold: SimulatedHold) -> SimulatedUnit | None:
        """Return the unit that is held when it is vacant, else one that fits, overflow last; None where there is none."""
        household, held = hold.case.household, hold.shelter.units.get(hold.truth.unit or "")
        if held and held.is_vacant:
            return held
        fitting = [
            unit
            for unit in hold.shelter.vacant_units()
            if unit.declared.kind in household.need.kinds and has_room(household, unit.declared)
        ]
        return min(fitting, key=lambda unit: unit.declared.overflow, default=None)

    def _continue_without_offer(self, case: SearchingHousehold) -> None:
        """Put the household up, or on a waiting list, or search again later, or give up."""
        random, household = self.context.random, case.household
        if case.fallback:
            self._search_from_hotel(case)
        elif self.hotels.has_budget() and self.hotels.is_preferred(case):
            self.hotels.put_up_household(case)
            end_search(self.log, case, "fallback")
            case.tries = 0
            at = postponed_to_day(case.paid_until, random.between(0, 8 * HOUR))
            self.context.queue.at(at, partial(self._search_from_hotel, case))
        elif household.region in self.context.waiting_lists and random.happens(0.3):
            case.waiting = self.waiting_lists.join(household, "crisis")
            end_search(self.log, case, "waiting_list")
        elif case.tries < _MOST_TRIES and random.happens(0.65):
            self.context.queue.after(random.between(HOUR, 16 * HOUR), partial(self._search, case))
        else:
            end_search(self.log, case, random.choose_by(_GIVES_UP))

    def _search_from_hotel(self, case: SearchingHousehold) -> None:
        """Search again for a household in a hotel, until it has left for elsewhere."""
        random, queue = self.context.random, self.context.queue
        if case.tries >= _MOST_TRIES or random.happens(0.15):
            self.hotels.leave_without_place(case)
            return
        at = queue.now + (random.between(9 * HOUR, 30 * HOUR) if case.tries else MINUTE)
        queue.at(at, partial(self._search, case))
