"""Hotels and holiday parks: when there is no place and a municipality pays, with the evidence of what was free."""

from dataclasses import dataclass
from functools import partial

from services.domain.events import catalog as e
from services.simulator.actors.demand_logging import DemandLog
from services.simulator.actors.searching import FreePlaces, SearchingHousehold, find_places
from services.simulator.model.calendar import DAY, YEAR, is_night, start_of_year, year_of
from services.simulator.model.context import SimulationContext

_ACCOMMODATIONS = {"hotel": 0.78, "holiday_park": 0.22}
_WITHOUT_A_PLACE = {"home": 0.4, "family": 0.4, "other": 0.2}
# Nights in a hotel scatter less than stays do
_SHAPE = 3.0
_PREFERRED_BY_DAY = 0.5


@dataclass(slots=True)
class HotelNights:
    """Puts households up, as many in a year as the parameters say that are paid for; `start` is when the country begins."""

    context: SimulationContext
    log: DemandLog
    start: int
    put_up: int = 0

    def has_budget(self) -> bool:
        """Return whether one more household is paid for by now."""
        return self.put_up < self._paid_by(self.context.queue.now) - self._paid_by(self.start)

    def _paid_by(self, instant: int) -> float:
        """Return how many households are paid for from 1970 up to an instant."""
        year = year_of(instant)
        before = sum(self.context.parameters.hotels_in(past) for past in range(1970, year))
        return before + self.context.parameters.hotels_in(year) * (instant - start_of_year(year)) / YEAR

    def is_preferred(self, case: SearchingHousehold) -> bool:
        """Return whether a worker puts this household up rather than search on: always at night with children, else half of the time."""
        urgent = is_night(self.context.queue.now) and case.household.children > 0
        return urgent or self.context.random.happens(_PREFERRED_BY_DAY)

    def put_up_household(self, case: SearchingHousehold) -> None:
        """Put a household up, and schedule its event."""
        random, queue = self.context.random, self.context.queue
        self.put_up += 1
        case.fallback = random.uuid()
        case.paid_until = queue.now + random.gamma(self.context.parameters.hotel_nights * DAY, _SHAPE)
        self.log.enter_start(partial(self._fallback_started, case, case.fallback, random.choose_by(_ACCOMMODATIONS)), queue.now)

    def _fallback_started(self, case: SearchingHousehold, fallback: str, accommodation: str) -> e.FallbackStarted:
        """Return the event, with what is free when it is logged, as the API would add it."""
        household = case.household
        places = find_places(self.context, household)
        return e.FallbackStarted(
            fallback=fallback,
            region=household.region,
            accommodation=accommodation,
            adults=household.adults,
            children=household.children,
            need=household.need,
            reason=self._reason(case, places),
            evidence=e.Evidence(
                status="complete",
                free_nationally=places.free,
                fitting_nationally=places.fitting,
                fitting_excluded_for_safety=places.unsafe,
                unknown_units=places.unknown,
                view=self.context.positions(),
            ),
        )

    def leave_without_place(self, case: SearchingHousehold) -> None:
        """Log that a household left its hotel, if it was in one, without a place in a shelter."""
        if case.fallback:
            outcome = self.context.random.choose_by(_WITHOUT_A_PLACE)
            self.log.enter_end(case.household.region, e.FallbackEnded(fallback=case.fallback, outcome=outcome))

    def _reason(self, case: SearchingHousehold, places: FreePlaces) -> str:
        if places.free == 0:
            return "nothing_free"
        if case.unanswered:
            return "no_answer"
        if places.unsafe:
            return "unsafe_region"
        return "at_night" if is_night(self.context.queue.now) else "nothing_fitting"
