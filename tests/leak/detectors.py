"""Detectors: what looks like a Dutch postcode, telephone number or citizen number, whoever wrote it."""

import re
from collections.abc import Iterator
from typing import Final

# Ids, hashes and sealed tokens hold every sequence of digits and letters now and then.
_OPAQUE: Final = re.compile(rb"(?<![A-Za-z0-9_-])(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[A-Za-z0-9_-]{16,})")
# PostNL gives out no code with these letters.
_POSTCODE: Final = re.compile(rb"(?<![A-Za-z0-9.])[1-9][0-9]{3} ?(?!SA|SD|SS)[A-Z]{2}(?![A-Za-z0-9])")
_PHONE: Final = re.compile(rb"(?<![A-Za-z0-9.])(?:\+31|0031|0)(?:\(0\))?[ -]?[1-9](?:[ -]?[0-9]){8}(?![0-9])")
_NINE: Final = re.compile(rb"(?<![A-Za-z0-9.+-])[0-9]{9}(?![A-Za-z0-9]|\.[0-9])")
# The one telephone number that the contract has, and that of the duty list, where they may stand.
_INTAKE_PHONE: Final = re.compile(rb"\\*\"(?:intake_)?phone(?:_before)?\\*\": ?\\*\"[0-9 +-]{1,30}\\*\"")


def found(data: bytes, *, intake_phone: bool) -> Iterator[str]:
    """Tell which kinds of things are in it; `intake_phone`: that of a shelter may be."""
    plain = _OPAQUE.sub(b"~", _INTAKE_PHONE.sub(b"~", data) if intake_phone else data)
    if _POSTCODE.search(plain):
        yield "a postcode"
    if _PHONE.search(plain):
        yield "a telephone number"
    if any(citizen(match[0].decode()) for match in _NINE.finditer(plain)):
        yield "a citizen number"


def citizen(digits: str) -> bool:
    """Say whether nine digits pass the eleven-test of a citizen number."""
    return sum(int(digit) * weight for digit, weight in zip(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True)) % 11 == 0 != int(digits)
