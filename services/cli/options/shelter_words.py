"""The words after a verb of a shelter: its name may be left out where the caller has only one, so they are read from the right."""

from __future__ import annotations

from collections.abc import Sequence

from services.cli.options.household import count_persons
from services.local.user_error import UserError


def split_words(words: Sequence[str], *names: str) -> tuple[str | None, list[str]]:
    """Return the shelter, or None where it is left out, and the words that have these names. Raises UserError."""
    if len(words) == len(names):
        return None, list(words)
    if len(words) == len(names) + 1:
        return words[0], list(words[1:])
    raise UserError(
        f"What follows the verb is [SHELTER]{''.join(f' {name}' for name in names)}; the shelter only if you have several", code=2
    )


def shelter_alone(words: Sequence[str]) -> str | None:
    """Return the shelter, or None where it is left out. Raises UserError."""
    return split_words(words)[0]


def household_size(typed: str) -> dict[str, int]:
    """Return the adults and children of a household as an event has them. Raises UserError."""
    adults, children = count_persons(typed)
    return {"adults": adults, "children": children}


def split_count(words: Sequence[str]) -> tuple[str | None, int | None]:
    """Return the shelter and the number of free units, each None where it is left out. Raises UserError."""
    *shelter, free = words if words and words[-1].isdecimal() else (*words, "")
    return shelter_alone(shelter), int(free) if free else None
