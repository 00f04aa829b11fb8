"""Names an event may have once (contract R1, R12, section 5): digests with the clock (ms) they were logged at, forgotten after 400 days."""

from dataclasses import dataclass, field
from hashlib import blake2b

# Section 5: 400 days after it was logged, that instant included, a name may come back.
KEPT_MS = 400 * 24 * 3_600_000


def digest(key: str, source: str, id_: str) -> bytes:
    """Return 16 bytes that stand for the name of an event within its shelter or demand key."""
    return blake2b(f"{key}\n{source}\n{id_}".encode(), digest_size=16).digest()


@dataclass(slots=True)
class Names:
    """Digests in the order of their clocks, which never goes back; `added` is what the keeper has not saved yet."""

    logged_at: dict[bytes, int] = field(default_factory=dict)
    added: dict[bytes, int] = field(default_factory=dict)

    def known(self, name: bytes, clock: int) -> bool:
        """Say whether the name still stands at `clock`."""
        at = self.logged_at.get(name)
        return at is not None and clock - at < KEPT_MS

    def add(self, name: bytes, clock: int) -> None:
        """Note a name; one noted before counts from now."""
        self.logged_at.pop(name, None)
        self.logged_at[name] = self.added[name] = clock

    def forget(self, clock: int) -> None:
        """Drop what no longer stands at `clock`."""
        while self.logged_at:
            name, at = next(iter(self.logged_at.items()))
            if clock - at < KEPT_MS:
                return
            del self.logged_at[name]
            self.added.pop(name, None)

    def take_added(self) -> dict[bytes, int]:
        """Hand over what was added since the last call."""
        taken, self.added = self.added, {}
        return taken
