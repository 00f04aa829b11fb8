"""Translates the rules of values into JSON Schema 2020-12: a schema refuses what `codec/validation.py` refuses.

Guarantees: patterns are anchored, and mean the same in every dialect of regular expressions. What a schema can't express is in UNSAID; a
test finds no other difference.
"""

import json
from dataclasses import MISSING, fields
from typing import Any, assert_never

from services.adapters.codec.validation import required, rule_of
from services.adapters.rfc3339 import PATTERN
from services.domain.events import catalog as e
from services.domain.events import value_types as v

Json = dict[str, Any]

UNSAID = (
    "JSON Schema takes 2.0 and 1e0 for integers; the contract wants integers written without fraction or exponent.",
    "`subject` is the same as `data.shelter`, or as `data.region` where there is one; the record key is the shelter or the demand id.",
    "Region codes are those of the region file that comes with Plek; an operator may add codes.",
    "JSON itself: UTF-8, no NaN, of a repeated member the last counts.",
)

# `$` also matches before a last line end in some dialects (Python, Java): a value with one is refused separately.
_LINE_ENDS = "[\n\r\u0085\u2028\u2029]"
# Literal code points, because dialects differ in how they escape them: everything but surrogates without a partner.
_PAIRED = "^[\u0000-\ud7ff\ue000-\U0010ffff]*$"
_NOT_BY_FOUR = "(?:[02468][1235679]|[13579][01345789])"
# 30 February, 31 April, and 29 February of a year that is not divisible by four, or by a hundred and not by four hundred.
_NO_LEAP_YEAR = f"(?:[0-9]{{2}}{_NOT_BY_FOUR}|{_NOT_BY_FOUR}00)"
_NO_SUCH_DAY = f"^(?:[0-9]{{4}}-(?:02-3[01]|(?:0[469]|11)-31)|{_NO_LEAP_YEAR}-02-29)"
# Patterns that many schemas use, by the name of their definition.
_NAMES = {v.SHELTER.pattern: "id", v.UUID.pattern: "uuid"}


class Printer:
    """Translates rules into schemas; those used more than once are in `definitions`.

    A printer for OpenAPI (`clients`) leaves out what generators of clients can't read, or read as something else, and says it in words:
    patterns that need Unicode mode, rules between members, defaults. What it prints refuses less than the contract, never more.
    """

    def __init__(self, regions: list[str], *, clients: bool = False) -> None:
        self.definitions: dict[str, Json] = {}
        self._regions, self._clients = regions, clients

    def schema(self, rule: v.Rule) -> Json:  # noqa: C901, PLR0911 - one line a rule
        """Return the schema of a rule."""
        match rule:
            case v.Text():
                name = _NAMES.get(rule.pattern)
                return self._defined(name, text(rule.pattern)) if name else text(rule.pattern)
            case v.Alias():
                paired = {} if self._clients else {"pattern": _PAIRED}
                return {"type": "string", "minLength": rule.low, "maxLength": rule.high, **paired}
            case v.Whole():
                return {"type": "integer", "minimum": rule.low, "maximum": rule.high}
            case v.Flag():
                return {"type": "boolean"}
            case v.OneOf():
                return {"type": "string", "enum": list(rule.codes)}
            case v.RegionCodeRule():
                return self._defined("region", {"type": "string", "enum": self._regions})
            case v.Moment():
                return self._defined("instant", _MOMENT)
            case v.Nullable():
                return {"anyOf": [{"type": "null"}, self.schema(rule.rule)]}
            case v.ListOf():
                most = {} if rule.most is None else {"maxItems": rule.most}
                return {"type": "array", "items": self.schema(rule.rule), "uniqueItems": not rule.alike} | most
            case v.PartitionOffsets():
                return self._defined("positions", _POSITIONS)
            case v.Members():
                return self._defined(rule.shape.__name__.lower(), self.members(rule.shape))
            case _:
                assert_never(rule)

    def members(self, shape: type) -> Json:
        """Return the schema of an object with exactly the fields of a dataclass, and the rules between them."""
        schema, sentence = between(shape)
        return {
            "description": " ".join(filter(None, ((shape.__doc__ or "").strip(), sentence if self._clients else ""))),
            "type": "object",
            "properties": {field.name: self.schema(rule_of(shape, field.name)) | self._default(field.default) for field in fields(shape)},
            "required": required(shape),
            "additionalProperties": False,
            **({} if self._clients else schema),
        }

    def _default(self, value: Any) -> Json:
        """Return the default of a member that is left out, if it has one; generators of clients take one for a member that is required."""
        if value is MISSING or value is None:
            return {}
        return {"description": f"Left out: `{json.dumps(value)}`"} if self._clients else {"default": value}

    def _defined(self, name: str, schema: Json) -> Json:
        self.definitions[name] = schema
        return {"$ref": f"#/$defs/{name}"}


def text(pattern: str) -> Json:
    """Return the schema of a string that matches from end to end."""
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


def between(shape: type) -> tuple[Json, str]:
    """Return the rules between members of an object, as a schema and in words."""
    names = {field.name for field in fields(shape)}
    if {"adults", "children"} <= names:
        # With its type, as readers in strict mode want it beside `minimum`
        persons = [{"properties": {name: {"type": "integer", "minimum": 1}}} for name in ("adults", "children")]
        return {"anyOf": persons}, "Adults and children are together at least 1."
    if shape is e.Evidence:
        counts = {field.name: {"const": 0} for field in fields(shape) if field.name not in ("status", "view")}
        nothing = {"properties": counts | {"view": {"type": "object", "maxProperties": 0}}}
        rule = {"if": {"properties": {"status": {"const": "unavailable"}}}, "then": nothing}
        return rule, "Where it is unavailable, counts are 0 and the view is empty."
    if shape is e.DemandCorrection:
        keys = ("search", "fallback", "entry")
        return {"oneOf": [{"properties": {name: {}}, "required": [name]} for name in keys]}, f"Exactly one of {', '.join(keys)}."
    return {}, ""
