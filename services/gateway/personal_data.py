"""Personal data where none belongs (contract, section 1): patterns of a citizen's number, a date, a postcode, a telephone number.

A pattern finds what a user typed or a supplier's system put there without thought; it is no defence against an attacker who hides it. The
name of a person has no pattern. An id of an allowed form is not searched: random digits look like anything now and then.
"""

import re
import unicodedata
from typing import Final

from services.adapters.codec.opaque_ids import OPAQUE

_WITHIN: Final = re.compile(f"(?<![0-9a-z]){OPAQUE}(?![0-9a-z])", re.ASCII | re.IGNORECASE)

# The shortest of all, a postcode, has four digits; most texts have fewer
_FEW_DIGITS: Final = re.compile("(?:[^0-9]*[0-9]){4}", re.ASCII)
_BSN: Final = re.compile("(?<![0-9])(?=([0-9]{9}|[0-9]{3}([ .-])[0-9]{3}\\2[0-9]{3}|[0-9]{4}([ .-])[0-9]{2}\\3[0-9]{3})(?![0-9]))")
_WEIGHTS: Final = (9, 8, 7, 6, 5, 4, 3, 2, -1)
_YEAR, _PART, _GAP = "(?:19|20)[0-9]{2}", "(?:0?[1-9]|[12][0-9]|3[01])", "[ ./:_-]"
_MM, _DD = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
# Dutch and English, as they are written in full and cut short
_MONTH: Final = "(?:jan|feb|maa|mar|mrt|apr|mei|may|jun|jul|aug|sep|okt|oct|nov|dec)[a-z]*"
_DATE: Final = re.compile(
    "(?<![0-9])(?:"
    f"{_YEAR}{_GAP}{_PART}{_GAP}{_PART}|{_PART}{_GAP}{_PART}{_GAP}{_YEAR}"
    f"|{_YEAR}{_MM}{_DD}|{_DD}{_MM}{_YEAR}"
    f"|{_PART}{_GAP}*{_MONTH}{_GAP}*{_YEAR}"
    ")(?![0-9])",
    re.ASCII | re.IGNORECASE,
)
# PostNL gives out no code with the letters SA, SD or SS
_POSTCODE: Final = re.compile("(?<![0-9])[1-9][0-9]{3}[ -]?(?!SA|SD|SS)[A-Z]{2}(?![A-Z0-9])", re.ASCII | re.IGNORECASE)
# As people write it: 06-12345678, (06) 12345678, 06.12 34 56 78, 06 - 12345678
_APART: Final = "[ ./()-]{0,3}"
_PHONE: Final = re.compile(
    f"(?<![0-9])(?:(?:[+] ?31|0031|0){_APART}(?:[(]0[)] ?)?[1-9](?:{_APART}[0-9]){{8}}|[+] ?[1-9](?:{_APART}[0-9]){{7,14}})(?![0-9])",
    re.ASCII,
)


def looks_personal(text: str) -> bool:
    """Return whether a text holds what looks like a citizen's number, a date, a postcode or a telephone number."""
    plain = text if text.isascii() else _in_ascii(text)
    if not _FEW_DIGITS.match(plain):
        return False
    plain = _WITHIN.sub("~", plain)
    return any(pattern.search(plain) for pattern in (_DATE, _POSTCODE, _PHONE)) or any(_is_bsn(found[1]) for found in _BSN.finditer(plain))


def _in_ascii(text: str) -> str:
    """Write digits and dashes of any script as those of ASCII, and leave out what has no width."""
    return "".join(map(_ascii_of, unicodedata.normalize("NFKC", text)))


def _ascii_of(char: str) -> str:
    match unicodedata.category(char):
        case "Nd":
            return str(unicodedata.decimal(char))
        case "Pd":
            return "-"
        case "Cf":
            return ""
        case _:
            return char


def _is_bsn(text: str) -> bool:
    """Check the nine digits of a citizen's number by the eleven test."""
    digits = [int(char) for char in text if char.isdigit()]
    return any(digits) and sum(digit * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11 == 0
