"""The forms of an id that holds no information: of an event, from any sender. Any other text may say something of a person."""

import re
from typing import Final

_UUID: Final = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# Crockford's base 32; 26 digits hold 130 bits, so the first is 7 at most
_ULID: Final = "[0-7][0-9a-hjkmnp-tv-z]{25}"
_HEX: Final = "[0-9a-f]{32,64}"
OPAQUE: Final = f"(?:{_UUID}|{_ULID}|{_HEX})"
"""A regular expression, in small letters."""
_IS_OPAQUE: Final = re.compile(OPAQUE, re.ASCII | re.IGNORECASE)


def is_opaque(text: str) -> bool:
    """Return whether an id holds no information: a UUID, a ULID, or 32 to 64 hexadecimal digits."""
    return _IS_OPAQUE.fullmatch(text) is not None
