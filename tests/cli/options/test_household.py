"""A household as it is typed."""

from typing import Any

import pytest

from services.cli.options.household import assumption, parse_household
from services.local.user_error import UserError


@pytest.mark.parametrize(
    ("typed", "men", "boys", "girls", "read"),
    [
        ("1", 0, [], [], {"adults": 1, "men": 0, "children": 0, "oldest_son_age": None}),
        ("1+2", 0, [], [], {"adults": 1, "men": 0, "children": 2, "oldest_son_age": None}),
        ("2+3", 1, [8, 14], [3], {"adults": 2, "men": 1, "children": 3, "oldest_son_age": 14}),
        ("0+1", 0, [17], [], {"adults": 0, "men": 0, "children": 1, "oldest_son_age": 17}),
    ],
)
def test_a_household_is_read(typed: str, men: int, boys: list[int], girls: list[int], read: dict[str, Any]) -> None:
    """Children without an age are taken for daughters."""
    assert parse_household(typed, men, boys, girls) == read


@pytest.mark.parametrize(
    ("typed", "ages", "shown"),
    [
        ("1", 0, None),
        ("1+2", 2, None),
        ("1+2", 1, "This takes a child for a daughter: "),
        ("1+2", 0, "This takes 2 children for daughters: "),
    ],
)
def test_what_is_assumed_is_shown(typed: str, ages: int, shown: str | None) -> None:
    """A message names the children without an age: a son among them would be offered a place that does not take him."""
    assert assumption(typed, ages) == (shown and f"{shown}say --boy AGE for each son, not every shelter takes him")


@pytest.mark.parametrize(("typed", "men", "boys"), [("", 0, []), ("1+", 0, []), ("a+b", 0, []), ("1", 2, []), ("1+1", 0, [3, 4])])
def test_a_household_that_does_not_add_up_is_refused(typed: str, men: int, boys: list[int]) -> None:
    """A malformed household, too many men and too many ages end the command with exit code 2."""
    with pytest.raises(UserError) as error:
        parse_household(typed, men, boys, [])
    assert error.value.code == 2
