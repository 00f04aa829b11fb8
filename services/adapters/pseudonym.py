"""Pseudonyms: a keyed hash stands for a person in the log, so that she can be told from others and not be found.

The key is a secret of the operator. Two services with the same key give the same person the same pseudonym.
"""

import hmac
import secrets

# 128 bits: within the 16 to 64 hexadecimal digits of the contract (section 3).
_DIGITS = 32
# A key that was made up at start holds no two services together, but nothing stands in the code.
_MADE_UP_BYTES = 32


class Pseudonyms:
    """Gives persons their pseudonyms; without a key, one of its own that is forgotten at the end."""

    def __init__(self, key: str | None) -> None:
        self._key = key.encode() if key else secrets.token_bytes(_MADE_UP_BYTES)

    def asked_by(self, sub: str) -> str:
        """Tell under which pseudonym a person asks for holds."""
        return hmac.digest(self._key, f"asked_by\0{sub}".encode(), "sha256").hex()[:_DIGITS]
