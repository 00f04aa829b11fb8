"""The texts of the report: complete in both languages."""

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, get_args

import pytest

from services.monitor.figures.definitions import DEFINITIONS, Unit
from services.monitor.report.report_cells import TOO_FEW, Cell
from services.monitor.report.translations import month_name, rounded, rounded_with_unit

_USERS = ("demand_chapters", "document_model", "places_chapters", "summary", "translations")
TEXTS: dict[str, Any] = tomllib.loads(files("services.monitor.report").joinpath("texts.toml").read_text("utf-8"))


def bilingual(table: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Yield every text that has languages, with its path."""
    for name, value in table.items():
        if isinstance(value, dict):
            if value.keys() & {"nl", "en"}:
                yield f"{path}{name}", value
            else:
                yield from bilingual(value, f"{path}{name}.")


@pytest.mark.parametrize(
    ("path", "text"), list(bilingual(TEXTS | {"months": {}})), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_text_has_the_same_values_in_both_languages(path: str, text: dict[str, str]) -> None:
    """A text is in Dutch and in English, with the same {names} to fill in."""
    assert text.keys() == {"nl", "en"}, path
    assert set(re.findall(r"{\w+}", text["nl"])) == set(re.findall(r"{\w+}", text["en"]))


def test_every_unit_has_a_text() -> None:
    """The report can write a number of every unit that a definition may have."""
    assert list(TEXTS["units"]) == list(get_args(Unit))


def test_every_label_is_used() -> None:
    """No label of the file is left over."""
    users = "".join(files("services.monitor.report").joinpath(f"{name}.py").read_text("utf-8") for name in _USERS)
    made = {f"{start}{end}" for start in ("map_", "so_many_") for end in ("norm", "full", "regions", "provinces")}
    assert [name for name in TEXTS["labels"] if f'"{name}"' not in users and name not in made] == []


def test_every_source_of_a_definition_has_a_dutch_text() -> None:
    """A page in Dutch says in Dutch where each definition comes from, and no text is left over."""
    assert set(TEXTS["definition_sources"]) == {each.source for each in DEFINITIONS.values()}


def test_every_month_has_a_name_in_each_language() -> None:
    """May is not mei in English, nor October okt."""
    assert [month_name(number) for number in (1, 5, 10)] == [("jan", "Jan"), ("mei", "May"), ("okt", "Oct")]
    assert [len(names) for names in TEXTS["months"].values()] == [12, 12]


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (0.5, "share", "50,0%"),
        (0.0, "share", "0,0%"),
        (0.0004, "share", "<0,1%"),
        (0.99996, "share", ">99,9%"),
        (1.0, "share", "100,0%"),
        (1294, "requests", "1.294"),
        (26, "days", "26"),
        (45.9, "days", "46"),
        (0.4, "days", "<1"),
        (0, "nights", "0"),
        (None, "nights", "onbekend"),
        (TOO_FEW, "share", "te weinig"),
    ],
)
def test_the_report_has_one_style_of_numbers(value: Cell, unit: Unit, written: str) -> None:
    """Shares have one decimal and all else none; almost nothing is not nothing, and what is hidden is not unknown."""
    assert rounded(value, unit).nl == written


def test_one_is_no_plural() -> None:
    """One day is a day."""
    assert [rounded_with_unit(value, "days") for value in (0.2, 1, 2, None)] == [
        ("<1 dag", "<1 day"),
        ("1 dag", "1 day"),
        ("2 dagen", "2 days"),
        ("onbekend", "unknown"),
    ]
