"""The texts of the report: complete in both languages."""

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, get_args

import pytest

from services.monitor.figures.definitions import Unit

TEXTS: dict[str, Any] = tomllib.loads(files("services.monitor.report").joinpath("texts.toml").read_text("utf-8"))


def bilingual(table: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Yield every text that has languages, with its path."""
    for name, value in table.items():
        if isinstance(value, dict):
            if value.keys() & {"nl", "en"}:
                yield f"{path}{name}", value
            else:
                yield from bilingual(value, f"{path}{name}.")


@pytest.mark.parametrize(("path", "text"), list(bilingual(TEXTS)), ids=lambda value: value if isinstance(value, str) else "")
def test_a_text_has_the_same_values_in_both_languages(path: str, text: dict[str, str]) -> None:
    """A text is in Dutch and in English, with the same {names} to fill in."""
    assert text.keys() == {"nl", "en"}, path
    assert set(re.findall(r"{\w+}", text["nl"])) == set(re.findall(r"{\w+}", text["en"]))


def test_every_unit_has_a_text() -> None:
    """The report can write a number of every unit that a definition may have."""
    assert list(TEXTS["units"]) == list(get_args(Unit))


def test_every_label_is_used() -> None:
    """No label of the file is left over."""
    chapters = "".join(
        files("services.monitor.report").joinpath(f"{name}.py").read_text("utf-8") for name in ("demand_chapters", "places_chapters")
    )
    assert [name for name in TEXTS["labels"] if f'"{name}"' not in chapters] == []
