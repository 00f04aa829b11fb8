"""Cache of verified tokens: a signature is checked once, and not again at each request with the same token (ADR 26).

Guarantees: an entry ends when the token itself does, to the second and without leeway, or at the next fetch of the issuer's keys, which may
have taken one back. Must not hold what was refused, nor a token: its SHA-256 is the key, so a reader of this memory has none to call with.
"""

import hashlib
from typing import Final, Generic, NamedTuple, TypeVar

from cachetools import TLRUCache

from services.adapters.clock import Clock

# More persons than the country has at work at a time; each costs less than a kilobyte.
_MOST: Final = 10_000

T = TypeVar("T")


class _Entry(NamedTuple, Generic[T]):
    claims: T
    until: int
    fetches: int


class TokenCache(Generic[T]):
    """The claims of verified tokens; of more than `most` the one used longest ago makes room."""

    def __init__(self, now: Clock, most: int = _MOST) -> None:
        self._entries: TLRUCache[bytes, _Entry[T]] = TLRUCache(most, ttu=lambda _key, entry, _now: entry.until, timer=now)

    def get(self, token: str, fetches: int) -> T | None:
        """Return the claims of a token that was verified after this many fetches of keys and is not over; None for any other."""
        entry: _Entry[T] | None = self._entries.get(_digest(token))
        return entry.claims if entry and entry.fetches == fetches else None

    def put(self, token: str, fetches: int, claims: T, until: int) -> None:
        """Add the claims of a token that was verified after this many fetches of keys, until an instant (ms since 1970)."""
        self._entries[_digest(token)] = _Entry(claims, until, fetches)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
