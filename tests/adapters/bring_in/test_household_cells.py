"""Households of spreadsheets: what is clear is read, what is not is left out."""

from typing import Any

import pytest

from services.adapters.bring_in.household_cells import UnclearError, parse_household, read_count, read_household
from services.adapters.spreadsheets.sheet_tables import TableRow


@pytest.mark.parametrize(
    ("text", "household"),
    [
        *(
            (text, (1, 2))
            for text in ("1+2", "1 + 2", "1 volw. 2 kind", "1 volwassene, 2 kinderen", "1v+2k", "1v 2k", "1 vrouw en 2 kinderen")
        ),
        *(
            (text, (1, 2))
            for text in ("moeder met 2 kinderen", "Vrouw + 2 kids", "1 adult, 2 children", "vrouw, zoon en dochter", "1 moeder 2 kind")
        ),
        *(
            (text, (2, 1))
            for text in ("2 volw. 1 kind", "man, vrouw en baby", "echtpaar met 1 kind", "2V/1K", "2 vr + 1 kd", "2 volw + kind")
        ),
        *((text, (1, 0)) for text in ("1", "1,0", "alleenstaande", "vrouw", "1 volwassene", "1 vr")),
        *((text, (0, 0)) for text in ("0", "geen", "-")),
    ],
)
def test_a_household_is_read_in_every_form(text: str, household: tuple[int, int]) -> None:
    """Numbers with a plus, with words in Dutch and English, short and long, or words for one person."""
    assert parse_household(text) == household


@pytest.mark.parametrize(
    "text", ["3", "gezin", "1-2", "1/2", "kinderen", "2 kinderen", "1+", "vrouw met kinderen", "Fatima + 2", "1 2", "1 volw 2"]
)
def test_what_is_not_clear_is_no_household(text: str) -> None:
    """Three persons may be one adult or three; children alone, a name, a date that a program made of "1-2": none is guessed."""
    with pytest.raises(UnclearError):
        parse_household(text)


@pytest.mark.parametrize(
    ("cells", "household"),
    [
        ({"adults": 1.0, "children": "2,0"}, (1, 2)),
        ({"adults": 1.0, "children": None}, (1, 0)),
        ({"women": 1.0, "men": 1.0, "children": 2.0}, (2, 2)),
        ({"persons": 3.0, "adults": 1.0}, (1, 2)),
        ({"persons": "3", "children": 2.0}, (1, 2)),
        ({"persons": 1.0}, (1, 0)),
        ({"household": 1.0}, (1, 0)),
        ({"adults": None, "children": None}, None),
        ({"adults": 0.0, "children": 0.0}, None),
        ({"adults": 0.0, "children": 2.0}, (0, 2)),
    ],
)
def test_columns_of_a_household_are_taken_together(cells: dict[str, Any], household: tuple[int, int] | None) -> None:
    """Women and men are adults; of persons, adults and children two give the third; nothing at all is no household."""
    assert read_household(TableRow(2, cells)) == household


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"persons": 3.0}, "household-unclear"),
        ({"persons": 3.0, "adults": 1.0, "children": 1.0}, "household-unclear"),
        ({"adults": None, "children": 2.0}, "household-unclear"),
        ({"adults": 1.5}, "household-unclear"),
        ({"adults": 21.0}, "household-size"),
        ({"household": True}, "household-unclear"),
    ],
)
def test_columns_that_do_not_fit_together_are_left_out(cells: dict[str, Any], code: str) -> None:
    """A number of persons alone, numbers that contradict one another, and too many are left out."""
    with pytest.raises(UnclearError) as unclear:
        read_household(TableRow(2, cells))
    assert unclear.value.code == code


def test_a_household_in_a_merged_cell_is_not_counted_twice() -> None:
    """A household over two rows is of the first; the second is left out."""
    assert read_household(TableRow(2, {"household": "1+2"})) == (1, 2)
    with pytest.raises(UnclearError):
        read_household(TableRow(3, {"household": "1+2"}, frozenset({"household"})))


@pytest.mark.parametrize(("value", "count"), [(None, None), (2.0, 2), ("2", 2), ("2,00", 2), ("2.", 2), ("-", 0), ("nvt", 0)])
def test_a_number_is_read_in_every_form(value: Any, count: int | None) -> None:
    """A number, a number as text, with decimals of nothing, or a word for none."""
    assert read_count(value) == count
