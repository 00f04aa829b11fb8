"""Sealed values: what the API hands out to be handed back, and nobody else can read or make. AES-256-GCM, each kind apart.

An offer names a shelter; whoever holds it must not learn which. So the API keeps no list of offers: the offer itself is the memory.
"""

import base64
import binascii
import secrets
from typing import Any, Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# 96 bits, the length the cipher is made for; chosen at random for each value.
_NONCE: Final = 12
LONGEST: Final = 2_000
_STEP: Final = 64


class Seals:
    """Seals JSON values, and opens those sealed with the same key as the same kind."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, kind: str, value: Any) -> str:
        """Seal a value as a kind; of letters, digits, - and _."""
        nonce = secrets.token_bytes(_NONCE)
        plain = orjson.dumps(value)
        # JSON may end in blanks: how long a value is tells nothing but roughly
        sealed = nonce + self._cipher.encrypt(nonce, plain.ljust(-(-len(plain) // _STEP) * _STEP), kind.encode())
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, kind: str, text: str) -> Any | None:
        """Open a value of a kind; None for anything else."""
        try:
            sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            return orjson.loads(self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], kind.encode()))
        except (InvalidTag, binascii.Error, ValueError):
            return None
