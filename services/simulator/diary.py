"""What must be remembered of a country to let it live on: its seed and its stints. The same seed and stints are the same bytes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.simulator.country import Country
from services.simulator.parameters import Parameters
from services.simulator.world import Logged


@dataclass(frozen=True, slots=True)
class Stint:
    """From which step on, from which instant of the log's clock (ms), and how much faster than that clock it lived."""

    steps: int
    at: int
    speed: float


@dataclass(slots=True, kw_only=True)
class Diary:
    """One country. Up to step `begun` it was sent, up to step `sent` it was taken; `last` is the id of the last event up to `begun`."""

    seed: int
    stints: list[Stint] = field(default_factory=list)
    begun: int = 0
    sent: int = 0
    last: str = ""

    @classmethod
    def read(cls, document: dict[str, Any]) -> "Diary":
        """Read what `asdict` wrote."""
        return cls(**document | {"stints": [Stint(**stint) for stint in document["stints"]]})

    def opened(self, now: int, speed: float, regions: Path | None) -> Country:
        """Begin the country at an instant."""
        self.stints = [Stint(0, now, speed)]
        return self._country(regions)

    def lived_again(self, regions: Path | None, passed: Callable[[int], None]) -> tuple[Country, list[Logged]]:
        """Let all that was begun to be sent happen again; return the country, and what may not have been taken. ValueError if it differs.

        `passed` hears of every step.
        """
        country, unsent, last = self._country(regions), list[Logged](), ""
        for stint in [*self.stints[1:], None]:
            while country.steps < (stint.steps if stint else self.begun):
                logged = country.step()
                unsent += logged if country.steps > self.sent else []
                last = logged[-1].event.id if logged else last
                passed(1)
            if stint:
                country.go_on(stint.at, stint.speed)
        if last != self.last:
            raise ValueError("another program made this country")
        return country, unsent

    def go_on(self, country: Country, now: int, speed: float) -> None:
        """Let it live on from an instant, after standing still."""
        self.stints.append(Stint(country.steps, now, speed))
        country.go_on(now, speed)

    def _country(self, regions: Path | None) -> Country:
        first = self.stints[0]
        return Country(self.seed, first.at, parameters=Parameters.to_watch(), regions=regions, speed=first.speed, partitions=None)
