"""The words after a verb of a shelter, units as they are typed, and times."""

from datetime import UTC, datetime

import pytest

from services.cli.options.shelter_words import split_count, split_words
from services.cli.options.typed_time import future_time, past_time
from services.cli.options.unit_plan import numbered_names, planned_units
from services.local.user_error import UserError


def test_the_shelter_may_be_left_out() -> None:
    """One word more than the verb needs is the shelter; more or fewer are refused."""
    assert split_words(["berk", "u3", "1+2"], "UNIT", "PEOPLE") == ("berk", ["u3", "1+2"])
    assert split_words(["u3", "1+2"], "UNIT", "PEOPLE") == (None, ["u3", "1+2"])
    for words in ([], ["u3"], ["berk", "u3", "1+2", "x"]):
        with pytest.raises(UserError):
            split_words(words, "UNIT", "PEOPLE")


@pytest.mark.parametrize(
    ("words", "read"), [([], (None, None)), (["berk"], ("berk", None)), (["3"], (None, 3)), (["berk", "0"], ("berk", 0))]
)
def test_a_number_alone_is_a_count(words: list[str], read: tuple[str | None, int | None]) -> None:
    """The last word is the number of free units where it is a number."""
    assert split_count(words) == read


@pytest.mark.parametrize(("first", "names"), [("u3", ["u3", "u4"]), ("kamer-09", ["kamer-09", "kamer-10"]), ("tuin", ["tuin-1", "tuin-2"])])
def test_units_alike_are_numbered_on(first: str, names: list[str]) -> None:
    """Names go on from the number at the end of the first; a name without a number gets one; a single unit keeps its name."""
    assert (numbered_names(first, 2), numbered_names(first, 1)) == (names, [first])


def test_plans_become_units() -> None:
    """`6 crisis 1+3` and a second plan are numbered in one row, each with a bed for each person."""
    units = planned_units(["2 crisis 1+3", "follow-up 2"])
    assert [(unit["unit"], unit["kind"], unit["max_adults"], unit["max_children"], unit["beds"]) for unit in units] == [
        ("u1", "crisis", 1, 3, 4),
        ("u2", "crisis", 1, 3, 4),
        ("u3", "follow_up", 2, 0, 2),
    ]
    for plan in ("6 palace 1+3", "crisis", "6 crisis"):
        with pytest.raises(UserError):
            planned_units([plan])


def _local_ms(hour: int) -> int:
    return int(datetime(2026, 3, 14, hour).astimezone().timestamp() * 1_000)


def test_a_time_of_day_is_the_last_or_the_next_one() -> None:
    """At 02:00, `--at 23:10` is of yesterday and `--until 01:00` of tomorrow; a day is taken as it is, and other text refused."""
    now = _local_ms(2)
    assert _read(past_time("23:10", now, "--at")) == datetime(2026, 3, 13, 23, 10).astimezone()
    assert _read(past_time("01:00", now, "--at")) == datetime(2026, 3, 14, 1).astimezone()
    assert _read(future_time("01:00", now, "--until")) == datetime(2026, 3, 15, 1).astimezone()
    assert _read(future_time("2026-04-01", now, "--until")) == datetime(2026, 4, 1).astimezone()
    assert past_time("2026-03-13T12:00:00+00:00", now, "--at") == "2026-03-13T12:00:00Z"
    assert past_time(None, now, "--at") is None
    with pytest.raises(UserError, match="--at is a time such as 23:10"):
        past_time("gisteren", now, "--at")


def _read(instant: str | None) -> datetime:
    assert instant is not None
    return datetime.fromisoformat(instant).astimezone(UTC)
