"""Compiles the rules of values into checks of JSON values. A check returns the value, and appends a code for each problem.

A check does not stop at the first problem: the sender of an event gets all of them at once (R13). No problem repeats a value.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields
from itertools import islice
from typing import Any, Final, Literal, NamedTuple, assert_never, get_type_hints

from services.adapters import rfc3339
from services.domain.durations import MINUTE_NS, NS_PER_MS
from services.domain.events import value_types as v

# Clocks of senders are wrong by minutes; more than this is a mistake (contract, section 1).
_AHEAD_NS: Final = 5 * MINUTE_NS

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
    "bad_id",
    "personal_data",
    "not_yours",
    "not_for_role",
    "repeated_header",
    "second_person",
    "unknown_event",
    "no_registration",
    "too_many_proposals",
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
    "not_exactly_one_key": "exactly one of the members that name what it is about: search, fallback or entry; stay or unit",
    "data_base64": "`data_base64` is refused: `data` is a JSON object",
    "in_future": "more than 5 minutes ahead of the clock",
    "too_old": "recorded longer ago than is accepted",
    "bad_id": "an id is a UUID, a ULID, or 32 to 64 hexadecimal digits: it says nothing of a person",
    "personal_data": "it looks like a citizen's number, a date, a postcode or a telephone number: none belongs here",
    "not_yours": "the shelter is not registered by the organisation of this topic, or the source is not of that shelter",
    "not_for_role": "this type is not for an organisation's own system to send",
    "second_person": "that event is not for one person to take back: propose what the shelter or the unit is to be instead",
    "unknown_event": "not an event of this shelter of the last 14 days: send what is true now instead",
    "no_registration": "the shelter is neither registered nor proposed: send its registration first",
    "too_many_proposals": "too many proposals of this sender wait for a decision",
    "repeated_header": "this attribute stands in more than one header",
}


class FieldProblem(NamedTuple):
    """What is wrong, and where: a JSON pointer of names of the contract; never the value itself."""

    pointer: str
    code: Code
    known: tuple[str, ...] = ()
    """What the contract allows at this place, where that is a list: codes, or names of members. Ours, never what was sent."""


def explain(problem: FieldProblem) -> str:
    """Return what is wrong in a sentence, with the codes or the members that are allowed there."""
    meaning = MEANING[problem.code]
    return f"{meaning}; known: {', '.join(problem.known)}" if problem.known else meaning


Check = Callable[[Any, list[FieldProblem]], Any]
"""Return the checked value, and append what is wrong to the problems. Its pointer is bound when it is compiled: most values are right."""


def in_future(time: int, now: int) -> bool:
    """Return whether a time (ns) is more than five minutes ahead of the clock (ms) (contract, section 1)."""
    return time > now * NS_PER_MS + _AHEAD_NS


def compiled(rule: v.Rule, regions: frozenset[str], pointer: str) -> Check:  # noqa: C901, PLR0911 - one line a rule
    """Compile a rule into the check of the value at `pointer`; region codes are those of the region file."""
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
            return _checked(str, frozenset(rule.codes).__contains__, "not_in_list", pointer, rule.codes)
        case v.RegionCodeRule():
            return _checked(str, regions.__contains__, "unknown_region", pointer)
        case v.Moment():
            return _moment(pointer)
        case v.Nullable():
            return _nullable(compiled(rule.rule, regions, pointer))
        case v.ListOf():
            return _list(compiled(rule.rule, regions, pointer), rule, pointer)
        case v.PartitionOffsets():
            return _positions(pointer)
        case v.Members():
            return members(rule.shape, regions, pointer)
        case _:
            assert_never(rule)


def _checked(kind: type, fits: Callable[[Any], object], code: Code, pointer: str, known: tuple[str, ...] = ()) -> Check:
    """Make the check of a value of exactly one type for which `fits` is true; `code` is the problem of one that does not fit."""
    wrong = FieldProblem(pointer, code, known)

    def check(value: Any, problems: list[FieldProblem]) -> Any:
        if type(value) is not kind:
            problems.append(FieldProblem(pointer, "wrong_type"))
        elif not fits(value):
            problems.append(wrong)
        return value

    return check


def _moment(pointer: str) -> Check:
    def check(value: Any, problems: list[FieldProblem]) -> Any:
        if type(value) is not str:
            problems.append(FieldProblem(pointer, "wrong_type"))
            return 0
        try:
            return rfc3339.parse(value)
        except ValueError:
            problems.append(FieldProblem(pointer, "bad_format"))
            return 0

    return check


def _nullable(inner: Check) -> Check:
    def check(value: Any, problems: list[FieldProblem]) -> Any:
        return None if value is None else inner(value, problems)

    return check


# Of one list: a person reads no more, and the answer to a mebibyte with half a million wrong items would be too large.
_MOST_PROBLEMS = 100


def _list(inner: Check, rule: v.ListOf, pointer: str) -> Check:
    def check(value: Any, problems: list[FieldProblem]) -> Any:
        if type(value) is not list:
            problems.append(FieldProblem(pointer, "wrong_type"))
            return ()
        if rule.most is not None and len(value) > rule.most:
            problems.append(FieldProblem(pointer, "too_many"))
            return ()
        wrong: list[FieldProblem] = []
        items = []
        for item in value:
            items.append(inner(item, wrong))
            if wrong:  # which items are wrong is found once it is known that any is
                break
        if wrong:
            problems += islice(_by_index(inner, value, pointer), _MOST_PROBLEMS)
        elif not rule.alike and len(set(items)) < len(items):
            problems.append(FieldProblem(pointer, "repeated_value"))
        return tuple(items)

    return check


def _by_index(inner: Check, value: list[Any], pointer: str) -> Iterator[FieldProblem]:
    """Check the items of a list once more, and yield their problems."""
    for index, item in enumerate(value):
        wrong: list[FieldProblem] = []
        inner(item, wrong)
        yield from (problem._replace(pointer=f"{pointer}/{index}{problem.pointer.removeprefix(pointer)}") for problem in wrong)


_PARTITION = re.compile("0|[1-9][0-9]*", re.ASCII)


def _positions(pointer: str) -> Check:
    def check(value: Any, problems: list[FieldProblem]) -> Any:
        if type(value) is not dict:
            problems.append(FieldProblem(pointer, "wrong_type"))
            return {}
        if not all(_PARTITION.fullmatch(partition) for partition in value):
            problems.append(FieldProblem(pointer, "bad_format"))
        if not all(type(offset) is int for offset in value.values()):
            problems.append(FieldProblem(pointer, "wrong_type"))
        elif not all(0 <= offset <= v.LARGEST_OFFSET for offset in value.values()):
            problems.append(FieldProblem(pointer, "out_of_range"))
        return value

    return check


def rule_of(shape: type, name: str) -> v.Rule:
    """Return the rule that annotates a field of an event's dataclass, or the members of a dataclass within it."""
    hint = get_type_hints(shape, include_extras=True)[name]
    for part in (hint, *getattr(hint, "__args__", ())):
        for rule in getattr(part, "__metadata__", ()):
            return rule  # type: ignore[no-any-return]  # the catalogue puts nothing but rules there
    return v.Members(hint)


def required(shape: type) -> list[str]:
    """List the required members: the fields without a default."""
    return [field.name for field in fields(shape) if field.default is MISSING]


def members(shape: type, regions: frozenset[str], pointer: str) -> Check:
    """Compile the check of the object at `pointer` with exactly the fields of a dataclass; it returns the dataclass."""
    needed = set(required(shape))
    wanted = [
        (field.name, field.name in needed, compiled(rule_of(shape, field.name), regions, f"{pointer}/{field.name}"))
        for field in fields(shape)
    ]

    names = tuple(name for name, _, _ in wanted)

    def check(value: Any, problems: list[FieldProblem]) -> Any:
        if type(value) is not dict:
            problems.append(FieldProblem(pointer, "not_an_object"))
            return None
        before, checked = len(problems), {}
        for name, must, member in wanted:
            if name in value:
                checked[name] = member(value[name], problems)
            elif must:
                problems.append(FieldProblem(f"{pointer}/{name}", "missing"))
        if len(checked) < len(value):
            # Not which, and no pointer to it: a member can be named after a person. Which ones are known says as much to who misspelt one
            problems.append(FieldProblem(pointer, "unknown_member", names))
        return shape(**checked) if len(problems) == before else None

    return check
