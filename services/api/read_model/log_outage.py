"""The outage of the log as this process sees it: answers from the view may be of any age during one, and for a while after it.

A view grows old in an outage because nothing new can be logged, which does no harm; it grows old while the log is there because the
processor stands still, and then it lacks what was logged. After an outage the processor gets as long to catch up as a view may be old.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Final, Protocol

from services.adapters.clock import Stopwatch

_LOOK_S: Final = 0.5
# A start, or an acknowledgement that took long, is no outage: the view is not old for it.
_SHORTEST_S: Final = 5.0


class LogState(Protocol):
    """What knows whether the log can be reached: the durable publisher."""

    @property
    def away(self) -> bool:
        """Return whether the log is away."""


@dataclass(slots=True)
class LogOutage:
    """Notices outages. `excused_s` is how long after an outage old answers are given (seconds)."""

    publisher: LogState
    clock: Stopwatch
    excused_s: float
    _since: float | None = field(default=None)
    _excused_until: float = field(default=-1.0)

    async def run_forever(self) -> None:
        """Notice outages also without requests, until cancelled."""
        while True:
            self.excused  # noqa: B018  it looks
            await asyncio.sleep(_LOOK_S)

    @property
    def away(self) -> bool:
        """Whether the log is away now: nothing can be held."""
        return self.publisher.away

    @property
    def excused(self) -> bool:
        """Whether an old view is what an outage explains."""
        now = self.clock()
        if self.away:
            self._since = now if self._since is None else self._since
            if now - self._since >= _SHORTEST_S:
                self._excused_until = now + self.excused_s
            return True
        self._since = None
        return now < self._excused_until
