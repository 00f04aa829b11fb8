"""Names of events that were seen (contract R1, R12): digests, each with the clock (ms) of its record, for 400 days (section 5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import takewhile
from typing import Final

from services.domain.durations import DAY_MS

# Section 5: 400 days after it was logged, that instant included, a name may come back.
RETENTION_MS: Final = 400 * DAY_MS


def digest(key: str, source: str, id_: str) -> bytes:
    """Return the name of an event within its shelter or demand key as 16 bytes."""
    return blake2b(f"{key}\n{source}\n{id_}".encode(), digest_size=16).digest()


@dataclass(slots=True)
class SeenIds:
    """Digests in the order of their clocks, which never goes back; `added` are those that the view does not store yet.

    `earlier` are those of a checkpoint, for a fold of some keys that shares them with the folds of the others.
    """

    logged_at: dict[bytes, int] = field(default_factory=dict)
    added: dict[bytes, int] = field(default_factory=dict)
    earlier: Mapping[bytes, int] = field(default_factory=dict)

    def contains(self, name: bytes, clock: int) -> bool:
        """Return whether the name still counts as seen at `clock` (ms)."""
        at = self.logged_at.get(name, self.earlier.get(name))
        return at is not None and clock - at < RETENTION_MS

    def add(self, name: bytes, clock: int) -> None:
        """Add a name at `clock` (ms); one that was added before counts from now."""
        self.logged_at.pop(name, None)
        self.logged_at[name] = self.added[name] = clock

    def expire(self, clock: int) -> None:
        """Remove the names that no longer count at `clock` (ms)."""
        # Looked for in one pass: a dictionary steps over each place that was emptied at its front whenever it is read from there
        for name in list(takewhile(lambda name: clock - self.logged_at[name] >= RETENTION_MS, self.logged_at)):
            del self.logged_at[name]
            self.added.pop(name, None)

    def drain_added(self) -> dict[bytes, int]:
        """Return the names added since the last call, with their clocks."""
        drained, self.added = self.added, {}
        return drained
