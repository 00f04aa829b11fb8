"""Hotels and holiday parks: when there is no place and a municipality pays, with the evidence of what was free."""

from dataclasses import dataclass

from services.domain import events as e
from services.simulator.hours import DAY, YEAR, night, start_of_year, year_of
from services.simulator.searching import Case, Seen, look
from services.simulator.world import WORKER, World

_WHERE = {"hotel": 0.78, "holiday_park": 0.22}
_WITHOUT_A_PLACE = {"home": 0.4, "family": 0.4, "other": 0.2}
# Nights in a hotel scatter less than stays do
_SHAPE = 3.0
_OTHERWISE = 0.5


@dataclass(slots=True)
class Hotels:
    """Puts households up, as many in a year as the parameters say that are paid for."""

    world: World
    began: int
    put_up: int = 0

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
        """Put a household up, and log it with what was free at that instant."""
        world, household = self.world, case.household
        self.put_up += 1
        seen = look(world, household)
        case.fallback = world.chance.uuid()
        case.nights_until = world.agenda.now + world.chance.about(world.parameters.hotel_nights * DAY, _SHAPE)
        data = e.FallbackStarted(
            fallback=case.fallback,
            region=household.region,
            accommodation=world.chance.weighted(_WHERE),
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
        world.say(WORKER, household.region, data)

    def end(self, case: Case) -> None:
        """Log that a household left without a place."""
        if case.fallback:
            outcome = self.world.chance.weighted(_WITHOUT_A_PLACE)
            self.world.say(WORKER, case.household.region, e.FallbackEnded(fallback=case.fallback, outcome=outcome))

    def _reason(self, case: Case, seen: Seen) -> str:
        if seen.free == 0:
            return "nothing_free"
        if case.unanswered:
            return "no_answer"
        if seen.unsafe:
            return "unsafe_region"
        return "at_night" if night(self.world.agenda.now) else "nothing_fitting"
