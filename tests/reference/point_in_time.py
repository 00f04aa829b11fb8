"""As it was (contract R14): what was true at T, and what was known by K, from the logged events of one partition."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.domain.beds.event_ids import SeenIds, digest
from services.domain.beds.partition_fold import PartitionState
from services.domain.beds.shelter_fold import ShelterState
from services.domain.beds.staleness import StalenessLimits
from services.domain.events import catalog as e

NEVER_UNKNOWN = StalenessLimits(ageing_ms=2**62, unknown_ms=2**62)
"""Limits for a snapshot of the past: what is true at T does not depend on when a shelter was heard of."""


@dataclass(frozen=True, slots=True)
class Logged:
    """A record at its place: offset, broker timestamp (ms), and its event, None for a dead letter."""

    offset: int
    timestamp: int
    event: e.Event | None


def known_by(log: Iterable[Logged], clock: int) -> PartitionState:
    """Fold the records up to that clock of the partition (ms), in log order: what was known by then."""
    partition = PartitionState()
    for record in log:
        if max(partition.clock, record.timestamp) > clock:
            break
        partition.advance_clock(record.timestamp)
        if record.event is None:
            partition.count_dead_letter()
        else:
            partition.apply(record.event, record.offset)
    return partition


def true_at(log: Iterable[Logged], instant: int) -> PartitionState:
    """Fold the facts that happened up to `instant` (ns), with every correction of the log: what was true then.

    Holds are left out and no shelter is unknown: count with NEVER_UNKNOWN. A name counts once over the whole log (R1), so a copy
    never steps in for a first record that happened later. A shelter is listed from its first fact, not from a correction to come.
    """
    partition, names, listed = PartitionState(), SeenIds(), set()
    for record in log:
        clock = partition.advance_clock(record.timestamp)
        if record.event is None:
            partition.count_dead_letter()
            continue
        name = digest(record.event.subject, record.event.source, record.event.id)
        if names.contains(name, clock):
            continue
        names.add(name, clock)
        if isinstance(record.event.data, e.HOLD_EVENTS):
            continue
        if record.event.occurred_at <= instant:
            listed.add(record.event.subject)
        elif not isinstance(record.event.data, e.Correction):
            continue
        partition.apply(record.event, record.offset)
    partition.shelters = {name: _heard_of(shelter) for name, shelter in partition.shelters.items() if name in listed}
    return partition


def _heard_of(shelter: ShelterState) -> ShelterState:
    """Return a shelter that counts as heard of: R14 leaves `unknown` out for every shelter."""
    shelter.snapshot.heard_at = shelter.snapshot.heard_at or 0
    return shelter
