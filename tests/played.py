"""The product over a log: records in, answers out in the form of the recorded results, to be held against any other fold."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from services.adapters import instants
from services.adapters.regions import read_regions
from services.adapters.wire import Refused, TooNew, Wire, plain
from services.domain.demand import Case, DemandRegistry
from services.domain.events import Event
from services.domain.freshness import Limits
from services.domain.history import NEVER_UNKNOWN, Logged, known_by, true_at
from services.domain.registry import Registry
from services.domain.result import Part, state_document
from tests.reference.log import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.domain.holds import Hold
    from services.domain.occupancy import Shelter

WIRE: Final = Wire(frozenset(read_regions()))
LIMITS: Final = Limits()


@dataclass(slots=True)
class Log:
    """What the wire made of the records of one partition, until it ended or a type too new stopped it."""

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
            log.records.append(Logged(offset, record.timestamp, None if isinstance(decoded, Refused) else decoded))
    return logs


def logged(records: Iterable[Record]) -> list[Logged]:
    """Decode the records of one partition."""
    return read(records)[0].records


def fold(log: Iterable[Logged]) -> Registry:
    """Fold the whole log of a partition."""
    registry = Registry()
    for record in log:
        hear(registry, record)
    return registry


def hear(registry: Registry, record: Logged) -> Shelter | None:
    """Fold one record of a log; return the shelter it was folded into."""
    registry.hear(record.timestamp)
    if record.event is not None:
        return registry.take(record.event, record.offset)
    registry.refuse()
    return None


def document(registries: Iterable[Registry], now: int, limits: Limits = LIMITS) -> dict[str, Any]:
    """Draw partitions together at `now` (ms)."""
    return state_document([part(registry) for registry in registries], now, limits)


def part(registry: Registry) -> Part:
    """Show a partition to who draws the state."""
    pictures = [shelter.picture for shelter in registry.shelters.values()]
    return Part(clock=registry.clock, shelters=pictures, holds=holds(registry), dead_letters=registry.dead_letters)


def holds(registry: Registry) -> list[tuple[str, Hold]]:
    """List the holds of a partition, each with its shelter."""
    return [(name, hold) for name, shelter in registry.shelters.items() for hold in shelter.holds.values()]


def result(records: Iterable[Record], now: int | None = None) -> dict[str, Any]:
    """Show the state after these records at the reader's `now`, never below the clock of the partition."""
    return document([fold(log.records) for log in read(records).values()], now or 0)


def result_known_by(records: Iterable[Record], instant: int) -> dict[str, Any]:
    """R14: show what was known by clock K (ms), at K."""
    return document([known_by(log.records, instant) for log in read(records).values()], instant)


def result_true_at(records: Iterable[Record], instant: int) -> dict[str, Any]:
    """R14: show what was true at T (ms), without holds and dead letters."""
    pictures = [true_at(log.records, instant * instants.NS_PER_MS) for log in read(records).values()]
    drawn = document(pictures, 0, NEVER_UNKNOWN)
    return {member: drawn[member] for member in ("shelters", "regions", "national")}


def stopped(records: Iterable[Record]) -> dict[int, int]:
    """Tell of each partition that stopped the place of the record that stopped it."""
    return {partition: log.stopped_at for partition, log in read(records).items() if log.stopped_at is not None}


GROUPS: Final = {"search": "searches", "fallback": "fallbacks", "entry": "entries"}


def demand(records: Iterable[Record]) -> DemandRegistry:
    """Fold records of the demand topic."""
    registry = DemandRegistry()
    for offset, record in enumerate(records):
        decoded = WIRE.decode("demand", record.key, record.value)
        if isinstance(decoded, TooNew):
            break
        registry.hear(record.timestamp)
        if isinstance(decoded, Event):
            registry.take(decoded, (record.key or b"").decode(), offset)
        else:
            registry.refuse()
    return registry


def demand_result(records: Iterable[Record]) -> dict[str, Any]:
    """Show demand in the form of the reference: per group and id its start, whether it ended and how."""
    registry = demand(records)
    found: dict[str, Any] = {group: {} for group in GROUPS.values()}
    for (kind, key), case in sorted(registry.cases.items()):
        found[GROUPS[kind]][key] = _case(case)
    return {**found, "dead_letters": registry.dead_letters}


def _case(case: Case) -> dict[str, Any]:
    return {
        "start": case.start and with_instants(plain(case.start.data)),
        "ended": case.end is not None,
        "outcome": case.end and getattr(case.end.data, "outcome", None),
        "occurred_at": case.end and case.end.occurred_at,
    }


def with_instants(data: dict[str, Any]) -> dict[str, Any]:
    """Read the one time that a start may carry, so that two ways of writing it are equal."""
    return data | ({"occurred_at": instants.parse(data["occurred_at"])} if "occurred_at" in data else {})
