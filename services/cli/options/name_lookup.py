"""Finds codes by the names that people type: without regard to case, accents, spaces and signs, and by the beginning of a name."""

import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

_NEAREST: Final = 3


def fold(text: str) -> str:
    """Return a name without case, accents, spaces and signs."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in plain if character.isalnum())


def matching_codes(typed: str, codes: Mapping[str, str]) -> list[str]:
    """Return the code with exactly this name, else the codes with names that begin with it. The keys of `codes` are folded names."""
    wanted = fold(typed)
    if wanted in codes:
        return [codes[wanted]]
    return sorted({code for name, code in codes.items() if wanted and name.startswith(wanted)})


def nearest_codes(typed: str, codes: Mapping[str, str]) -> list[str]:
    """Return the codes of at most three names that are spelt almost like this. The keys of `codes` are folded names."""
    return list(dict.fromkeys(codes[name] for name in get_close_matches(fold(typed), codes, n=_NEAREST)))
