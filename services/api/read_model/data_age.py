"""Age before number (design, section 2): how old what was read is, and from what age on it is not shown. Milliseconds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.adapters import rfc3339
from services.adapters.problem_details import DUTY_LIST, ProblemError
from services.adapters.view.ports import DemandSnapshot, PartitionSnapshot
from services.domain.durations import MINUTE_MS


@dataclass(frozen=True, slots=True)
class AgeLimits:
    """From which age on an answer is marked degraded, and from which on it is not given."""

    degraded_ms: int = 15_000
    unavailable_ms: int = MINUTE_MS


@dataclass(frozen=True, slots=True)
class DataAge:
    """How true some partitions are: since when the oldest is known to be at the end of the log, and whether one is still on its way.

    `as_of` is by the clock the partitions are seen at. `half` is a partition that never was at the end of the log; `away` whether the
    log is away, and `excused` whether that explains an old view (`log_outage.py`). `stalled` is whether nothing is written to the view, so
    that no request for a hold is decided.
    """

    as_of: int
    rebuilding: bool
    half: bool = False
    away: bool = False
    excused: bool = False
    stalled: bool = False

    def degraded(self, now: int, limits: AgeLimits) -> bool:
        """Return whether an answer from these must be marked as old."""
        return self.away or self.rebuilding or now - self.as_of > limits.degraded_ms

    def require_fresh(self, now: int, limits: AgeLimits) -> None:
        """Raise a ProblemError where no answer is better than an old or a half one; an outage of the log excuses any age."""
        if self.half or (self.rebuilding and not self.excused):
            raise ProblemError("rebuilding")
        if now - self.as_of > limits.unavailable_ms and not self.excused:
            raise ProblemError("data-unavailable", as_of=format_ms(self.as_of))

    def head(self, now: int, limits: AgeLimits) -> dict[str, Any]:
        """Write how old an answer from these is, whether anything can be held, and where the duty list is."""
        return {
            "as_of": format_ms(self.as_of),
            "age_seconds": max(now - self.as_of, 0) // 1_000,
            "degraded": self.degraded(now, limits),
            "can_hold": not (self.away or self.stalled),
            "duty_list": DUTY_LIST,
        }


def age_of(snapshots: Sequence[PartitionSnapshot | DemandSnapshot], now: int, wall: int) -> DataAge:
    """Return the age of partitions that were read; of none the age is zero, for nothing was read.

    `wall` says how long ago each was last known to be at the end, and `now` what that is by the clock of the country; the real one has
    no other clock than the wall.
    """
    if not snapshots:
        return DataAge(now, rebuilding=False)
    positions = [snapshot.position for snapshot in snapshots]
    known = [position for position in positions if position]
    alive = [position.alive_at for position in known]
    # Never at the end of the log is on its way there
    half = len(known) < len(positions) or not all(alive)
    rebuilding = half or any(position.rebuilding for position in known)
    return DataAge(to_dataset_clock(min(alive, default=0), now, wall), rebuilding, half)


def hidden_shelters(snapshots: Iterable[PartitionSnapshot]) -> int:
    """Count the shelters of halted partitions: what is known of them grows old, and is not shown."""
    return sum(len(snapshot.shelters) for snapshot in snapshots if snapshot.halted)


def blinded(snapshot: PartitionSnapshot) -> PartitionSnapshot:
    """Return a halted partition with its shelters as if they had never been heard of: every unit is unknown, and none is free."""
    if not snapshot.halted:
        return snapshot
    return replace(snapshot, shelters={name: replace(shelter, heard_at=None) for name, shelter in snapshot.shelters.items()})


def to_dataset_clock(alive_at: int, now: int, wall: int) -> int:
    """Return an instant of the real clock by that of the data set; 0 is never, also where nothing was ever logged."""
    return now - (wall - alive_at) if alive_at and now else 0


def seen_at(snapshot: PartitionSnapshot, now: int) -> int:
    """Return the time at which a partition is seen: the reader's now, never below the partition's own clock (contract, section 4)."""
    return max(now, snapshot.position.clock) if snapshot.position else now


def format_ms(ms: int | None) -> str | None:
    """Write milliseconds since 1970 as RFC 3339 in UTC."""
    return None if ms is None else rfc3339.show_ms(ms)


def format_ns(ns: int | None) -> str | None:
    """Write nanoseconds since 1970 as RFC 3339 in UTC."""
    return None if ns is None else rfc3339.show(ns)
