"""What is left out of an answer to an analyst: by place, by kind, and around the hour in which a shelter came."""

from dataclasses import replace
from uuid import UUID

import orjson
import pytest

from services.domain.durations import DAY_MS, HOUR_MS, NS_PER_MS
from services.domain.events import catalog as e
from services.monitor.dutch_calendar import month
from services.monitor.figures.evaluate import answer
from services.monitor.figures.result import FigureResult
from services.monitor.figures.serialization import to_document
from services.monitor.publication import snapshot
from services.monitor.query import Period, Query, Scope
from tests.monitor.comparison import BuiltCountry, archive_and_build
from tests.monitor.logged_countries import START, LoggedEvent, simulate, to_records

CAME = START + 34 * DAY_MS
"""In February, when a shelter registers by itself."""
JANUARY, FEBRUARY = month("2023-01"), month("2023-02")


def newcomer(events: list[LoggedEvent]) -> list[LoggedEvent]:
    """Return the events with which one more shelter comes a month after the others, like the first of those."""
    first = next(event for _, event in events if isinstance(event.data, e.ShelterRegistered))
    found: list[LoggedEvent] = []
    for _, event in events:
        if event.subject == first.subject and isinstance(event.data, e.ShelterRegistered | e.UnitDeclared):
            at, data = CAME + len(found), replace(event.data, shelter="newcomer")
            found.append((at, replace(event, id=str(UUID(int=at)), subject="newcomer", time=at * NS_PER_MS, data=data)))
    return found


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> BuiltCountry:
    """Build a country of three days that stays as it is, but for one shelter that comes; its log goes on until March."""
    events = simulate(7, 3)
    extra = newcomer(events)
    late = FEBRUARY.end + DAY_MS
    return archive_and_build(tmp_path_factory.mktemp("country"), *to_records([*events, *extra, (late, extra[0][1])]))


def both(country: BuiltCountry, query: Query) -> tuple[FigureResult, FigureResult]:
    """Return an answer to an operator, and to an analyst."""
    return answer(country.store, query), answer(country.store, replace(query, protected=True))


@pytest.mark.parametrize("by", [("province",), ("region",), ("kind",), ("province", "kind")])
def test_what_is_answered_is_exact(country: BuiltCountry, by: tuple[str, ...]) -> None:
    """Every row of an analyst has the value of the operator's, or none and that it is too few; parts are as their whole."""
    query = Query(figures=("units-by-state", "stays-ended"), period=Period(START + DAY_MS, START + 2 * DAY_MS), by=by)  # type: ignore[arg-type]
    exact, protected = both(country, query)
    for figure, seen in zip(exact.figures, protected.figures, strict=True):
        assert [row.value for row in seen.rows] == [
            None if other.too_few else row.value for row, other in zip(figure.rows, seen.rows, strict=True)
        ]
        assert not any(row.too_few for row in figure.rows)
        assert {row.too_few for row in seen.rows} == ({False} if by == ("kind",) else {False, True})
        assert all(row.weight is None for row in seen.rows if row.too_few)


def test_a_province_of_one_organisation_is_too_few(country: BuiltCountry) -> None:
    """Groningen, one region of one organisation, has no number and no share of shelters heard of."""
    query = Query(figures=("capacity",), at=START + DAY_MS, scope=Scope(province="PV20"))
    exact, protected = both(country, query)
    assert exact["capacity"].value
    assert exact.coverage is not None
    assert (protected["capacity"].value, protected["capacity"].rows[0].too_few, protected.coverage) == (None, True, None)


@pytest.mark.parametrize(
    ("when", "too_few"),
    [
        ({"at": CAME - HOUR_MS}, True),
        ({"at": CAME + HOUR_MS}, True),
        ({"period": Period(CAME - HOUR_MS, CAME + HOUR_MS)}, True),
        ({"period": FEBRUARY}, False),
        ({"period": Period(JANUARY.start, FEBRUARY.end)}, False),
        ({"at": FEBRUARY.start - HOUR_MS}, False),
        ({"at": FEBRUARY.end + HOUR_MS}, False),
    ],
)
def test_two_moments_around_a_newcomer_are_not_answered(country: BuiltCountry, when: dict[str, object], *, too_few: bool) -> None:
    """In the month in which one shelter comes, the country is answered as a whole month only; before and after it by the hour."""
    _, protected = both(country, Query(figures=("capacity",), **when))  # type: ignore[arg-type]
    assert protected["capacity"].rows[0].too_few is too_few


def test_a_document_for_an_analyst_has_no_position(country: BuiltCountry) -> None:
    """A document of a protected answer has no offset, and the hour that was asked for instead of the time of the last record."""
    query = Query(figures=("capacity",), at=START + DAY_MS, as_known_at=START + 2 * DAY_MS)
    exact, protected = (to_document(result) for result in both(country, query))
    assert any(exact.offsets.values())
    assert not any(protected.offsets.values())
    assert exact.known_at != protected.known_at == "2023-01-02T23:00:00Z"


def test_a_snapshot_has_no_small_cell(country: BuiltCountry) -> None:
    """A snapshot has what an analyst may see, whoever takes it."""
    document = orjson.loads(snapshot.take(lambda query: answer(country.store, query), START + 2 * DAY_MS))
    rows = {row.get("province"): row for figure in document["by_province"]["figures"] for row in figure["rows"]}
    assert (rows["PV20"]["value"], rows["PV20"]["too_few"]) == (None, True)
    assert not any(document["now"]["offsets"].values())
