"""Simulated countries: their logs through the codec and the fold, beside the ground truth."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from services.adapters import rfc3339
from services.adapters.codec.event_codec import encode, key_of
from services.domain.beds.partition_fold import PartitionState
from services.domain.demand.case_counts import CaseCounts
from services.domain.demand.case_fold import Case, DemandState
from services.domain.events.catalog import DEMAND_EVENTS, Event, FallbackStarted
from services.simulator.ground_truth.truth_document import bed_document, demand_document
from services.simulator.model.calendar import start_of_year
from services.simulator.model.context import LoggedEvent
from services.simulator.simulation import Simulation
from tests import played

START = start_of_year(2023)
"""Where countries of these tests begin."""


@dataclass(slots=True)
class Watched:
    """A country, and the fold of its log."""

    country: Simulation
    registry: PartitionState = field(default_factory=PartitionState)
    demand: DemandState = field(default_factory=DemandState)
    offset: int = -1
    now: int = START

    def until(self, instant: int) -> Iterator[LoggedEvent]:
        """Fold all that is logged up to an instant, and yield it."""
        for logged in self.country.until(instant):
            self.now = logged.at
            self.fold(logged)
            yield logged
        self.now = max(self.now, instant)

    def fold(self, logged: LoggedEvent) -> None:
        """Fold one event at the next offset."""
        self.offset += 1
        if isinstance(logged.event.data, DEMAND_EVENTS):
            self.demand.advance_clock(logged.at)
            self.demand.apply(logged.event, key_of(logged.event), self.offset)
        else:
            self.registry.advance_clock(logged.at)
            self.registry.apply(logged.event, self.offset)

    def shown(self) -> dict[str, Any]:
        """Return what the registry shows."""
        return played.document([self.registry], self.now) | {"demand": shown_of(self.demand)}

    def true(self) -> dict[str, Any]:
        """Return what the registry must show."""
        return bed_document(self.country.truth, self.now) | {"demand": demand_document(self.country.truth.demand)}


def shown_of(registry: DemandState) -> dict[str, Any]:
    """Return what is open, the earliest first, and how many cases ended how."""
    counts = CaseCounts()
    counts.recount(registry.cases, registry.cases)
    opened = [(kind, case) for (kind, _), case in registry.cases.items() if case.open]
    ordered = sorted(opened, key=_start_times)
    fallbacks, entries = ([_shown_start(case) for case_kind, case in ordered if case_kind == kind] for kind in ("fallback", "entry"))
    for entry in entries:
        waiting_list = [other for other in entries if (other["region"], other["kind"]) == (entry["region"], entry["kind"])]
        entry["position"] = 1 + waiting_list.index(entry)
    return {
        "fallbacks": fallbacks,
        "entries": entries,
        "counts": {name: count for name, count in counts.numbers.items() if count},
    }


def _start_times(case: tuple[str, Case]) -> tuple[int, int]:
    start = case[1].start
    return (start.event.occurred_at, start.event.time) if start else (0, 0)


def _shown_start(case: Case) -> dict[str, Any]:
    assert case.start
    names = ("fallback", "entry", "region", "accommodation", "kind", "adults", "children", "reason")
    members = {name: getattr(case.start.data, name) for name in names if hasattr(case.start.data, name)}
    if isinstance(case.start.data, FallbackStarted):
        members |= {"need": "known", "men": case.start.data.need.men, "oldest_son_age": case.start.data.need.oldest_son_age}
    return members | {"occurred_at": rfc3339.show(case.start.event.occurred_at)}


def through_the_wire(logged: LoggedEvent) -> Event:
    """Return an event that was encoded and decoded again; one that the codec refuses fails the test."""
    topic = played.WIRE.topic_of(logged.event)
    read = played.WIRE.decode(topic, key_of(logged.event).encode(), encode(logged.event))
    assert isinstance(read, Event), read
    return read


def written(log: Iterable[LoggedEvent]) -> list[bytes]:
    """Return the bytes of a log."""
    return [b"%d %s" % (logged.at, encode(logged.event)) for logged in log]
