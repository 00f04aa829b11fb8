"""Units as they are typed: `6 crisis 1+3` is six of a kind, each for one adult with three children."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from services.cli.options.choices import format_choices
from services.cli.options.household import count_persons
from services.domain.events.value_types import KINDS
from services.local.user_error import UserError

_PLAN: Final = re.compile(r"(?:([0-9]{1,2})\s*x?\s+)?([a-z_-]+)\s+([0-9+]+)", re.ASCII)
_NUMBERED: Final = re.compile(r"(.*?)([0-9]+)", re.ASCII)


def unit(name: str, kind: str, people: str, **members: Any) -> dict[str, Any]:
    """Return a unit in the form of the API, with a bed for each person where `members` has no number. Raises UserError."""
    adults, children = count_persons(people)
    return {"unit": name, "kind": kind, "max_adults": adults, "max_children": children, "beds": adults + children} | members


def numbered_names(first: str, times: int) -> list[str]:
    """Return so many names from this one on: u3, u4, …; a name without a number at its end gets numbers from 1 on."""
    if times == 1:
        return [first]
    match = _NUMBERED.fullmatch(first)
    stem, start = (match[1], match[2]) if match else (f"{first}-", "1")
    return [f"{stem}{number:0{len(start)}}" for number in range(int(start), int(start) + times)]


def planned_units(plans: Sequence[str]) -> list[dict[str, Any]]:
    """Return the units of plans such as `6 crisis 1+3`, named u1, u2, … over all plans. Raises UserError."""
    units: list[dict[str, Any]] = []
    for plan in plans:
        units += _units(plan, len(units) + 1)
    return units


def _units(plan: str, first: int) -> Iterator[dict[str, Any]]:
    match = _PLAN.fullmatch(plan.strip())
    kind = match[2].replace("-", "_") if match else ""
    if match is None or kind not in KINDS:
        raise UserError(f'--unit is a number, a kind and a size, such as "6 crisis 1+3"; a kind is {format_choices(KINDS)}', code=2)
    for number in range(first, first + int(match[1] or 1)):
        yield unit(f"u{number}", kind, match[3])
