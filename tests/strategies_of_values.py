"""Hypothesis strategies for whatever the contract allows: every value of every rule, every event of every type, as JSON objects."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final, assert_never

from hypothesis import strategies as st

from services.adapters import rfc3339
from services.adapters.codec.validation import required, rule_of
from services.adapters.regions import read_regions
from services.domain.events import catalog as e
from services.domain.events import value_types as v

REGION_CODES: Final = tuple(read_regions())
_POINTS = st.characters(exclude_categories=["Cs"])


def allowed(rule: v.Rule) -> st.SearchStrategy[Any]:  # noqa: C901, PLR0911 - one line a rule
    """Allow every JSON value that a rule allows."""
    match rule:
        case v.Text():
            return st.from_regex(rule.pattern, fullmatch=True)
        case v.Alias():
            return st.text(_POINTS, min_size=rule.low, max_size=rule.high)
        case v.Whole():
            return st.integers(rule.low, rule.high)
        case v.Flag():
            return st.booleans()
        case v.OneOf():
            return st.sampled_from(rule.codes)
        case v.RegionCodeRule():
            return st.sampled_from(REGION_CODES)
        case v.Moment():
            return moments
        case v.Nullable():
            return st.none() | allowed(rule.rule)
        case v.ListOf():
            return st.lists(allowed(rule.rule), unique=True, max_size=rule.most or 4)
        case v.PartitionOffsets():
            return st.dictionaries(st.integers(0, 10**20).map(str), st.integers(0, v.LARGEST_OFFSET), max_size=3)
        case v.Members():
            return members(rule.shape)
        case _:
            assert_never(rule)


# Written in UTC; the ways to write an offset are the rows of the test of instants.
moments = st.integers(0, 253_402_300_799_999_999_999).map(rfc3339.show)


def members(shape: type) -> st.SearchStrategy[dict[str, Any]]:
    """Make objects of a dataclass, with or without what may be left out; rules between members are kept."""
    every = {field.name: allowed(rule_of(shape, field.name)) for field in fields(shape)}
    needed = {name: every[name] for name in required(shape)}
    optional = {name: strategy for name, strategy in every.items() if name not in needed}
    if shape is e.DemandCorrection:
        return st.one_of(*[st.fixed_dictionaries(needed | {name: strategy}) for name, strategy in optional.items()])
    return st.fixed_dictionaries(needed, optional=optional).map(_consistent)


def _consistent(data: dict[str, Any]) -> dict[str, Any]:
    """Keep the rules between members: somebody in every household, nothing counted in evidence that is unavailable."""
    if data.get("adults") == data.get("children") == 0:
        data = data | {"adults": 1}
    if data.get("status") == "unavailable":
        return {name: "unavailable" if name == "status" else {} if name == "view" else 0 for name in data}
    return data


@st.composite
def valid_events(draw: st.DrawFn, shapes: tuple[type, ...] = (*e.BED_EVENTS, *e.DEMAND_EVENTS)) -> dict[str, Any]:
    """Make valid events of any type as JSON objects."""
    shape = draw(st.sampled_from(shapes))
    data = draw(members(shape))
    subject = data.get("shelter", data.get("region")) or draw(st.sampled_from(REGION_CODES))
    return {
        "specversion": "1.0",
        "id": draw(allowed(v.ENVELOPE_ID)),
        "source": draw(allowed(v.ENVELOPE_SOURCE)),
        "type": e.TYPE_NAMES[shape],
        "subject": subject,
        "time": draw(moments),
        "data": data,
    }
