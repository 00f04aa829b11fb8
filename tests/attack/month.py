"""A simulated month, played from one hour to another into the view of a server, and what is publicly known of its shelters."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from services.domain.beds.shelter_snapshot import ShelterSnapshot, UnitSnapshot, count, state_of
from services.domain.beds.staleness import StalenessLimits
from services.domain.durations import HOUR_MS, MINUTE_NS, NS_PER_MS
from services.domain.events.catalog import DEMAND_EVENTS, Admission, ShelterRegistered, UnitDeclared
from services.simulator.model.calendar import DAY, start_of_year
from services.simulator.model.context import LoggedEvent
from services.simulator.simulation import Simulation
from tests.attack.served import Kept

HOUR = HOUR_MS
START = start_of_year(2023)
_PROMPT_NS = 15 * MINUTE_NS


@dataclass(frozen=True, slots=True)
class Flight:
    """A household that was taken in within an hour that the attacker knows; `shelter` is what the attacker wants to know."""

    hour: int
    adults: int
    children: int
    shelter: str
    unit: str


@dataclass(slots=True)
class Month:
    """The log of a country, how far it has been played, and what its shelters and their units are like."""

    log: list[LoggedEvent]
    played: int = 0
    registered: dict[str, ShelterRegistered] = field(default_factory=dict)
    units: dict[str, dict[str, UnitDeclared]] = field(default_factory=dict)

    async def until(self, kept: Kept, instant: int) -> None:
        """Fold what was logged up to an instant, and set the clock to it."""
        due = []
        while self.played < len(self.log) and self.log[self.played].at <= instant:
            logged = self.log[self.played]
            self.played += 1
            self.learn(logged)
            if not isinstance(logged.event.data, DEMAND_EVENTS):
                due.append(logged)
        await kept.take(due, max(kept.now, instant))

    def learn(self, logged: LoggedEvent) -> None:
        """Learn what every worker knows of a shelter and its units."""
        data = logged.event.data
        if isinstance(data, ShelterRegistered):
            self.registered[data.shelter] = data
        if isinstance(data, UnitDeclared) and not data.overflow:
            self.units.setdefault(data.shelter, {})[data.unit] = data

    def occupied(self, kept: Kept) -> dict[str, int]:
        """Count the occupied units of each shelter exactly: no role but the operator sees them; here they are the comparison."""
        return {
            name: count(shelter.snapshot, kept.now, StalenessLimits())[0].occupied
            for registry in kept.registries.values()
            for name, shelter in registry.shelters.items()
        }

    def free(self, kept: Kept, flight: Flight) -> dict[str, int]:
        """Count the free units of each shelter that take the household in."""
        found: dict[str, int] = {}
        for registry in kept.registries.values():
            for name, shelter in registry.shelters.items():
                found[name] = sum(_free(shelter.snapshot, unit, kept.now, flight) for unit in shelter.snapshot.units.values())
        return found

    def known(self) -> list[ShelterSnapshot]:
        """Return what is publicly known: every shelter, with its units empty."""
        return [
            ShelterSnapshot(
                name,
                self.registered[name],
                units={
                    unit.unit: UnitSnapshot(
                        unit.unit,
                        unit.kind,
                        max_adults=unit.max_adults,
                        max_children=unit.max_children,
                        beds=unit.beds,
                        features=unit.features,
                    )
                    for unit in units.values()
                },
            )
            for name, units in sorted(self.units.items())
        ]


def _free(shelter: ShelterSnapshot, unit: UnitSnapshot, now: int, flight: Flight) -> bool:
    if not unit.declared or unit.overflow or unit.max_adults < flight.adults or unit.max_children < flight.children:
        return False
    return state_of(unit, paused=shelter.paused is not None, unknown=shelter.unknown(now, StalenessLimits()), now=now) == "free"


def month(seed: int, days: int) -> list[LoggedEvent]:
    """Return the log of a country of so many days."""
    return list(Simulation(seed, START).until(START + days * DAY))


def flights(log: list[LoggedEvent], first_day: int, number: int) -> list[Flight]:
    """Choose households that were taken in and entered at once, each in an hour of its own, spread over the days."""
    found: list[Flight] = []
    for logged in log:
        data = logged.event.data
        if isinstance(data, Admission) and logged.at >= START + first_day * DAY and _prompt(logged):
            hour = logged.at // HOUR * HOUR
            if not found or hour > found[-1].hour + HOUR:
                found.append(Flight(hour, data.adults, data.children, data.shelter, data.unit))
    return list(_spread(found, number))


def _prompt(logged: LoggedEvent) -> bool:
    happened = getattr(logged.event.data, "occurred_at", None) or logged.event.time
    return abs(logged.at * NS_PER_MS - happened) <= _PROMPT_NS


def _spread(found: list[Flight], number: int) -> Iterator[Flight]:
    step = max(1, len(found) // number)
    yield from found[::step][:number]
