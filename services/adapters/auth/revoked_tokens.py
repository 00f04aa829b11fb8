"""Tokens that their holder has given back at log-out: every service refuses them for as long as they would have been valid.

They are records of `<prefix>.revoked-tokens`, whose key is a digest of the token: a reader of the topic has no token to call with. A
service that has not read the topic yet, or can't, takes a token for valid: a night in which Kafka is away must lock nobody out.
"""

import hashlib
from typing import Final, Protocol

from services.domain.durations import DAY_MS

# Longer than any token may be valid (`PLEK_TOKEN_HOURS` is 168 at most)
KEPT_MS: Final = 8 * DAY_MS


class RevokedTokens(Protocol):
    """The digests of the tokens that were given back."""

    def get(self, key: str) -> object | None:
        """Return what stands under a digest; None where the token was not given back."""


class NoneRevoked:
    """Where no token can be given back."""

    def get(self, _: str) -> None:
        """Return None."""


def digest_of(authorization: str) -> str:
    """Return the digest of the token of an Authorization header, however the scheme and the signature are written."""
    token = authorization.partition(" ")[2].strip()
    # Decoders of base64 skip characters, and of ECDSA there are two: a signature can be written in several ways, what it signs in one
    signed = token.rpartition(".")[0] or token
    return hashlib.sha256(signed.encode("utf-8", "replace")).hexdigest()
