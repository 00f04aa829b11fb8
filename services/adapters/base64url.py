"""Bytes as text for URLs and headers: base64url without padding (RFC 4648, section 5)."""

import base64


def to_text(raw: bytes) -> str:
    """Return bytes as text of letters, digits, - and _."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def to_bytes(text: str) -> bytes:
    """Return the bytes of a text. Raise ValueError where it holds another character or is cut off.

    The last character may hold bits that are not read: several texts may give the same bytes.
    """
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
