"""Compiled rules: the codes of each rule, all problems at once, and no problem repeats a value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, get_args

import pytest

from services.adapters.codec.validation import MEANING, Code, FieldProblem, compiled, explain, members, required, rule_of
from services.domain.events import catalog as e
from services.domain.events import value_types as v

REGIONS: Final = frozenset({"R01", "R02"})
UUID: Final = "0b7ad7c2-6c1f-4f0e-9a4e-3d2c1b0a9f81"


def rule(kind: Any) -> v.Rule:
    """Return the rule of an annotated type."""
    found: v.Rule = get_args(kind)[1]
    return found


Row = tuple[v.Rule, Any, Code | None]


def each(checked: v.Rule, code: Code | None, values: Iterable[Any]) -> list[Row]:
    """Make a row of each value."""
    return [(checked, value, code) for value in values]


# (the rule, a value, the code it gives; None: it is allowed)
ROWS: Final[list[Row]] = [
    *each(rule(v.ShelterId), None, ("a", "-", "0-a", "x" * 40)),
    *each(rule(v.ShelterId), "bad_format", ("", "x" * 41, "A", "a_b", "a b", "a\n", "é", "a/b", "\uff41", "a\x00")),
    *each(rule(v.ShelterId), "wrong_type", (None, 1, True, [], {}, ["a"])),
    *each(rule(v.StayId), None, (UUID, UUID.replace("-9a4e", "-8a4e"), UUID.replace("-9a4e", "-ba4e"))),
    *each(
        rule(v.StayId),
        "bad_format",
        (UUID.upper(), UUID.replace("-", ""), UUID.replace("-4", "-1"), UUID.replace("-9a", "-7a"), f"{{{UUID}}}", UUID + "\n"),
    ),
    *each(v.ENVELOPE_ID, None, ("a", "A.b_c:d-9", "x" * 64)),
    *each(v.ENVELOPE_ID, "bad_format", ("", "x" * 65, "a/b", "a b", "a\n")),
    *each(v.ENVELOPE_SOURCE, None, ("urn:plek:a", "urn:plek::", "urn:plek:" + "x" * 80)),
    *each(v.ENVELOPE_SOURCE, "bad_format", ("urn:plek:", "urn:plek:" + "x" * 81, "urn:plek:A", "URN:plek:a", "urn:plek:a_b")),
    *each(rule(v.Phone), None, ("0", "+31 20-123", " ", "-" * 30)),
    *each(rule(v.Phone), "bad_format", ("", "0" * 31, "(020)", "0\t1", "\u0663")),
    *each(rule(v.Pseudonym), None, ("0" * 16, "f" * 64)),
    *each(rule(v.Pseudonym), "bad_format", ("0" * 15, "0" * 65, "F" * 16, "g" * 16)),
    *each(rule(v.Name), None, ("x", " ", "é" * 80, "😀" * 80, "\n", "\x00")),
    *each(rule(v.Name), "bad_format", ("", "x" * 81, "😀" * 81, "a\ud800", "\udfff")),
    (rule(v.Name), 1, "wrong_type"),
    *each(rule(v.Adults), None, (0, 20)),
    *each(rule(v.Adults), "out_of_range", (-1, 21, 10**19)),
    *each(rule(v.Adults), "wrong_type", (True, False, 1.0, 0.0, "1", None, [1], float("inf"))),
    *each(rule(v.Beds), "out_of_range", (0, 41)),
    *each(rule(v.MaxAdults), "out_of_range", (0, 21)),
    *each(rule(v.CountedFree), "out_of_range", (-1, 1_001)),
    *each(rule(v.Count), "out_of_range", (-1, 1_000_001)),
    *each(rule(v.TtlSeconds), None, (60, 7_200)),
    *each(rule(v.TtlSeconds), "out_of_range", (59, 7_201)),
    *each(rule(v.Yes), None, (True, False)),
    *each(rule(v.Yes), "wrong_type", (0, 1, "true", None)),
    *each(rule(v.Kind), None, v.KINDS),
    *each(rule(v.Kind), "not_in_list", ("", "Crisis", "crisis ", "other")),
    *each(rule(v.Kind), "wrong_type", (None, 0, ["crisis"], {"crisis": 1})),
    (v.RegionCodeRule(), "R01", None),
    *each(v.RegionCodeRule(), "unknown_region", ("R03", "r01", "")),
    (v.RegionCodeRule(), 1, "wrong_type"),
    (v.Moment(), "2026-03-02T10:00:00Z", None),
    (v.Moment(), "2026-03-02", "bad_format"),
    *each(v.Moment(), "wrong_type", (None, 1_772_445_600, True)),
    *each(rule(v.AgeOrNull), None, (None, 0, 18)),
    (rule(v.AgeOrNull), 19, "out_of_range"),
    (rule(v.AgeOrNull), False, "wrong_type"),
    *each(rule(v.Features), None, ([], ["cot"], list(v.FEATURES))),
    (rule(v.Features), ["cot", "cot"], "repeated_value"),
    (rule(v.Features), ["cot", "garden"], "not_in_list"),
    (rule(v.Features), [["cot"]], "wrong_type"),
    *each(rule(v.Features), "wrong_type", (None, "cot", {"cot": 1}, ("cot",))),
    (rule(v.Languages), ["nl", "ti"], None),
    *each(rule(v.Languages), "bad_format", (["NL"], ["nld"], [""])),
    (v.ListOf(v.RegionCodeRule(), most=1), ["R01", "R02"], "too_many"),
    *each(v.PartitionOffsets(), None, ({}, {"0": 0, "11": 2**53 - 1}, {"9" * 30: 1})),
    *each(v.PartitionOffsets(), "bad_format", [{key: 1} for key in ("", "00", "01", "-1", "1.0", " 1", "1\n", "a", "\u0661", "\ud800")]),
    *each(v.PartitionOffsets(), "out_of_range", ({"0": -1}, {"0": 2**53})),
    *each(v.PartitionOffsets(), "wrong_type", ({"0": 1.0}, {"0": True}, {"0": None})),
    *each(v.PartitionOffsets(), "wrong_type", (None, [], "0", 0)),
    (v.Members(e.Named), {"source": "urn:plek:a", "id": "x"}, None),
    (v.Members(e.Named), {"source": "urn:plek:a", "id": "x", "type": "y"}, "unknown_member"),
    (v.Members(e.Named), {"source": "urn:plek:a"}, "missing"),
    *each(v.Members(e.Named), "not_an_object", (None, [], "x")),
]


@pytest.mark.parametrize(("checked", "value", "code"), ROWS, ids=[f"{type(row[0]).__name__}-{row[1]!r}"[:60] for row in ROWS])
def test_a_value_gets_its_code(checked: v.Rule, value: Any, code: Code | None) -> None:
    """A value keeps its rule, or gets exactly one code."""
    problems: list[FieldProblem] = []
    compiled(checked, REGIONS, "/here")(value, problems)
    assert [problem.code for problem in problems] == ([code] if code else [])
    assert all(problem.pointer.startswith("/here") for problem in problems)


def test_all_problems_of_an_object_at_once() -> None:
    """The sender of an object gets all its problems, each with its pointer, and no name that is not of the contract."""
    problems: list[FieldProblem] = []
    sent = {"unit": "U", "stay": 7, "adults": 21, "children": True, "Jane Doe": 1, "hold": None, "occurred_at": "now"}
    assert members(e.Admission, REGIONS, "/data")(sent, problems) is None
    assert {problem[:2] for problem in problems} == {
        ("/data/shelter", "missing"),
        ("/data/unit", "bad_format"),
        ("/data/stay", "wrong_type"),
        ("/data/adults", "out_of_range"),
        ("/data/children", "wrong_type"),
        ("/data/hold", "wrong_type"),
        ("/data/occurred_at", "bad_format"),
        ("/data", "unknown_member"),
    }


def test_each_item_of_a_list_has_its_problem() -> None:
    """A problem within a list has the index of its item."""
    problems: list[FieldProblem] = []
    compiled(rule(v.Features), REGIONS, "/data/features")(["cot", "garden", 7], problems)
    assert [problem[:2] for problem in problems] == [("/data/features/1", "not_in_list"), ("/data/features/2", "wrong_type")]


def test_a_list_of_rubbish_gets_no_longer_answer_than_one_reads() -> None:
    """A list gives at most a hundred problems, so that an answer does not grow with what was sent."""
    problems: list[FieldProblem] = []
    compiled(rule(v.Features), REGIONS, "/data/features")([7] * 10_000, problems)
    assert len(problems) == 100


def test_what_is_required_has_no_default() -> None:
    """A field without a default is required, one with a default may be left out."""
    assert required(e.Discharge) == ["shelter", "stay", "destination"]
    assert isinstance(rule_of(e.SearchMade, "need"), v.Members)


def test_every_code_has_a_meaning() -> None:
    """Every code has a sentence that explains it."""
    assert set(MEANING) == set(get_args(Code))


def test_d24_a_problem_names_what_is_known_there() -> None:
    """D24: `not_in_list` lists the codes and `unknown_member` the members; neither repeats what was sent."""
    problems: list[FieldProblem] = []
    sent = {"source": "urn:plek:a", "id": "x", "Jane Doe": 1}
    members(e.Named, REGIONS, "/data/corrects")(sent, problems)
    compiled(rule(v.Features), REGIONS, "/data/features")(["cot", "Jane Doe"], problems)
    assert [(problem.pointer, explain(problem)) for problem in problems] == [
        ("/data/corrects", "there are members that the contract does not have; known: source, id"),
        (
            "/data/features/1",
            "not one of the codes of the contract; known: wheelchair, pets, own_kitchen, own_bathroom, cot",
        ),
    ]
