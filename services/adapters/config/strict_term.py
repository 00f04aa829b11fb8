"""Reads until when strict disclosure applies: a term without an end would stay for good."""

import re
from datetime import date
from typing import Final

_STRICT: Final = re.compile("strict until ([0-9]{4}-[0-9]{2}-[0-9]{2})", re.ASCII)


def read_term(text: str) -> date:
    """Return the last day of the term; ValueError that names the form."""
    try:
        return date.fromisoformat(_STRICT.fullmatch(text)[1])  # type: ignore[index]  # no match is a TypeError
    except (TypeError, ValueError) as wrong:
        raise ValueError("must be `guarded`, or `strict until YYYY-MM-DD`: without an end date strict would stay for good") from wrong
