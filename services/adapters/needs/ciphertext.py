"""AES-256-GCM as text: of base64url without padding, a nonce of 96 bits, the ciphertext, the tag (contract, section 3)."""

import base64
import binascii
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# The length the cipher is made for. At random: a key that lasts a day sees far fewer than the 2**32 values that this allows
_NONCE: Final = 12


def encrypt(key: bytes, plain: bytes, about: str) -> str:
    """Encrypt bytes; they are opened with the same key (32 bytes) and the same `about` only."""
    nonce = secrets.token_bytes(_NONCE)
    return base64.urlsafe_b64encode(nonce + AESGCM(key).encrypt(nonce, plain, about.encode())).rstrip(b"=").decode()


def decrypt(key: bytes, text: str, about: str) -> bytes | None:
    """Return what was encrypted; None where the text, the key or `about` is another."""
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], about.encode())
    except (InvalidTag, binascii.Error, ValueError):
        return None
