"""AES-256-GCM as text: of base64url without padding, a nonce of 96 bits, the ciphertext, the tag (contract, section 3)."""

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.adapters import base64url

# The length the cipher is made for. At random: a key that lasts a day sees far fewer than the 2**32 values that this allows
_NONCE: Final = 12


def encrypt(key: bytes, plain: bytes, about: str) -> str:
    """Encrypt bytes; they are opened with the same key (32 bytes) and the same `about` only."""
    nonce = secrets.token_bytes(_NONCE)
    return base64url.to_text(nonce + AESGCM(key).encrypt(nonce, plain, about.encode()))


def decrypt(key: bytes, text: str, about: str) -> bytes | None:
    """Return what was encrypted; None where the text, the key or `about` is another."""
    try:
        sealed = base64url.to_bytes(text)
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], about.encode())
    except (InvalidTag, ValueError):
        return None
