"""How near a simulated year lies to what is known: one table, each row with its source, from the log and the ground truth."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import fmean

from services.domain.events import catalog as e
from services.simulator.ground_truth.truth_document import national_states
from services.simulator.model.calendar import DAY, HOUR, count_nights, start_of_year
from services.simulator.model.context import LoggedEvent
from services.simulator.simulation import Simulation

_PAID_BY_MUNICIPALITY = ("hotel", "holiday_park")
_SAMPLED_EVERY = 6 * HOUR


@dataclass(slots=True)
class YearFigures:
    """What is counted of one year up to `end`; the lists have a sample every six hours."""

    end: int
    counts: Counter[str] = field(default_factory=Counter)
    occupied: list[float] = field(default_factory=list)
    usable_occupied: list[float] = field(default_factory=list)
    unknown_shelters: list[float] = field(default_factory=list)
    waiting_regions: list[float] = field(default_factory=list)
    capacity: list[float] = field(default_factory=list)
    hotel_nights: int = 0
    adults: int = 0
    children: int = 0
    follow_up: list[float] = field(default_factory=list)

    def add(self, logged: LoggedEvent) -> None:
        """Count one event."""
        self.counts[e.SHORT_NAMES[type(logged.event.data)]] += 1

    def sample(self, country: Simulation, now: int) -> None:
        """Add a sample at an instant."""
        states, shelters = national_states(country.truth, now), country.truth.shelters
        self.capacity.append(states.total())
        self.occupied.append(states["occupied"] / states.total())
        self.usable_occupied.append(states["occupied"] / (states.total() - states["closed"]))
        self.unknown_shelters.append(sum(shelter.is_unknown(now) for shelter in shelters.values()))
        waiting = {start.region for _, start in country.truth.demand.open_cases("entry")}
        self.waiting_regions.append(len(waiting) / len(country.context.inhabitants))

    def close(self, country: Simulation) -> None:
        """Add the hotel nights of the year, up to its end, and the length of the stays that ended in it."""
        for _, start, ended in country.truth.demand.started("fallback"):
            if start.shown["accommodation"] in _PAID_BY_MUNICIPALITY:
                self.hotel_nights += max(0, count_nights(start.times[0], min(ended or self.end, self.end)))
                self.adults += int(start.shown["adults"])
                self.children += int(start.shown["children"])
        self.follow_up = [(stay.end - stay.start) / DAY for stay in country.context.past_stays if stay.kind == "follow_up"]


def simulate_figures(seed: int, year: int, on_days: Callable[[int], None] | None = None) -> YearFigures:
    """Return the figures of a simulated year. `on_days` is called with the number of days that have passed since."""
    start, end = start_of_year(year), start_of_year(year + 1)
    country, figures = Simulation(seed, start), YearFigures(end)
    for day in range(start, end, DAY):
        for instant in range(day + _SAMPLED_EVERY, day + DAY + 1, _SAMPLED_EVERY):
            for logged in country.until(instant):
                figures.add(logged)
            figures.sample(country, max(instant, country.context.now))
        if on_days:
            on_days(1)
    figures.close(country)
    return figures


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """One figure of the country beside what is known of it."""

    what: str
    simulated: str
    known: str


def calibration_table(figures: YearFigures, before: YearFigures, year: int) -> list[CalibrationRow]:
    """Return the figures of a year and of the year before beside the press release of 2025."""
    counts = figures.counts
    rows = (
        ("places (units, without overflow)", f"{fmean(figures.capacity):,.0f}", "about 1,000"),
        ("occupied", f"{fmean(figures.occupied):.1%}", "nearly without a break"),
        ("occupied, of those not closed", f"{fmean(figures.usable_occupied):.1%}", "nearly without a break"),
        (f"hotel nights in {year}", f"{figures.hotel_nights:,}", "over 3,000 (2023)"),
        (f"hotel nights in {year - 1}", f"{before.hotel_nights:,}", "far fewer (2022)"),
        ("adults in hotels", f"{figures.adults:,}", "about 190 (2023)"),
        ("children with them", f"{figures.children:,}", "not known"),
        ("regions with a household waiting", f"{fmean(figures.waiting_regions):.0%}", "about 40 % of municipalities"),
        ("mean stay in follow-up shelter, days", f"{fmean(figures.follow_up):.0f}", "259"),
        ("shelters not heard of for 24 h", f"{fmean(figures.unknown_shelters):.1f} of 110", "not known"),
        ("searches", f"{counts['search-made']:,}", "not known"),
        ("holds asked for", f"{counts['hold-requested']:,}", "not known"),
        ("admissions", f"{counts['admission']:,}", "not known"),
        ("events", f"{counts.total():,}", "not known"),
    )
    return [CalibrationRow(*row) for row in rows]
