"""Rules of values as JSON Schema 2020-12: what the checks of the wire refuse, a schema refuses.

Law: patterns are anchored, and say in words of every regular-expression dialect what they mean; what a schema can't say stands in
UNSAID, and a test knows no other difference between a schema and the wire.
"""

from dataclasses import MISSING, fields
from typing import Any, assert_never

from services.adapters.checks import required, rule_of
from services.adapters.instants import PATTERN
from services.domain import events as e
from services.domain import values as v

Json = dict[str, Any]

UNSAID = (
    "JSON Schema takes 2.0 and 1e0 for integers; the contract wants integers written without fraction or exponent.",
    "`subject` is the same as `data.shelter`, or as `data.region` where there is one; the record key is the shelter or the demand id.",
    "Region codes are those of the region file that comes with Plek; an operator may add codes.",
    "JSON itself: UTF-8, no NaN, of a repeated member the last counts.",
)

# `$` also matches before a last line end in some dialects (Python, Java): a value with one is refused apart.
_LINE_ENDS = "[\n\r\u0085\u2028\u2029]"
# Literal code points, because dialects differ in how they escape them: everything but surrogates without a partner.
_PAIRED = "^[\u0000-\ud7ff\ue000-\U0010ffff]*$"
_NOT_BY_FOUR = "(?:[02468][1235679]|[13579][01345789])"
# 30 February, 31 April, and 29 February of a year that is not divisible by four, or by a hundred and not by four hundred.
_NO_LEAP_YEAR = f"(?:[0-9]{{2}}{_NOT_BY_FOUR}|{_NOT_BY_FOUR}00)"
_NO_SUCH_DAY = f"^(?:[0-9]{{4}}-(?:02-3[01]|(?:0[469]|11)-31)|{_NO_LEAP_YEAR}-02-29)"
# Patterns that stand in many places, by the name they get there.
_NAMES = {v.SHELTER.pattern: "id", v.UUID.pattern: "uuid"}


class Printer:
    """Prints rules as schemas; what is used more than once is written once, under `definitions`."""

    def __init__(self, regions: list[str]) -> None:
        self.definitions: dict[str, Json] = {}
        self._regions = regions

    def schema(self, rule: v.Rule) -> Json:  # noqa: C901, PLR0911 - one line a rule
        """Print one rule."""
        match rule:
            case v.Text():
                name = _NAMES.get(rule.pattern)
                return self._defined(name, text(rule.pattern)) if name else text(rule.pattern)
            case v.Alias():
                return {"type": "string", "minLength": rule.low, "maxLength": rule.high, "pattern": _PAIRED}
            case v.Whole():
                return {"type": "integer", "minimum": rule.low, "maximum": rule.high}
            case v.Flag():
                return {"type": "boolean"}
            case v.OneOf():
                return {"type": "string", "enum": list(rule.codes)}
            case v.Region():
                return self._defined("region", {"type": "string", "enum": self._regions})
            case v.Moment():
                return self._defined("instant", _MOMENT)
            case v.Nullable():
                return {"anyOf": [{"type": "null"}, self.schema(rule.rule)]}
            case v.ListOf():
                most = {} if rule.most is None else {"maxItems": rule.most}
                return {"type": "array", "items": self.schema(rule.rule), "uniqueItems": not rule.alike} | most
            case v.Positions():
                return self._defined("positions", _POSITIONS)
            case v.Members():
                return self._defined(rule.shape.__name__.lower(), self.members(rule.shape))
            case _:
                assert_never(rule)

    def members(self, shape: type) -> Json:
        """Print an object with exactly the fields of a dataclass, and the rules that hold between them."""
        return {
            "description": (shape.__doc__ or "").strip(),
            "type": "object",
            "properties": {field.name: self.schema(rule_of(shape, field.name)) | _default(field.default) for field in fields(shape)},
            "required": required(shape),
            "additionalProperties": False,
            **between(shape),
        }

    def _defined(self, name: str, schema: Json) -> Json:
        self.definitions[name] = schema
        return {"$ref": f"#/$defs/{name}"}


def text(pattern: str) -> Json:
    """Print a string that matches from end to end."""
    return {"type": "string", "pattern": f"^(?:{pattern})$", "not": {"pattern": _LINE_ENDS}}


_MOMENT: Json = {
    "description": "RFC 3339: upper-case T, Z or an offset of at most 14:00, years 1970-9999, at most 9 decimals, no leap second.",
    "type": "string",
    "format": "date-time",
    "pattern": f"^(?:{PATTERN})$",
    "not": {"pattern": f"{_LINE_ENDS}|{_NO_SUCH_DAY}"},
}
_POSITIONS: Json = {
    "description": "Decimal partition, without leading zero, to offset.",
    "type": "object",
    "propertyNames": {"pattern": "^(?:0|[1-9][0-9]*)$", "not": {"pattern": _LINE_ENDS}},
    "additionalProperties": {"type": "integer", "minimum": 0, "maximum": v.LARGEST_OFFSET},
}


def between(shape: type) -> Json:
    """Print the rules between members that the wire checks across an event."""
    names = {field.name for field in fields(shape)}
    if {"adults", "children"} <= names:
        return {"anyOf": [{"properties": {name: {"minimum": 1}}} for name in ("adults", "children")]}
    if shape is e.Evidence:
        counts = {field.name: {"const": 0} for field in fields(shape) if field.name not in ("status", "view")}
        nothing = {"properties": counts | {"view": {"maxProperties": 0}}}
        return {"if": {"properties": {"status": {"const": "unavailable"}}}, "then": nothing}
    if shape is e.DemandCorrection:
        return {"oneOf": [{"required": [name]} for name in ("search", "fallback", "entry")]}
    return {}


def _default(value: Any) -> Json:
    """Print what is meant where a member is left out, unless that is nothing."""
    return {} if value is MISSING or value is None else {"default": value}
