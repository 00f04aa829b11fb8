"""A household as it is typed: `1+2` is one adult with two children, and only the age of a son is asked for.

The API has `oldest_son_age`, and no value for "not known". A child without an age is taken for a daughter, so that no place is left
out without reason; the caller shows `assumption` to the user, because not every shelter takes a son.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from services.local.user_error import UserError

HOUSEHOLD: Final = ("adults", "men", "children", "oldest_son_age")
"""The members of a household in the API."""

_FORM: Final = re.compile(r"([0-9]{1,2})(?:\+([0-9]{1,2}))?", re.ASCII)


def parse_household(typed: str, men: int, boys: Sequence[int], girls: Sequence[int]) -> dict[str, Any]:
    """Return a household in the form of the API. `boys` and `girls` are ages. Raises UserError."""
    adults, children = count_persons(typed)
    if men > adults:
        raise UserError(f"{men} men are more than the adults of {typed}", code=2)
    ages = len(boys) + len(girls)
    if ages > children:
        raise UserError(f"{ages} ages are more than the children of {typed}", code=2)
    return {"adults": adults, "men": men, "children": children, "oldest_son_age": max(boys, default=None)}


def count_persons(typed: str) -> tuple[int, int]:
    """Return the number of adults and of children. Raises UserError."""
    match = _FORM.fullmatch(typed)
    if match is None:
        raise UserError("A household is typed as adults+children, such as 1+2", code=2)
    return int(match[1]), int(match[2] or 0)


def assumption(typed: str, ages: int) -> str | None:
    """Return what is assumed of the children when so many ages are known; None when nothing is. Raises UserError."""
    unknown = count_persons(typed)[1] - ages
    if unknown <= 0:
        return None
    children = "a child for a daughter" if unknown == 1 else f"{unknown} children for daughters"
    return f"This takes {children}: say --boy AGE for each son, not every shelter takes him"
