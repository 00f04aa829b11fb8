"""The rules of values are those of section 1, a row a rule."""

from __future__ import annotations

import re
from typing import Any, Final, get_args

import pytest

from services.domain.events import value_types as v

ROWS: Final[list[tuple[str, Any, str]]] = [
    ("ids of shelters, units, organisations, desks", v.ShelterId, "[a-z0-9-]{1,40}"),
    ("event ids", v.EventId, "[A-Za-z0-9._:-]{1,64}"),
    ("sources", v.SourceId, "urn:plek:[a-z0-9:-]{1,80}"),
    ("pseudonyms", v.Pseudonym, "[0-9a-f]{16,64}"),
    ("phones", v.Phone, "[0-9 +-]{1,30}"),
    ("adults", v.Adults, "0-20"),
    ("children", v.Children, "0-20"),
    ("beds", v.Beds, "1-40"),
    ("max_adults", v.MaxAdults, "1-20"),
    ("max_children", v.MaxChildren, "0-20"),
    ("free", v.CountedFree, "0-1000"),
    ("other counts", v.Count, "0-1000000"),
    ("ttl_seconds", v.TtlSeconds, "60-7200"),
    ("names", v.Name, "1-80"),
]


@pytest.mark.parametrize(("says", "kind", "printed"), ROWS, ids=[row[0] for row in ROWS])
def test_a_rule_is_that_of_the_contract(says: str, kind: Any, printed: str) -> None:
    """The rule of a value is that of section 1."""
    rule = get_args(kind)[1]
    assert (rule.pattern if isinstance(rule, v.Text) else f"{rule.low}-{rule.high}") == printed, says


def test_every_example_keeps_its_own_rule() -> None:
    """The example beside a pattern matches it, so that events made of examples are valid."""
    rules = [rule for kind in vars(v).values() for rule in get_args(kind)[1:] if isinstance(rule, v.Text)]
    assert rules
    assert all(re.fullmatch(rule.pattern, rule.example) for rule in rules)


@pytest.mark.parametrize("version", ["1", "2", "3", "5", "6", "7"])
def test_a_uuid_made_of_a_time_or_a_name_is_refused(version: str) -> None:
    """Section 1: only UUIDs of version 4 and the RFC variant are valid, so that no id is derived from a person, a time or a place."""
    rule = get_args(v.StayId)[1]
    assert re.fullmatch(rule.pattern, f"0b7ad7c2-6c1f-{version}f0e-9a4e-3d2c1b0a9f81") is None
    assert re.fullmatch(rule.pattern, "0b7ad7c2-6c1f-4f0e-7a4e-3d2c1b0a9f81") is None
