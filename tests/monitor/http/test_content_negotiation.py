"""The form of an answer: which one a caller gets."""

import pytest

from services.monitor.figures.serialization import COLUMNS, to_csv, to_document, to_rows
from services.monitor.http.content_negotiation import negotiate
from services.monitor.query import Query
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
def test_a_caller_gets_the_preferred_form(accept: str | None, form: str | None) -> None:
    """The most precise media range counts, and a form with quality 0 is never chosen."""
    assert negotiate(accept) == form


def test_unknown_is_a_word_in_csv() -> None:
    """In CSV an unknown number is the word `unknown`: an empty field could be read as 0."""
    document = to_document(answer(Query(figures=("occupancy",), period=WHOLE_YEAR), known=False))
    [heading, line] = to_csv(to_rows([document])).decode().splitlines()
    cells = dict(zip(heading.split(","), line.split(","), strict=True))
    assert (cells["value"], cells["heard_of"], cells["simulated"], cells["region"]) == ("unknown", "unknown", "true", "")
    assert list(cells) == [column.name for column in COLUMNS]
