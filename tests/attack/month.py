"""A simulated month, played hour by hour through the real API in this process: its view is folded from the log, its clock is the log's."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from services.adapters.topics import partition_of
from services.domain.events import DEMAND_EVENTS, Admission, ShelterRegistered, UnitDeclared
from services.domain.freshness import Limits
from services.domain.picture import count
from services.simulator.country import Country
from services.simulator.hours import DAY, start_of_year
from services.simulator.world import Logged
from tests.api.desks import Desks

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


@dataclass(slots=True)
class Month:
    """The log of a country, how far it has been played, and what is publicly known of its shelters."""

    log: list[Logged]
    played: int = 0
    registered: dict[str, ShelterRegistered] = field(default_factory=dict)
    units: dict[str, dict[str, UnitDeclared]] = field(default_factory=dict)

    async def until(self, at: Desks, instant: int) -> None:
        """Fold what was logged up to an instant, and let it be then."""
        while self.played < len(self.log) and self.log[self.played].at <= instant:
            logged = self.log[self.played]
            self.played += 1
            data = logged.event.data
            if isinstance(data, DEMAND_EVENTS):
                continue
            if isinstance(data, ShelterRegistered):
                self.registered[data.shelter] = data
            if isinstance(data, UnitDeclared) and not data.overflow:
                self.units.setdefault(data.shelter, {})[data.unit] = data
            at.folded.now = max(at.folded.now, logged.at)
            await at.folded._fold(partition_of(logged.event.subject.encode(), 12), logged.event)
        at.folded.now = max(at.folded.now, instant)
        for partition in range(12):
            await at.folded.stand(partition)

    def occupied(self, at: Desks) -> dict[str, int]:
        """Count the occupied units of each shelter exactly: what no insider sees, to compare."""
        return {
            name: count(shelter.picture, at.folded.now, Limits())[0].occupied
            for registry in at.folded.registries.values()
            for name, shelter in registry.shelters.items()
        }


def month(seed: int, days: int) -> Month:
    """Let a country live for so many days."""
    return Month(list(Country(seed, START).until(START + days * DAY)))


def flights(log: list[Logged], first_day: int, number: int) -> list[Flight]:
    """Choose households that were taken in and entered at once, each in an hour of its own, spread over the days."""
    found: list[Flight] = []
    for logged in log:
        data = logged.event.data
        if isinstance(data, Admission) and logged.at >= START + first_day * DAY and _prompt(logged):
            hour = logged.at // HOUR * HOUR
            if not found or hour > found[-1].hour + HOUR:
                found.append(Flight(hour, data.adults, data.children, data.shelter))
    return list(_spread(found, number))


def _prompt(logged: Logged) -> bool:
    happened = getattr(logged.event.data, "occurred_at", None) or logged.event.time
    return abs(logged.at * _MS_NS - happened) <= _PROMPT_NS


def _spread(found: list[Flight], number: int) -> Iterator[Flight]:
    step = max(1, len(found) // number)
    yield from found[::step][:number]
