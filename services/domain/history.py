"""As it was (contract R14): what was true at T, and what was known by K, from the logged events of one partition."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.domain import events as e
from services.domain.freshness import Limits
from services.domain.names import Names, digest
from services.domain.occupancy import Shelter
from services.domain.registry import Registry

NEVER_UNKNOWN = Limits(ageing_ms=2**62, unknown_ms=2**62)
"""Limits for a picture of the past: what is true at T does not depend on who was heard of."""


@dataclass(frozen=True, slots=True)
class Logged:
    """A record at its place: offset, broker timestamp (ms), and its event, None for a dead letter."""

    offset: int
    timestamp: int
    event: e.Event | None


def known_by(log: Iterable[Logged], clock: int) -> Registry:
    """Fold the records up to that clock of the partition (ms), in log order: what was known by then."""
    registry = Registry()
    for record in log:
        if max(registry.clock, record.timestamp) > clock:
            break
        registry.hear(record.timestamp)
        if record.event is None:
            registry.refuse()
        else:
            registry.take(record.event, record.offset)
    return registry


def true_at(log: Iterable[Logged], instant: int) -> Registry:
    """Fold the facts that happened up to `instant` (ns), with every correction of the log: what was true then.

    Holds are left out and nobody is unknown: count with NEVER_UNKNOWN. A name counts once over the whole log (R1), so a copy
    never steps in for a first record that happened later. A shelter is listed from its first fact, not from a correction to come.
    """
    registry, names, listed = Registry(), Names(), set()
    for record in log:
        clock = registry.hear(record.timestamp)
        if record.event is None:
            registry.refuse()
            continue
        name = digest(record.event.subject, record.event.source, record.event.id)
        if names.known(name, clock):
            continue
        names.add(name, clock)
        if isinstance(record.event.data, e.HOLD_EVENTS):
            continue
        if record.event.occurred_at <= instant:
            listed.add(record.event.subject)
        elif not isinstance(record.event.data, e.Correction):
            continue
        registry.take(record.event, record.offset)
    registry.shelters = {name: _heard_of(shelter) for name, shelter in registry.shelters.items() if name in listed}
    return registry


def _heard_of(shelter: Shelter) -> Shelter:
    """Count one that its own desks never spoke for as heard of: R14 leaves `unknown` out for everyone."""
    shelter.picture.heard_at = shelter.picture.heard_at or 0
    return shelter
