"""A release from the figures: rounded, with cells hidden, numbered, and drafted once."""

from dataclasses import replace

import orjson
import pytest

from services.monitor.dutch_calendar import month, year
from services.monitor.figures.result import FigureResult, Weight
from services.monitor.publication import release
from services.monitor.publication.release_draft import draft
from services.monitor.publication.release_grid import AREAS
from services.monitor.query import Query
from tests.monitor.answers import answer

END = year(2023).end


@pytest.fixture(scope="module")
def first() -> bytes:
    """Draft the first release of 2023."""
    return draft(answer, 2023, END, []) or b""


def test_it_says_what_it_is_and_by_which_rules(first: bytes) -> None:
    """A release names its year, version, offsets, coverage and rules, and has every cell of its grid."""
    document = orjson.loads(first)
    assert (document["release"], document["version"], document["simulated"], document["heard_of"]) == ("2023", 1, True, 0.968)
    assert document["offsets"]["beds"]["0"] == 17_175
    assert {cell["figure"] for cell in document["cells"]} == set(release.FIGURES)
    assert {cell["area"] for cell in document["cells"]} == set(AREAS)
    assert len(document["cells"]) == len(release.FIGURES) * len(AREAS) * 13
    assert all(cell["value"] is None or cell["value"] % 5 == 0 for cell in document["cells"])


def test_the_same_figures_are_not_released_twice(first: bytes) -> None:
    """A draft without a number that differs from the last release is no release."""
    assert draft(answer, 2023, END, [first]) is None


def test_what_was_corrected_is_the_next_version(first: bytes) -> None:
    """A corrected number makes the next version, which hides at least what the one before hid."""
    old = orjson.loads(first)
    changed = next(cell for cell in old["cells"] if cell["value"] and "-" in cell["period"] and cell["area"].startswith("PV"))
    changed["value"] += 5
    second = orjson.loads(draft(answer, 2023, END, [orjson.dumps(old)]) or b"")
    assert second["version"] == 2
    hidden = [{(cell["figure"], cell["area"], cell["period"]) for cell in each["cells"] if cell["value"] is None} for each in (old, second)]
    assert hidden[0] <= hidden[1]


def test_a_month_that_is_not_over_is_not_released() -> None:
    """A release has the months that are over, and the year only once all are; before the first month is over there is none."""
    document = orjson.loads(draft(answer, 2023, month("2023-04").end - 1, []) or b"")
    assert {cell["period"] for cell in document["cells"]} == {"2023-01", "2023-02", "2023-03"}
    assert draft(answer, 2023, month("2023-01").end - 1, []) is None


@pytest.mark.parametrize(
    "heard",
    [Weight(n=8, shelters=8, largest=1, heard=4, organisations=3), Weight(n=8, shelters=8, largest=1, heard=8, organisations=1)],
)
def test_silent_shelters_and_one_organisation_are_too_few(heard: Weight) -> None:
    """Of provinces with four shelters that were heard of, or with one organisation, nothing is released, though eight are registered."""

    def ask(query: Query) -> FigureResult:
        result = answer(query)
        figures = (
            replace(each, rows=tuple(replace(row, weight=heard) for row in each.rows)) if each.definition.figure == "shelters" else each
            for each in result.figures
        )
        return replace(result, figures=tuple(figures))

    cells = orjson.loads(draft(ask, 2023, END, []) or b"")["cells"]
    assert {cell["value"] for cell in cells if cell["area"].startswith("PV")} == {None}
