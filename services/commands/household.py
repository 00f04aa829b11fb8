"""A household as it is typed: `1+2` is one adult with two children; only of a son is it asked how old he is.

The contract knows a household with a son of an age, or without (`oldest_son_age`), and none of which that is not known. Children of whom
nothing was said are taken for daughters, so that no place is left out for nothing; whoever typed it is told, for not all take a son.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from services.local.trouble import Trouble

_FORM: Final = re.compile(r"([0-9]{1,2})(?:\+([0-9]{1,2}))?", re.ASCII)


def household(typed: str, men: int, boys: Sequence[int], girls: Sequence[int]) -> dict[str, Any]:
    """Read a household as the API takes it; of children whose age is not said none is a son. Raises Trouble."""
    adults, children = _read(typed)
    if men > adults:
        raise Trouble(f"{men} men are more than the adults of {typed}", code=2)
    said = [{"age": age, "boy": True} for age in boys] + [{"age": age, "boy": False} for age in girls]
    if len(said) > children:
        raise Trouble(f"{len(said)} ages are more than the children of {typed}", code=2)
    said += [{"age": 0, "boy": False}] * (children - len(said))
    return {"women": adults - men, "men": men, "children": said}


def guessed(typed: str, ages: int) -> str | None:
    """Tell what was taken for granted of a household of whose children so many ages were said; None where nothing was. Raises Trouble."""
    left = _read(typed)[1] - ages
    if left <= 0:
        return None
    who = "a child for a daughter" if left == 1 else f"{left} children for daughters"
    return f"This takes {who}: say --boy AGE for each son, not every shelter takes him"


def _read(typed: str) -> tuple[int, int]:
    found = _FORM.fullmatch(typed)
    if found is None:
        raise Trouble("A household is typed as adults+children, such as 1+2", code=2)
    return int(found[1]), int(found[2] or 0)
