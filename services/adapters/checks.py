"""Rules of values made into checks: each takes a JSON value apart, or says in codes what is wrong. No code repeats a value.

A check never stops at the first problem: whoever sent the event gets all of them at once.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields
from itertools import islice
from typing import Any, Final, Literal, NamedTuple, assert_never, get_type_hints

from services.adapters import instants
from services.domain import values as v

# Clocks of senders go wrong by minutes; more than this is a mistake.
_AHEAD_NS: Final = 300 * instants.NS

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


Check = Callable[[Any, list[Problem]], Any]
"""Takes a value apart and adds what is wrong to the problems. Its pointer is bound when it is made: most values are right."""


def in_future(time: int, now: int) -> bool:
    """Say whether a time (ns) is further ahead of the clock (ms) than clocks go wrong (contract, section 1)."""
    return time > now * instants.NS_PER_MS + _AHEAD_NS


def compiled(rule: v.Rule, regions: frozenset[str], pointer: str) -> Check:  # noqa: C901, PLR0911 - one line a rule
    """Make the check of one rule for the value at `pointer`; region codes are those of the region file."""
    match rule:
        case v.Text():
            return _checked(str, re.compile(rule.pattern).fullmatch, "bad_format", pointer)
        case v.Alias():
            return _checked(str, re.compile(f"[^\ud800-\udfff]{{{rule.low},{rule.high}}}", re.DOTALL).fullmatch, "bad_format", pointer)
        case v.Whole():  # true is no number, 2.0 is no integer
            return _checked(int, range(rule.low, rule.high + 1).__contains__, "out_of_range", pointer)
        case v.Flag():
            return _checked(bool, (True, False).__contains__, "bad_format", pointer)
        case v.OneOf():
            return _checked(str, frozenset(rule.codes).__contains__, "not_in_list", pointer)
        case v.Region():
            return _checked(str, regions.__contains__, "unknown_region", pointer)
        case v.Moment():
            return _moment(pointer)
        case v.Nullable():
            return _nullable(compiled(rule.rule, regions, pointer))
        case v.ListOf():
            return _list(compiled(rule.rule, regions, pointer), rule, pointer)
        case v.Positions():
            return _positions(pointer)
        case v.Members():
            return members(rule.shape, regions, pointer)
        case _:
            assert_never(rule)


def _checked(kind: type, fits: Callable[[Any], object], code: Code, pointer: str) -> Check:
    """Make the check of a value of exactly one type that must also fit."""

    def check(value: Any, problems: list[Problem]) -> Any:
        if type(value) is not kind:
            problems.append(Problem(pointer, "wrong_type"))
        elif not fits(value):
            problems.append(Problem(pointer, code))
        return value

    return check


def _moment(pointer: str) -> Check:
    def check(value: Any, problems: list[Problem]) -> Any:
        if type(value) is not str:
            problems.append(Problem(pointer, "wrong_type"))
            return 0
        try:
            return instants.parse(value)
        except ValueError:
            problems.append(Problem(pointer, "bad_format"))
            return 0

    return check


def _nullable(inner: Check) -> Check:
    def check(value: Any, problems: list[Problem]) -> Any:
        return None if value is None else inner(value, problems)

    return check


# Of one list: a person reads no more, and half a million wrong items in a mebibyte would be answered with a hundred.
_MOST_SAID = 100


def _list(inner: Check, rule: v.ListOf, pointer: str) -> Check:
    def check(value: Any, problems: list[Problem]) -> Any:
        if type(value) is not list:
            problems.append(Problem(pointer, "wrong_type"))
            return ()
        if rule.most is not None and len(value) > rule.most:
            problems.append(Problem(pointer, "too_many"))
            return ()
        wrong: list[Problem] = []
        found = []
        for item in value:
            found.append(inner(item, wrong))
            if wrong:  # which they are is found out once it is known that there are any
                break
        if wrong:
            problems += islice(_by_index(inner, value, pointer), _MOST_SAID)
        elif not rule.alike and len(set(found)) < len(found):
            problems.append(Problem(pointer, "repeated_value"))
        return tuple(found)

    return check


def _by_index(inner: Check, value: list[Any], pointer: str) -> Iterator[Problem]:
    """Check the items of a list once more, to say which are wrong."""
    for index, item in enumerate(value):
        wrong: list[Problem] = []
        inner(item, wrong)
        yield from (Problem(f"{pointer}/{index}{problem.pointer.removeprefix(pointer)}", problem.code) for problem in wrong)


_PARTITION = re.compile("0|[1-9][0-9]*", re.ASCII)


def _positions(pointer: str) -> Check:
    def check(value: Any, problems: list[Problem]) -> Any:
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

    return check


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


def members(shape: type, regions: frozenset[str], pointer: str) -> Check:
    """Make the check of the object at `pointer` with exactly the fields of a dataclass, and build the dataclass."""
    needed = set(required(shape))
    wanted = [
        (field.name, field.name in needed, compiled(rule_of(shape, field.name), regions, f"{pointer}/{field.name}"))
        for field in fields(shape)
    ]

    def check(value: Any, problems: list[Problem]) -> Any:
        if type(value) is not dict:
            problems.append(Problem(pointer, "not_an_object"))
            return None
        before, found = len(problems), {}
        for name, must, member in wanted:
            if name in value:
                found[name] = member(value[name], problems)
            elif must:
                problems.append(Problem(f"{pointer}/{name}", "missing"))
        if len(found) < len(value):
            problems.append(Problem(pointer, "unknown_member"))  # not which: a name can be a person's
        return shape(**found) if len(problems) == before else None

    return check
