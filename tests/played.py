"""The shipped fold of a log: records in, results out in the form of the recorded results, to be compared with any other fold."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from services.adapters import rfc3339
from services.adapters.codec.event_codec import EventCodec, RefusedEvent, TooNew, plain
from services.adapters.regions import read_regions
from services.domain.beds.partition_fold import PartitionState
from services.domain.beds.staleness import StalenessLimits
from services.domain.beds.state_document import PartitionPart, state_document
from services.domain.demand.case_fold import Case, DemandState
from services.domain.durations import NS_PER_MS
from services.domain.events.catalog import Event
from tests.reference.log import Record
from tests.reference.point_in_time import NEVER_UNKNOWN, Logged, known_by, true_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.domain.beds.holds import HoldFacts
    from services.domain.beds.shelter_fold import ShelterState

WIRE: Final = EventCodec(frozenset(read_regions()))
LIMITS: Final = StalenessLimits()


@dataclass(slots=True)
class Log:
    """The decoded records of one partition, up to its end or to a type too new."""

    records: list[Logged] = field(default_factory=list)
    stopped_at: int | None = None


def read(records: Iterable[Record]) -> dict[int, Log]:
    """Decode records of the bed topic, each partition by itself; offsets are places in the list."""
    logs: dict[int, Log] = defaultdict(Log)
    for offset, record in enumerate(records):
        log = logs[record.partition]
        if log.stopped_at is not None:
            continue
        decoded = WIRE.decode("beds", record.key, record.value)
        if isinstance(decoded, TooNew):
            log.stopped_at = offset
        else:
            log.records.append(Logged(offset, record.timestamp, None if isinstance(decoded, RefusedEvent) else decoded))
    return logs


def logged(records: Iterable[Record]) -> list[Logged]:
    """Decode the records of one partition."""
    return read(records)[0].records


def fold(log: Iterable[Logged]) -> PartitionState:
    """Return the state after the whole log of a partition."""
    state = PartitionState()
    for record in log:
        fold_record(state, record)
    return state


def fold_record(state: PartitionState, record: Logged) -> ShelterState | None:
    """Fold one record of a log; return the shelter it was folded into."""
    state.advance_clock(record.timestamp)
    if record.event is not None:
        return state.apply(record.event, record.offset)
    state.count_dead_letter()
    return None


def document(states: Iterable[PartitionState], now: int, limits: StalenessLimits = LIMITS) -> dict[str, Any]:
    """Return the state of partitions at `now` (ms) as one document."""
    return state_document([part(state) for state in states], now, limits)


def part(state: PartitionState) -> PartitionPart:
    """Return a partition as a part of the state document."""
    snapshots = [shelter.snapshot for shelter in state.shelters.values()]
    return PartitionPart(clock=state.clock, shelters=snapshots, holds=holds(state), dead_letters=state.dead_letters)


def holds(state: PartitionState) -> list[tuple[str, HoldFacts]]:
    """List the holds of a partition, each with its shelter."""
    return [(name, hold) for name, shelter in state.shelters.items() for hold in shelter.holds.values()]


def result(records: Iterable[Record], now: int | None = None) -> dict[str, Any]:
    """Return the state after these records at the reader's `now`, never below the clock of the partition."""
    return document([fold(log.records) for log in read(records).values()], now or 0)


def result_known_by(records: Iterable[Record], instant: int) -> dict[str, Any]:
    """Return what was known by clock K (ms), at K (R14)."""
    return document([known_by(log.records, instant) for log in read(records).values()], instant)


def result_true_at(records: Iterable[Record], instant: int) -> dict[str, Any]:
    """Return what was true at T (ms), without holds and dead letters (R14)."""
    snapshots = [true_at(log.records, instant * NS_PER_MS) for log in read(records).values()]
    state_then = document(snapshots, 0, NEVER_UNKNOWN)
    return {member: state_then[member] for member in ("shelters", "regions", "national")}


def stopped(records: Iterable[Record]) -> dict[int, int]:
    """Return the offset of the record that stopped a partition, of each that stopped (R13)."""
    return {partition: log.stopped_at for partition, log in read(records).items() if log.stopped_at is not None}


GROUPS: Final = {"search": "searches", "fallback": "fallbacks", "entry": "entries"}


def demand(records: Iterable[Record]) -> DemandState:
    """Return the state after records of the demand topic."""
    state = DemandState()
    for offset, record in enumerate(records):
        decoded = WIRE.decode("demand", record.key, record.value)
        if isinstance(decoded, TooNew):
            break
        state.advance_clock(record.timestamp)
        if isinstance(decoded, Event):
            state.apply(decoded, (record.key or b"").decode(), offset)
        else:
            state.count_dead_letter()
    return state


def demand_result(records: Iterable[Record]) -> dict[str, Any]:
    """Return demand in the form of the reference: per group and id its start, whether it ended and how."""
    state = demand(records)
    found: dict[str, Any] = {group: {} for group in GROUPS.values()}
    for (kind, key), case in sorted(state.cases.items()):
        found[GROUPS[kind]][key] = _case(case)
    return {**found, "dead_letters": state.dead_letters}


def _case(case: Case) -> dict[str, Any]:
    return {
        "start": case.start and with_instants(plain(case.start.data)),
        "ended": case.end is not None,
        "outcome": case.end and case.end.data.outcome,
        "occurred_at": case.end and case.end.at,
    }


def with_instants(data: dict[str, Any]) -> dict[str, Any]:
    """Return a start with its time as an instant, so that two ways of writing the time are equal."""
    return data | ({"occurred_at": rfc3339.parse(data["occurred_at"])} if "occurred_at" in data else {})
