"""Derives values from the operator's secret: pseudonyms of callers, ids of what a request creates, keys for sealed tokens.

Two services with the same secret derive the same values; no derived value leads back to the caller, the request or the secret.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

# 128 bits: within the 16 to 64 hexadecimal digits of the contract (section 3).
_DIGITS = 32
_BYTES = _DIGITS // 2
# A random key of one process: two services then derive different values.
_RANDOM_BYTES = 32
# Pseudonyms in memory: fewer persons are at work in the country at a time
_CACHED = 10_000


class Pseudonyms:
    """Derives from one secret; without one, from a random secret of this process."""

    def __init__(self, key: str | None) -> None:
        self._key = key.encode() if key else secrets.token_bytes(_RANDOM_BYTES)
        # Each request of a caller takes several, and they are always the same
        self._pseudonym = lru_cache(_CACHED)(self._named)

    def asked_by(self, sub: str) -> str:
        """Return the pseudonym under which a caller requests holds."""
        return self._pseudonym("asked_by", sub)

    def audited(self, sub: str) -> str:
        """Return the pseudonym of a caller in the audit log: another one, so that the two logs can't be joined."""
        return self._pseudonym("audited", sub)

    def shown_to_auditors(self, kind: str, name: str) -> str:
        """Return the pseudonym of a shelter, or of another object of the audit log, that an auditor sees in its place."""
        return self._pseudonym("shown_to_auditors", kind, name)

    def rated(self, sub: str) -> str:
        """Return the pseudonym under which the requests of a caller are counted."""
        return self._pseudonym("rated", sub)

    def household(self, *identity: str) -> str:
        """Return the digest that identifies a household for the desk of a region (`HouseholdForm.identity`)."""
        return self._named("household", *identity)

    def offered(self, root: str, shelters: Iterable[str]) -> list[bytes]:
        """Return the digest of each shelter that was offered to a chain of searches; in each chain other digests.

        The key of a chain is derived once, and hashed with each shelter: a search has dozens.
        """
        key = self._derived("offered", root)
        return [hashlib.sha256(key + shelter.encode()).digest()[:_BYTES] for shelter in shelters]

    def logged(self, kind: str, who: str, household: str) -> str:
        """Return the digest of a household that a caller or a desk (`kind`) logged."""
        return self._named("logged", kind, who, household)

    def notice(self, *about: str) -> str:
        """Return the id of a notice: the same in every process, and nothing that it is about can be read from it."""
        return self._named("notice", *about)

    def attempt(self, sub: str, route: str, key: str | None) -> "Attempt":
        """Return the attempt of a caller's request to a route with this idempotency key; without a key each request is another."""
        return Attempt(secrets.token_bytes(_RANDOM_BYTES) if key is None else self._derived("attempt", sub, route, key))

    def sealing_key(self, purpose: str) -> bytes:
        """Derive a key of 32 bytes for one purpose."""
        return self._derived("seal", purpose)

    def import_key(self, shelter: str) -> bytes:
        """Derive the key with which the ids of what a shelter brings in from a spreadsheet are made: of each shelter another one."""
        return self._derived("import", shelter)

    def _derived(self, *words: str) -> bytes:
        return _derive(self._key, *words)

    def _named(self, *words: str) -> str:
        return _derive(self._key, *words).hex()[:_DIGITS]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request; sent again it gives the same ids, which count once (R1, R10, D1; ADR 10)."""

    _key: bytes

    @property
    def name(self) -> str:
        """The name under which this request is stored."""
        return _derive(self._key, "name").hex()[:_DIGITS]

    def id(self, noun: str) -> str:
        """Derive the id of one thing that this request creates: a UUID of the contract's form, the same each time."""
        return str(UUID(bytes=_derive(self._key, "id", noun)[:16], version=4))


def _derive(key: bytes, *words: str) -> bytes:
    return hmac.digest(key, "\0".join(words).encode(), "sha256")
