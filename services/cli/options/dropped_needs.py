"""Needs of a search that are taken back by name: a feature, a service, a language, a kind, a security level, or an excluded region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from services.cli.options.language_names import language_name
from services.cli.options.name_lookup import fold
from services.cli.options.region_names import RegionNames
from services.local.user_error import UserError

_OPEN: Final = "open"


def drop_needs(criteria: Mapping[str, Any], dropped: Sequence[str], names: RegionNames) -> dict[str, Any]:
    """Return the criteria without these needs. Raises UserError for a need that is not there, with those that are."""
    left = dict(criteria)
    for typed in dropped:
        needs = list(_needs(left, names))
        match = next(((member, code) for member, code, word in needs if fold(typed) in {fold(code), fold(word)}), None)
        if match is None:
            words = ", ".join(word for _, _, word in needs) or "nothing"
            raise UserError(f"--without: that was not asked for; what was: {words}", code=2)
        member, code = match
        left[member] = _OPEN if member == "security" else [other for other in left[member] if other != code]
    return left


def _needs(criteria: Mapping[str, Any], names: RegionNames) -> Iterator[tuple[str, str, str]]:
    """Yield each need as the member it stands in, its code, and its name."""
    for member in ("features", "services", "kinds"):
        yield from ((member, code, code.replace("_", "-")) for code in criteria.get(member) or ())
    yield from (("languages", code, language_name(code)) for code in criteria.get("languages") or ())
    yield from (("exclude_regions", code, names.name(code).rpartition(" (")[0] or code) for code in criteria.get("exclude_regions") or ())
    if (security := criteria.get("security", _OPEN)) != _OPEN:
        yield "security", security, security
