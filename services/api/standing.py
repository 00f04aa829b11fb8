"""Age before number (design, section 2): how true what was read is, and from what age on it is not told at all. Milliseconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.adapters import instants
from services.adapters.problems import ProblemError
from services.adapters.view.port import DemandLook, Look


@dataclass(frozen=True, slots=True)
class Patience:
    """From which age on an answer is marked degraded, and from which on it is not given."""

    degraded_ms: int = 15_000
    unavailable_ms: int = 60_000


@dataclass(frozen=True, slots=True)
class Standing:
    """How true some partitions are: since when the oldest is known to be at the end of the log, and whether one is still on its way.

    `as_of` is told by the clock the partitions are seen at.
    """

    as_of: int
    rebuilding: bool

    def degraded(self, now: int, patience: Patience) -> bool:
        """Say whether an answer from these must be marked as old."""
        return now - self.as_of > patience.degraded_ms

    def insist(self, now: int, patience: Patience) -> None:
        """Raise a ProblemError where no answer is better than an old or a half one: the caller is told to phone."""
        if self.rebuilding:
            raise ProblemError("rebuilding")
        if now - self.as_of > patience.unavailable_ms:
            raise ProblemError("phone", as_of=shown(self.as_of))


def standing(looks: Sequence[Look | DemandLook], now: int, wall: int) -> Standing:
    """Tell how true partitions are that were read; none of them is as true as can be, for nothing was read.

    `wall` tells how long ago each was last known to be at the end, and `now` what that is by the clock of the country; the real one has
    no other clock than the wall.
    """
    positions = [look.position for look in looks]
    known = [position for position in positions if position]
    alive = [position.alive_at for position in known]
    # Never at the end of the log is on its way there
    rebuilding = len(known) < len(positions) or any(position.rebuilding or not position.alive_at for position in known)
    return Standing(dated(min(alive, default=0), now, wall), rebuilding)


def dated(alive_at: int, now: int, wall: int) -> int:
    """Tell an instant of the wall's clock by that of the country; 0 is never, also where nothing was ever logged."""
    return now - (wall - alive_at) if alive_at and now else 0


def seen_at(look: Look, now: int) -> int:
    """Tell at which time a partition is seen: the reader's now, never below the partition's own clock (contract, section 4)."""
    return max(now, look.position.clock) if look.position else now


def shown(ms: int | None) -> str | None:
    """Write milliseconds since 1970 as RFC 3339 in UTC."""
    return None if ms is None else instants.show(ms * instants.NS_PER_MS)


def shown_ns(ns: int | None) -> str | None:
    """Write nanoseconds since 1970 as RFC 3339 in UTC."""
    return None if ns is None else instants.show(ns)


def position_of(look: Look) -> dict[str, Any]:
    """Write where a partition stood when it was read."""
    return {"partition": look.partition, "offset": look.position.offset if look.position else None}
