"""Countries to look at: their logs through the wire and the fold, beside the truth they keep themselves."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from services.adapters import instants
from services.adapters.wire import encode, key_of
from services.domain.caseload import Caseload
from services.domain.demand import Case, DemandRegistry
from services.domain.events import DEMAND_EVENTS, Event
from services.domain.registry import Registry
from services.simulator.country import Country
from services.simulator.document import demand, document
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
    demand: DemandRegistry = field(default_factory=DemandRegistry)
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
        """Fold one event; offsets are places in the log."""
        self.offset += 1
        if isinstance(logged.event.data, DEMAND_EVENTS):
            self.demand.hear(logged.at)
            self.demand.take(logged.event, key_of(logged.event), self.offset)
        else:
            self.registry.hear(logged.at)
            self.registry.take(logged.event, self.offset)

    def shown(self) -> dict[str, Any]:
        """Return what the registry shows."""
        return played.document([self.registry], self.now) | {"demand": shown_of(self.demand)}

    def true(self) -> dict[str, Any]:
        """Return what the country says that it must show."""
        return document(self.country.truth, self.now) | {"demand": demand(self.country.truth.demand)}


def shown_of(registry: DemandRegistry) -> dict[str, Any]:
    """Show what is open, the earliest first, and how many cases ended how."""
    load = Caseload()
    load.recount(registry.cases, registry.cases)
    opened = [(kind, case) for (kind, _), case in registry.cases.items() if case.open]
    found = {kind: [_begun(case) for its, case in sorted(opened, key=_happened) if its == kind] for kind in ("fallback", "entry")}
    for entry in found["entry"]:
        ahead = [each for each in found["entry"] if (each["region"], each["kind"]) == (entry["region"], entry["kind"])]
        entry["position"] = 1 + ahead.index(entry)
    return {
        "fallbacks": found["fallback"],
        "entries": found["entry"],
        "counts": {name: count for name, count in load.numbers.items() if count},
    }


def _happened(case: tuple[str, Case]) -> tuple[int, int]:
    start = case[1].start
    return (start.occurred_at, start.time) if start else (0, 0)


def _begun(case: Case) -> dict[str, Any]:
    assert case.start
    shown = ("fallback", "entry", "region", "accommodation", "kind", "adults", "children", "reason")
    told = {name: getattr(case.start.data, name) for name in shown if hasattr(case.start.data, name)}
    return told | {"occurred_at": instants.show(case.start.occurred_at)}


def through_the_wire(logged: Logged) -> Event:
    """Write an event and read it again; what the wire refuses fails the test."""
    topic = played.WIRE.topic_of(logged.event)
    read = played.WIRE.decode(topic, key_of(logged.event).encode(), encode(logged.event))
    assert isinstance(read, Event), read
    return read


def written(log: Iterable[Logged]) -> list[bytes]:
    """Return the bytes of a log."""
    return [b"%d %s" % (logged.at, encode(logged.event)) for logged in log]
