"""A household as it is typed: `1+2` is one adult with two children; only of a son is it asked how old he is."""

import re
from collections.abc import Sequence
from typing import Any, Final

from services.local.trouble import Trouble

_FORM: Final = re.compile(r"([0-9]{1,2})(?:\+([0-9]{1,2}))?", re.ASCII)


def household(typed: str, men: int, boys: Sequence[int], girls: Sequence[int]) -> dict[str, Any]:
    """Read a household as the API takes it; of children whose age is not said none is a son. Raises Trouble."""
    found = _FORM.fullmatch(typed)
    if found is None:
        raise Trouble("A household is typed as adults+children, such as 1+2", code=2)
    adults, children = int(found[1]), int(found[2] or 0)
    if men > adults:
        raise Trouble(f"{men} men are more than the adults of {typed}", code=2)
    said = [{"age": age, "boy": True} for age in boys] + [{"age": age, "boy": False} for age in girls]
    if len(said) > children:
        raise Trouble(f"{len(said)} ages are more than the children of {typed}", code=2)
    said += [{"age": 0, "boy": False}] * (children - len(said))
    return {"women": adults - men, "men": men, "children": said}
