"""A simulated month, played from one hour to another into the view of a server, and what is publicly known of its shelters."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from services.domain.events import DEMAND_EVENTS, Admission, ShelterRegistered, UnitDeclared
from services.domain.freshness import Limits
from services.domain.picture import ShelterPicture, UnitPicture, count
from services.simulator.country import Country
from services.simulator.hours import DAY, start_of_year
from services.simulator.world import Logged
from tests.attack.served import Kept

HOUR = 3_600_000
START = start_of_year(2023)
_PROMPT_NS = 900 * 1_000_000_000
_MS_NS = 1_000_000


@dataclass(frozen=True, slots=True)
class Flight:
    """A household that was taken in within an hour that the insider knows; `shelter` is what he wants to know."""

    hour: int
    adults: int
    children: int
    shelter: str
    unit: str


@dataclass(slots=True)
class Month:
    """The log of a country, how far it has been played, and what its shelters and their units are like."""

    log: list[Logged]
    played: int = 0
    registered: dict[str, ShelterRegistered] = field(default_factory=dict)
    units: dict[str, dict[str, UnitDeclared]] = field(default_factory=dict)

    async def until(self, kept: Kept, instant: int) -> None:
        """Fold what was logged up to an instant, and let it be then."""
        due = []
        while self.played < len(self.log) and self.log[self.played].at <= instant:
            logged = self.log[self.played]
            self.played += 1
            data = logged.event.data
            if isinstance(data, ShelterRegistered):
                self.registered[data.shelter] = data
            if isinstance(data, UnitDeclared) and not data.overflow:
                self.units.setdefault(data.shelter, {})[data.unit] = data
            if not isinstance(data, DEMAND_EVENTS):
                due.append(logged)
        await kept.take(due, max(kept.now, instant))

    def occupied(self, kept: Kept) -> dict[str, int]:
        """Count the occupied units of each shelter exactly: what no insider sees, to compare."""
        return {
            name: count(shelter.picture, kept.now, Limits())[0].occupied
            for registry in kept.registries.values()
            for name, shelter in registry.shelters.items()
        }

    def known(self) -> list[ShelterPicture]:
        """Draw what is publicly known: every shelter, with its units empty."""
        return [
            ShelterPicture(
                name,
                self.registered[name],
                units={
                    unit.unit: UnitPicture(
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


def month(seed: int, days: int) -> list[Logged]:
    """Let a country live for so many days."""
    return list(Country(seed, START).until(START + days * DAY))


def flights(log: list[Logged], first_day: int, number: int) -> list[Flight]:
    """Choose households that were taken in and entered at once, each in an hour of its own, spread over the days."""
    found: list[Flight] = []
    for logged in log:
        data = logged.event.data
        if isinstance(data, Admission) and logged.at >= START + first_day * DAY and _prompt(logged):
            hour = logged.at // HOUR * HOUR
            if not found or hour > found[-1].hour + HOUR:
                found.append(Flight(hour, data.adults, data.children, data.shelter, data.unit))
    return list(_spread(found, number))


def _prompt(logged: Logged) -> bool:
    happened = getattr(logged.event.data, "occurred_at", None) or logged.event.time
    return abs(logged.at * _MS_NS - happened) <= _PROMPT_NS


def _spread(found: list[Flight], number: int) -> Iterator[Flight]:
    step = max(1, len(found) // number)
    yield from found[::step][:number]
