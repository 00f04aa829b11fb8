"""What must be kept of a country to resume it: its seed and its runs. The same seed and runs give the same bytes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.simulator.model.context import LoggedEvent
from services.simulator.model.parameters import Parameters
from services.simulator.simulation import Simulation


@dataclass(frozen=True, slots=True)
class Stint:
    """One run: from which step on, from which instant of the log's clock (ms), and how much faster than that clock the country lives."""

    steps: int
    at: int
    speed: float


@dataclass(slots=True, kw_only=True)
class ResumeState:
    """One country. Up to step `begun` it was sent, up to step `sent` it was accepted; `last` is the id of the last event up to `begun`.

    The names of the fields are those of the file in a data directory.
    """

    seed: int
    stints: list[Stint] = field(default_factory=list)
    begun: int = 0
    sent: int = 0
    last: str = ""

    @classmethod
    def read(cls, document: dict[str, Any]) -> "ResumeState":
        """Read what `asdict` wrote."""
        return cls(**document | {"stints": [Stint(**stint) for stint in document["stints"]]})

    def start(self, now: int, speed: float, regions: Path | None) -> Simulation:
        """Return a country that begins at an instant."""
        self.stints = [Stint(0, now, speed)]
        return self._country(regions)

    def replay(self, regions: Path | None, on_steps: Callable[[int], None]) -> tuple[Simulation, list[LoggedEvent]]:
        """Run again all that was begun to be sent; return the country, and what may not have been accepted.

        `on_steps` is called with the number of steps since. Raises ValueError if the events differ.
        """
        country, unsent, last = self._country(regions), list[LoggedEvent](), ""
        for stint in [*self.stints[1:], None]:
            while country.steps < (stint.steps if stint else self.begun):
                logged = country.step()
                unsent += logged if country.steps > self.sent else []
                last = logged[-1].event.id if logged else last
                on_steps(1)
            if stint:
                country.resume(stint.at, stint.speed)
        if last != self.last:
            raise ValueError("another program made this country")
        return country, unsent

    def resume(self, country: Simulation, now: int, speed: float) -> None:
        """Go on from an instant, after a standstill."""
        self.stints.append(Stint(country.steps, now, speed))
        country.resume(now, speed)

    def _country(self, regions: Path | None) -> Simulation:
        first = self.stints[0]
        return Simulation(self.seed, first.at, parameters=Parameters.to_watch(), regions=regions, speed=first.speed, partitions=None)
