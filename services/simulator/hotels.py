"""Hotels and holiday parks: when there is no place and a municipality pays, with the evidence of what was free."""

from dataclasses import dataclass
from functools import partial

from services.domain import events as e
from services.simulator.hours import DAY, YEAR, night, start_of_year, year_of
from services.simulator.logbook import Logbook
from services.simulator.searching import Case, Seen, look
from services.simulator.world import World

_WHERE = {"hotel": 0.78, "holiday_park": 0.22}
_WITHOUT_A_PLACE = {"home": 0.4, "family": 0.4, "other": 0.2}
# Nights in a hotel scatter less than stays do
_SHAPE = 3.0
_OTHERWISE = 0.5


@dataclass(slots=True)
class Hotels:
    """Puts households up, as many in a year as the parameters say that are paid for."""

    book: Logbook
    began: int
    put_up: int = 0

    @property
    def world(self) -> World:
        """The country whose municipalities pay."""
        return self.book.world

    def paid_for(self) -> bool:
        """Say whether one more is paid for by now."""
        return self.put_up < self._share(self.world.agenda.now) - self._share(self.began)

    def _share(self, instant: int) -> float:
        """Count those of all years since 1970 up to an instant."""
        year = year_of(instant)
        before = sum(self.world.parameters.hotels_in(past) for past in range(1970, year))
        return before + self.world.parameters.hotels_in(year) * (instant - start_of_year(year)) / YEAR

    def wanted(self, case: Case) -> bool:
        """Say whether a worker would rather put this household up than search on: mostly at night and with children."""
        urgent = night(self.world.agenda.now) and case.household.children > 0
        return urgent or self.world.chance.hit(_OTHERWISE)

    def start(self, case: Case) -> None:
        """Put a household up, and have it logged."""
        world = self.world
        self.put_up += 1
        case.fallback = world.chance.uuid()
        case.nights_until = world.agenda.now + world.chance.about(world.parameters.hotel_nights * DAY, _SHAPE)
        self.book.begins(partial(self._started, case, case.fallback, world.chance.weighted(_WHERE)), world.agenda.now)

    def _started(self, case: Case, fallback: str, accommodation: str) -> e.FallbackStarted:
        """Say that a household is put up, with what is free when it is logged, as the API would add it."""
        world, household = self.world, case.household
        seen = look(world, household)
        return e.FallbackStarted(
            fallback=fallback,
            region=household.region,
            accommodation=accommodation,
            adults=household.adults,
            children=household.children,
            need=household.need,
            reason=self._reason(case, seen),
            evidence=e.Evidence(
                status="complete",
                free_nationally=seen.free,
                fitting_nationally=seen.fitting,
                fitting_excluded_for_safety=seen.unsafe,
                unknown_units=seen.unknown,
                view=world.positions(),
            ),
        )

    def end(self, case: Case) -> None:
        """Log that a household left without a place."""
        if case.fallback:
            outcome = self.world.chance.weighted(_WITHOUT_A_PLACE)
            self.book.ends(case.household.region, e.FallbackEnded(fallback=case.fallback, outcome=outcome))

    def _reason(self, case: Case, seen: Seen) -> str:
        if seen.free == 0:
            return "nothing_free"
        if case.unanswered:
            return "no_answer"
        if seen.unsafe:
            return "unsafe_region"
        return "at_night" if night(self.world.agenda.now) else "nothing_fitting"
