"""A country that lives: what is due is sent at the instant it is logged; clock, sleep and sender are parameters."""

from collections.abc import Callable
from dataclasses import dataclass

from services.adapters.clock import Clock
from services.simulator.model.context import LoggedEvent
from services.simulator.simulation import Simulation

# Short enough to look alive and to stop at once, long enough to cost nothing
_LONGEST_SLEEP_S = 0.25
# The first day of the country is logged in one burst, a millisecond an event: it lies behind when the first event is sent
BEFORE_MS = 10_000


@dataclass(slots=True)
class LiveRunner:
    """Sends one country, at most about `most` events at once.

    `send` returns when all were accepted; `on_progress` is called now and then, also when nothing was sent.
    """

    country: Simulation
    now: Clock
    sleep: Callable[[float], None]
    send: Callable[[list[LoggedEvent]], None]
    on_progress: Callable[[], None]
    most: int

    def run(self, is_running: Callable[[], bool]) -> None:
        """Send all that is due while `is_running` says so; what has begun to be sent is sent to its end."""
        while is_running():
            logged = self._due(self.now())
            if logged:
                self.send(logged)
            else:
                self.sleep(min(_LONGEST_SLEEP_S, max(0.001, (self.country.due - self.now()) / 1_000)))
            self.on_progress()

    def _due(self, now: int) -> list[LoggedEvent]:
        """Run what is due, until it fills one request or little more, and return what was logged."""
        logged: list[LoggedEvent] = []
        while self.country.due <= now and len(logged) < self.most:
            logged += self.country.step()
        return logged
