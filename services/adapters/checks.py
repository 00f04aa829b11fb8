"""Rules of values made into checks: each takes a JSON value apart, or says in codes what is wrong. No code repeats a value.

A check never stops at the first problem: whoever sent the event gets all of them at once.
"""

import re
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from typing import Any, Literal, NamedTuple, assert_never, get_type_hints

from services.adapters import instants
from services.domain import values as v

Code = Literal[
    "unreadable",
    "not_an_object",
    "no_key",
    "missing",
    "unknown_member",
    "wrong_type",
    "bad_format",
    "out_of_range",
    "not_in_list",
    "repeated_value",
    "too_many",
    "unknown_region",
    "unknown_type",
    "version_too_new",
    "other_topic",
    "mismatch",
    "no_household",
    "inconsistent_evidence",
    "not_exactly_one_key",
    "data_base64",
    "in_future",
    "too_old",
    "not_yours",
]

MEANING: dict[Code, str] = {
    "unreadable": "not JSON in UTF-8 (RFC 8259)",
    "not_an_object": "not a JSON object",
    "no_key": "the Kafka record has no key",
    "missing": "this member is required",
    "unknown_member": "there are members that the contract does not have",
    "wrong_type": "not of the JSON type that the contract asks for",
    "bad_format": "not of the form that the contract asks for",
    "out_of_range": "outside the range of the contract",
    "not_in_list": "not one of the codes of the contract",
    "repeated_value": "a value stands twice in the list",
    "too_many": "the list is too long",
    "unknown_region": "not a code of the region file",
    "unknown_type": "not an event type of the contract",
    "version_too_new": "a version of this type that is not known here",
    "other_topic": "this type belongs to another topic",
    "mismatch": "the record key, `subject` and the id in `data` are not the same",
    "no_household": "adults and children together are at least 1",
    "inconsistent_evidence": "unavailable evidence has counts of 0 and an empty view",
    "not_exactly_one_key": "exactly one of search, fallback and entry",
    "data_base64": "`data_base64` is refused: `data` is a JSON object",
    "in_future": "more than 5 minutes ahead of the clock",
    "too_old": "recorded longer ago than is accepted",
    "not_yours": "the shelter is not registered by the organisation whose topic this is",
}


class Problem(NamedTuple):
    """What is wrong, and where, as a JSON pointer of names of the contract; never the value itself."""

    pointer: str
    code: Code


Check = Callable[[Any, str, list[Problem]], Any]


def compiled(rule: v.Rule, regions: frozenset[str]) -> Check:  # noqa: C901, PLR0911 - one line a rule
    """Make the check of one rule; region codes are those of the region file."""
    match rule:
        case v.Text():
            return _text(re.compile(rule.pattern))
        case v.Alias():
            return _alias(rule)
        case v.Whole():
            return _whole(rule)
        case v.Flag():
            return _flag
        case v.OneOf():
            return _one_of(frozenset(rule.codes), "not_in_list")
        case v.Region():
            return _one_of(regions, "unknown_region")
        case v.Moment():
            return _moment
        case v.Nullable():
            return _nullable(compiled(rule.rule, regions))
        case v.ListOf():
            return _list(compiled(rule.rule, regions), rule.most)
        case v.Positions():
            return _positions
        case v.Members():
            return members(rule.shape, regions)
        case _:
            assert_never(rule)


def _text(pattern: re.Pattern[str]) -> Check:
    def check(value: Any, pointer: str, problems: list[Problem]) -> Any:
        if type(value) is not str:
            problems.append(Problem(pointer, "wrong_type"))
        elif pattern.fullmatch(value) is None:
            problems.append(Problem(pointer, "bad_format"))
        return value

    return check


def _alias(rule: v.Alias) -> Check:
    def check(value: Any, pointer: str, problems: list[Problem]) -> Any:
        if type(value) is not str:
            problems.append(Problem(pointer, "wrong_type"))
        elif not rule.low <= len(value) <= rule.high or any("\ud800" <= point <= "\udfff" for point in value):
            problems.append(Problem(pointer, "bad_format"))
        return value

    return check


def _whole(rule: v.Whole) -> Check:
    low, high = rule.low, rule.high

    def check(value: Any, pointer: str, problems: list[Problem]) -> Any:
        if type(value) is not int:  # true is no number, 2.0 is no integer
            problems.append(Problem(pointer, "wrong_type"))
        elif not low <= value <= high:
            problems.append(Problem(pointer, "out_of_range"))
        return value

    return check


def _flag(value: Any, pointer: str, problems: list[Problem]) -> Any:
    if type(value) is not bool:
        problems.append(Problem(pointer, "wrong_type"))
    return value


def _one_of(codes: frozenset[str], code: Code) -> Check:
    def check(value: Any, pointer: str, problems: list[Problem]) -> Any:
        if type(value) is not str:
            problems.append(Problem(pointer, "wrong_type"))
        elif value not in codes:
            problems.append(Problem(pointer, code))
        return value

    return check


def _moment(value: Any, pointer: str, problems: list[Problem]) -> Any:
    if type(value) is not str:
        problems.append(Problem(pointer, "wrong_type"))
        return 0
    try:
        return instants.parse(value)
    except ValueError:
        problems.append(Problem(pointer, "bad_format"))
        return 0


def _nullable(inner: Check) -> Check:
    def check(value: Any, pointer: str, problems: list[Problem]) -> Any:
        return None if value is None else inner(value, pointer, problems)

    return check


# Of one list: a person reads no more, and half a million wrong items in a mebibyte would be answered with a hundred.
_MOST_SAID = 100


def _list(inner: Check, most: int | None) -> Check:
    def check(value: Any, pointer: str, problems: list[Problem]) -> Any:
        if type(value) is not list:
            problems.append(Problem(pointer, "wrong_type"))
            return ()
        if most is not None and len(value) > most:
            problems.append(Problem(pointer, "too_many"))
            return ()
        before, found = len(problems), []
        for index, item in enumerate(value):
            found.append(inner(item, f"{pointer}/{index}", problems))
            if len(problems) - before >= _MOST_SAID:
                break
        if len(problems) == before and len(set(found)) < len(found):
            problems.append(Problem(pointer, "repeated_value"))
        return tuple(found)

    return check


_PARTITION = re.compile("0|[1-9][0-9]*", re.ASCII)


def _positions(value: Any, pointer: str, problems: list[Problem]) -> Any:
    if type(value) is not dict:
        problems.append(Problem(pointer, "wrong_type"))
        return {}
    if not all(_PARTITION.fullmatch(partition) for partition in value):
        problems.append(Problem(pointer, "bad_format"))
    if not all(type(offset) is int for offset in value.values()):
        problems.append(Problem(pointer, "wrong_type"))
    elif not all(0 <= offset <= v.LARGEST_OFFSET for offset in value.values()):
        problems.append(Problem(pointer, "out_of_range"))
    return value


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    required: bool
    check: Check


def rule_of(shape: type, name: str) -> v.Rule:
    """Return the rule that stands on a field of an event's dataclass, or the members of a dataclass within it."""
    hint = get_type_hints(shape, include_extras=True)[name]
    for part in (hint, *getattr(hint, "__args__", ())):
        for rule in getattr(part, "__metadata__", ()):
            return rule  # type: ignore[no-any-return]  # the catalogue puts nothing but rules there
    return v.Members(hint)


def required(shape: type) -> list[str]:
    """List the members that must be there: those whose field has no default."""
    return [field.name for field in fields(shape) if field.default is MISSING]


def members(shape: type, regions: frozenset[str]) -> Check:
    """Make the check of an object with exactly the fields of a dataclass, and build the dataclass."""
    wanted = [_Member(field.name, field.default is MISSING, compiled(rule_of(shape, field.name), regions)) for field in fields(shape)]

    def check(value: Any, pointer: str, problems: list[Problem]) -> Any:
        if type(value) is not dict:
            problems.append(Problem(pointer, "not_an_object"))
            return None
        before, found = len(problems), {}
        for member in wanted:
            if member.name in value:
                found[member.name] = member.check(value[member.name], f"{pointer}/{member.name}", problems)
            elif member.required:
                problems.append(Problem(f"{pointer}/{member.name}", "missing"))
        if sum(member.name in value for member in wanted) < len(value):
            problems.append(Problem(pointer, "unknown_member"))  # not which: a name can be a person's
        return shape(**found) if len(problems) == before else None

    return check
