"""Sealed values: what a service hands out to be handed back, and only it can read or make. AES-256-GCM, each kind apart.

An offer names a shelter; its holder must not learn which. So the API keeps no list of offers: the offer itself is the memory.
"""

import hmac
import secrets
from typing import Any, Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.adapters import base64url

# 96 bits, the length the cipher is made for; chosen at random for each value.
_NONCE: Final = 12
LONGEST: Final = 2_000
_STEP: Final = 64


class SealedTokens:
    """Seals JSON values, and opens those sealed with the same key as the same kind."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._nonces = hmac.digest(key, b"nonces", "sha256")

    def seal(self, kind: str, value: Any) -> str:
        """Seal a value as a kind; of letters, digits, - and _. No two times look alike."""
        return self._seal(kind, value, secrets.token_bytes(_NONCE))

    def name(self, kind: str, value: Any) -> str:
        """Seal a value as a kind so that it looks alike each time: a name of what may be compared, such as an event in two lists."""
        # Derived from what is sealed: the cipher must never see two values under one nonce
        return self._seal(kind, value, hmac.digest(self._nonces, kind.encode() + b"\0" + orjson.dumps(value), "sha256")[:_NONCE])

    def _seal(self, kind: str, value: Any, nonce: bytes) -> str:
        plain = orjson.dumps(value)
        # JSON may end in blanks: the length of a value discloses only roughly what is in it
        return base64url.to_text(nonce + self._cipher.encrypt(nonce, plain.ljust(-(-len(plain) // _STEP) * _STEP), kind.encode()))

    def open(self, kind: str, text: str) -> Any | None:
        """Open a value of a kind; None for anything else, and for another spelling of what was sealed."""
        try:
            sealed = base64url.to_bytes(text)
            if base64url.to_text(sealed) != text:  # the last character may hold bits that are not read
                return None
            return orjson.loads(self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], kind.encode()))
        except (InvalidTag, ValueError):
            return None
