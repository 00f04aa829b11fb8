"""A household as it is typed."""

from typing import Any

import pytest

from services.commands.household import guessed, household
from services.local.trouble import Trouble

NOBODY = {"age": 0, "boy": False}


@pytest.mark.parametrize(
    ("typed", "men", "boys", "girls", "read"),
    [
        ("1", 0, [], [], {"women": 1, "men": 0, "children": []}),
        ("1+2", 0, [], [], {"women": 1, "men": 0, "children": [NOBODY, NOBODY]}),
        ("2+2", 1, [14], [3], {"women": 1, "men": 1, "children": [{"age": 14, "boy": True}, {"age": 3, "boy": False}]}),
        ("0+1", 0, [17], [], {"women": 0, "men": 0, "children": [{"age": 17, "boy": True}]}),
    ],
)
def test_a_household_is_read(typed: str, men: int, boys: list[int], girls: list[int], read: dict[str, Any]) -> None:
    """Children of whom nothing is said are taken for daughters."""
    assert household(typed, men, boys, girls) == read


@pytest.mark.parametrize(
    ("typed", "ages", "told"),
    [
        ("1", 0, None),
        ("1+2", 2, None),
        ("1+2", 1, "This takes a child for a daughter: "),
        ("1+2", 0, "This takes 2 children for daughters: "),
    ],
)
def test_what_is_taken_for_granted_is_told(typed: str, ages: int, told: str | None) -> None:
    """A son who was not mentioned would be offered a place that does not take him."""
    assert guessed(typed, ages) == (told and f"{told}say --boy AGE for each son, not every shelter takes him")


@pytest.mark.parametrize(("typed", "men", "boys"), [("", 0, []), ("1+", 0, []), ("a+b", 0, []), ("1", 2, []), ("1+1", 0, [3, 4])])
def test_what_does_not_add_up_is_said(typed: str, men: int, boys: list[int]) -> None:
    """In one line, with exit code 2."""
    with pytest.raises(Trouble) as told:
        household(typed, men, boys, [])
    assert told.value.code == 2
