"""A country as it lives: what is due is sent at the instant it is logged, by a clock and through a door that are handed in."""

from collections.abc import Callable
from dataclasses import dataclass

from services.adapters.clock import Clock
from services.simulator.country import Country
from services.simulator.world import Logged

# Short enough to look alive and to stop at once, long enough to cost nothing
_NAP_S = 0.25
# The first day of the country is logged in one burst, a millisecond an event: it lies behind when the first event is sent
BEFORE_MS = 10_000


@dataclass(slots=True)
class Live:
    """Sends one country. `send` returns when all was taken, `told` hears now and then that time has passed."""

    country: Country
    now: Clock
    sleep: Callable[[float], None]
    send: Callable[[list[Logged]], None]
    told: Callable[[], None]
    most: int

    def run(self, going: Callable[[], bool]) -> None:
        """Send all that is due, for as long as it goes; what has begun to be sent is sent to its end."""
        while going():
            logged = self._due(self.now())
            if logged:
                self.send(logged)
            else:
                self.sleep(min(_NAP_S, max(0.001, (self.country.due - self.now()) / 1_000)))
            self.told()

    def _due(self, now: int) -> list[Logged]:
        """Let happen what is due, so much that it fits in one request or little more."""
        logged: list[Logged] = []
        while self.country.due <= now and len(logged) < self.most:
            logged += self.country.step()
        return logged
