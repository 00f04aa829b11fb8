"""Countries to look at: their logs through the wire and the fold, beside the truth they keep themselves."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from services.adapters.wire import encode, key_of
from services.domain.events import DEMAND_EVENTS, Event
from services.domain.registry import Registry
from services.simulator.country import Country
from services.simulator.document import document
from services.simulator.hours import start_of_year
from services.simulator.world import Logged
from tests import played

START = start_of_year(2023)
"""Where countries of these tests begin."""


@dataclass(slots=True)
class Watched:
    """A country, and the fold of its log."""

    country: Country
    registry: Registry = field(default_factory=Registry)
    offset: int = -1
    now: int = START

    def until(self, instant: int) -> Iterator[Logged]:
        """Fold all that is logged up to an instant, and yield it."""
        for logged in self.country.until(instant):
            self.now = logged.at
            self.fold(logged)
            yield logged
        self.now = max(self.now, instant)

    def fold(self, logged: Logged) -> None:
        """Fold one event, if it is of a shelter; offsets are places in the log."""
        self.offset += 1
        if not isinstance(logged.event.data, DEMAND_EVENTS):
            self.registry.hear(logged.at)
            self.registry.take(logged.event, self.offset)

    def shown(self) -> dict[str, Any]:
        """Return what the registry shows."""
        return played.document([self.registry], self.now)

    def true(self) -> dict[str, Any]:
        """Return what the country says that it must show."""
        return document(self.country.truth, self.now)


def through_the_wire(logged: Logged) -> Event:
    """Write an event and read it again; what the wire refuses fails the test."""
    topic = played.WIRE.topic_of(logged.event)
    read = played.WIRE.decode(topic, key_of(logged.event).encode(), encode(logged.event))
    assert isinstance(read, Event), read
    return read


def written(log: Iterable[Logged]) -> list[bytes]:
    """Return the bytes of a log."""
    return [b"%d %s" % (logged.at, encode(logged.event)) for logged in log]
