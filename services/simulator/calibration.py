"""How near a simulated year lies to what is known: one table, each row with its source. Worked out from the log and the country's truth."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import fmean

from services.domain import events as e
from services.simulator.country import Country
from services.simulator.document import national
from services.simulator.hours import DAY, HOUR, nights, start_of_year
from services.simulator.world import Logged

_PUT_UP = ("hotel", "holiday_park")
_EVERY = 6 * HOUR


@dataclass(slots=True)
class Figures:
    """What is counted of one year: each sample is every six hours."""

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

    def take(self, logged: Logged) -> None:
        """Count one event."""
        self.counts[e.SHORT_NAMES[type(logged.event.data)]] += 1

    def sample(self, country: Country, now: int) -> None:
        """Look at the country at an instant."""
        states, houses = national(country.truth, now), country.truth.houses
        self.capacity.append(states.total())
        self.occupied.append(states["occupied"] / states.total())
        self.usable_occupied.append(states["occupied"] / (states.total() - states["closed"]))
        self.unknown_shelters.append(sum(house.unknown(now) for house in houses.values()))
        waiting = {began.region for _, began in country.truth.demand.now("entry")}
        self.waiting_regions.append(len(waiting) / len(country.world.inhabitants))

    def close(self, country: Country) -> None:
        """Count who is in a hotel at the end of the year as far as the year goes, and how long stays were that ended in it."""
        for _, began, ended in country.truth.demand.of("fallback"):
            if began.shown["accommodation"] in _PUT_UP:
                self.hotel_nights += max(0, nights(began.said[0], min(ended or self.end, self.end)))
                self.adults += int(began.shown["adults"])
                self.children += int(began.shown["children"])
        self.follow_up = [(lived.end - lived.start) / DAY for lived in country.world.lived if lived.kind == "follow_up"]


def figures(seed: int, year: int, watch: Callable[[int], None] | None = None) -> Figures:
    """Let a year pass, and count. `watch` hears the number of days that have passed."""
    start, end = start_of_year(year), start_of_year(year + 1)
    country, found = Country(seed, start), Figures(end)
    for day in range(start, end, DAY):
        for instant in range(day + _EVERY, day + DAY + 1, _EVERY):
            for logged in country.until(instant):
                found.take(logged)
            found.sample(country, max(instant, country.world.now))
        if watch:
            watch(1)
    found.close(country)
    return found


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of the country beside what is known of it."""

    what: str
    simulated: str
    known: str


def table(of: Figures, before: Figures, year: int) -> list[Row]:
    """Lay a year, and the one before it, beside the press release of 2025."""
    return list(_rows(of, before, year))


def _rows(of: Figures, before: Figures, year: int) -> Iterator[Row]:
    counts = of.counts
    yield Row("places (units, without overflow)", f"{fmean(of.capacity):,.0f}", "about 1,000")
    yield Row("occupied", f"{fmean(of.occupied):.1%}", "nearly without a break")
    yield Row("occupied, of those not closed", f"{fmean(of.usable_occupied):.1%}", "nearly without a break")
    yield Row(f"hotel nights in {year}", f"{of.hotel_nights:,}", "over 3,000 (2023)")
    yield Row(f"hotel nights in {year - 1}", f"{before.hotel_nights:,}", "far fewer (2022)")
    yield Row("adults in hotels", f"{of.adults:,}", "about 190 (2023)")
    yield Row("children with them", f"{of.children:,}", "not told")
    yield Row("regions with somebody waiting", f"{fmean(of.waiting_regions):.0%}", "about 40 % of municipalities")
    yield Row("mean stay in follow-up shelter, days", f"{fmean(of.follow_up):.0f}", "259")
    yield Row("shelters not heard of for 24 h", f"{fmean(of.unknown_shelters):.1f} of 110", "not told")
    yield Row("searches", f"{counts['search-made']:,}", "not told")
    yield Row("holds asked for", f"{counts['hold-requested']:,}", "not told")
    yield Row("admissions", f"{counts['admission']:,}", "not told")
    yield Row("events", f"{counts.total():,}", "not told")
