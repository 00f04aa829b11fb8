"""The forms of an answer, and which one a caller gets."""

import pytest

from services.monitor.formats import as_csv, chosen
from services.monitor.question import Question
from services.monitor.shown import COLUMNS, document, rows
from tests.monitor.answers import WHOLE_YEAR, answer


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("text/*", "text/csv"),
        ("application/vnd.apache.parquet", "application/vnd.apache.parquet"),
        ("application/json;q=0.2, text/csv;q=0.7", "text/csv"),
        ("application/*;q=0, text/csv;q=0.1", "text/csv"),
        ("application/json;q=0, */*", "text/csv"),
        ("text/html", None),
        ("text/csv;q=none", None),
        ("application/json;q=0", None),
    ],
)
def test_a_caller_gets_what_she_would_rather_have(accept: str | None, form: str | None) -> None:
    """The most precise wish counts, and 0 is never."""
    assert chosen(accept) == form


def test_nothing_known_is_a_word_in_csv() -> None:
    """An empty field might be read as a nought."""
    told = document(answer(Question(figures=("occupancy",), period=WHOLE_YEAR), known=False))
    [heading, line] = as_csv(rows([told])).decode().splitlines()
    cells = dict(zip(heading.split(","), line.split(","), strict=True))
    assert (cells["value"], cells["heard_of"], cells["simulated"], cells["region"]) == ("unknown", "unknown", "true", "")
    assert list(cells) == [column.name for column in COLUMNS]
