"""What was verified a moment ago: a signature is checked once, and not again at each request with the same token.

Laws: never longer than the token itself says, to the second and without leeway; never past a fetch of the issuer's keys, which may have
taken one back; nothing that was refused. A token is kept as its digest: whoever reads this memory has none to call with.
"""

import hashlib
from typing import Final, Generic, TypeVar

from services.adapters.clock import Clock

# More persons than the country has at work at a time; each costs less than a kilobyte.
_MOST: Final = 10_000

T = TypeVar("T")


class Verified(Generic[T]):
    """What tokens were found to say, for as long as that can be relied on."""

    def __init__(self, now: Clock, most: int = _MOST) -> None:
        self._now, self._most = now, most
        self._known: dict[bytes, tuple[T, int, int]] = {}

    def find(self, token: str, fetches: int) -> T | None:
        """Find what a token says if it was verified since that many fetches of keys, and is not over; None for any other."""
        known = self._known.get(_digest(token))
        if known is None:
            return None
        said, until, before = known
        return said if before == fetches and self._now() < until else None

    def keep(self, token: str, fetches: int, said: T, until: int) -> None:
        """Keep what a token says, verified after that many fetches of keys, until an instant (ms); the one kept longest makes room."""
        self._known.pop(_digest(token), None)
        if len(self._known) >= self._most:
            del self._known[next(iter(self._known))]
        self._known[_digest(token)] = (said, until, fetches)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
