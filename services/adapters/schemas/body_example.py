"""Makes an example of a request body from the rules of its members: what is required, and what a reader expects to see beside it."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final, assert_never

from services.adapters.codec.validation import required, rule_of
from services.adapters.schemas.json_schema import Json
from services.domain.events import value_types as v

# Shown although they may be left out: the persons of a household, and the unit by which a stay is found
_SHOWN: Final = {"adults", "children", "unit"}
_MOMENT: Final = "2026-03-02T14:30:00Z"


def body_example(shape: type, regions: Sequence[str]) -> Json:
    """Return a body of the fields of a dataclass that each rule of a member allows."""
    shown = {*required(shape), *(field.name for field in fields(shape) if field.name in _SHOWN)}
    return {field.name: _value(rule_of(shape, field.name), regions) for field in fields(shape) if field.name in shown}


def _value(rule: v.Rule, regions: Sequence[str]) -> Any:  # noqa: C901, PLR0911 - one line a rule
    match rule:
        case v.Text():
            return rule.example
        case v.Alias():
            return "Locatie Berk"
        case v.Whole():
            return max(rule.low, 1)
        case v.Flag():
            return True
        case v.OneOf():
            return rule.codes[0]
        case v.RegionCodeRule():
            return next(iter(regions), "")
        case v.Moment():
            return _MOMENT
        case v.Nullable():
            return None
        case v.ListOf():
            return [_value(rule.rule, regions)]
        case v.PartitionOffsets():
            return {}
        case v.Members():
            return body_example(rule.shape, regions)
        case _:
            assert_never(rule)
