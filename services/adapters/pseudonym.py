"""What is derived from the operator's secret: a person's pseudonym in the log, the ids of what her requests make, keys to seal with.

Two services with the same secret derive the same; nothing leads back from a derived value to the person, the request or the secret.
"""

import hmac
import secrets
from dataclasses import dataclass
from uuid import UUID

# 128 bits: within the 16 to 64 hexadecimal digits of the contract (section 3).
_DIGITS = 32
# A key that was made up at start holds no two services together, but nothing stands in the code.
_MADE_UP_BYTES = 32


class Pseudonyms:
    """Derives from one secret; without one, from a secret of its own that is forgotten at the end."""

    def __init__(self, key: str | None) -> None:
        self._key = key.encode() if key else secrets.token_bytes(_MADE_UP_BYTES)

    def asked_by(self, sub: str) -> str:
        """Tell under which pseudonym a person asks for holds."""
        return self._derived("asked_by", sub).hex()[:_DIGITS]

    def audited(self, sub: str) -> str:
        """Tell under which pseudonym a person stands in the audit log: another one, so that the two logs don't add up by themselves."""
        return self._derived("audited", sub).hex()[:_DIGITS]

    def rated(self, sub: str) -> str:
        """Tell under which pseudonym it is counted how often a person asks."""
        return self._derived("rated", sub).hex()[:_DIGITS]

    def attempt(self, sub: str, route: str, key: str | None) -> "Attempt":
        """Tell a person's request to a route by its Idempotency-Key; without one, no other request is the same."""
        return Attempt(secrets.token_bytes(_MADE_UP_BYTES) if key is None else self._derived("attempt", sub, route, key))

    def sealing_key(self, purpose: str) -> bytes:
        """Derive 32 bytes to encrypt with, for one purpose and no other."""
        return self._derived("seal", purpose)

    def _derived(self, *words: str) -> bytes:
        return hmac.digest(self._key, "\0".join(words).encode(), "sha256")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request. Sent again it gives the same ids, and R1, R10 and D1 of the contract make no second thing of the same ids."""

    _key: bytes

    @property
    def name(self) -> str:
        """What this request is remembered under."""
        return self._derived("name").hex()[:_DIGITS]

    def id(self, noun: str) -> str:
        """Make the id of one thing that this request makes: a UUID of the contract's form, the same each time."""
        return str(UUID(bytes=self._derived("id", noun)[:16], version=4))

    def _derived(self, *words: str) -> bytes:
        return hmac.digest(self._key, "\0".join(words).encode(), "sha256")
