"""A log as it was written: which records are events, at which clock, which count (R1), which are taken out (R12), section 5."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from tests.reference.parse import REGIONS, Event, Refused, Stop, parse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

HOUR: Final = 3_600_000
# Section 5: how long a name is remembered and a correction stops what arrives, in milliseconds.
REMEMBERED: Final = 400 * 24 * HOUR
CORRECTIONS: Final = ("correction", "demand-correction")
HOLD_EVENTS: Final = ("hold-requested", "hold-extended", "hold-accepted", "hold-released", "hold-declined")


class Record(NamedTuple):
    """A record of a topic: its bytes, the broker's timestamp in milliseconds, its partition."""

    key: bytes | None
    value: bytes | None
    timestamp: int
    partition: int = 0


@dataclass(frozen=True)
class Entry:
    """An event that counts, and the clock of its partition when it was logged."""

    position: int
    clock: int
    partition: int
    event: Event


@dataclass(frozen=True)
class Log:
    """What a reader finds in the records."""

    entries: dict[str, list[Entry]]  # of each key the first copies, in the order of the log
    clocks: dict[int, int]
    dead_letters: int
    stopped: dict[int, int]  # of a partition that stopped the index of the record that stopped it
    partitions: dict[str, int]


def read(records: Iterable[Record], topic: str = "beds", regions: Collection[str] = REGIONS) -> Log:
    """Read the records in order, each partition until its end or until it stops."""
    log = Log({}, {}, 0, {}, {})
    counted: dict[tuple[str, str, str], list[int]] = {}
    dead_letters = 0
    for position, record in enumerate(records):
        if record.partition in log.stopped:
            continue
        parsed = parse(record.value, record.key, topic, regions)
        if isinstance(parsed, Stop):
            log.stopped[record.partition] = position
            continue
        clock = max(record.timestamp, log.clocks.get(record.partition, record.timestamp))
        log.clocks[record.partition] = clock
        if isinstance(parsed, Refused):
            dead_letters += 1
        else:
            _append(log, Entry(position, clock, record.partition, parsed), counted)
    return Log(log.entries, log.clocks, dead_letters, log.stopped, log.partitions)


def _append(log: Log, entry: Entry, counted: dict[tuple[str, str, str], list[int]]) -> None:
    """R1: the first record of a name counts, and again when section 5 lets the name come back; `counted` has the clocks of each name."""
    mine = log.entries.setdefault(entry.event.key, [])
    log.partitions.setdefault(entry.event.key, entry.partition)
    clocks = counted.setdefault((entry.event.key, *_name(entry)), [])
    if not any(entry.clock < earlier + REMEMBERED for earlier in clocks):
        clocks.append(entry.clock)
        mine.append(entry)


def _name(entry: Entry) -> tuple[str, str]:
    return entry.event.source, entry.event.id


def is_fact(event: Event) -> bool:
    """R2: everything but the five hold events."""
    return event.name not in HOLD_EVENTS


def is_corrected(entry: Entry, log: Iterable[Entry]) -> bool:
    """R12: whether a correction in this log takes the entry out; section 5: one of 400 days ago stops nothing that arrives."""
    if entry.event.name in CORRECTIONS or not is_fact(entry.event):
        return False
    return any(
        other.event.name in CORRECTIONS
        and (other.event.data["corrects"]["source"], other.event.data["corrects"]["id"]) == _name(entry)
        and (other.position > entry.position or entry.clock < other.clock + REMEMBERED)
        for other in log
    )


def uncorrected(log: list[Entry]) -> list[Event]:
    """Return the facts that stand, corrections and hold events left out."""
    corrections = [entry for entry in log if entry.event.name in CORRECTIONS]
    standing = [entry for entry in log if is_fact(entry.event) and entry.event.name not in CORRECTIONS]
    return [entry.event for entry in standing if not is_corrected(entry, corrections)]
