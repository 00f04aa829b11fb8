"""Figures over HTTP: for which callers, of which times, and in which form."""

import csv
import io
import json
from typing import Any

import pyarrow.parquet as pq
import pytest

from services.monitor.figures.definitions import DEFINITIONS, UNAVAILABLE
from services.monitor.figures.serialization import COLUMNS
from services.monitor.http.answer_tag import IF_NONE_MATCH
from services.monitor.http.content_negotiation import FOR
from services.monitor.http.query_params import PARAMETERS
from tests.api.conftest import kind
from tests.monitor.http.conftest import NOW, Monitor

YEAR = "/v1/monitor/figures?figure=occupancy&year=2023"
DAY_MS, HOUR_MS = 86_400_000, 3_600_000


def errors_of(response: Any) -> set[tuple[str, str]]:
    """Return which parameters are wrong, and how."""
    assert response.status_code == 400
    return {(item["pointer"], item["code"]) for item in response.json()["errors"]}


@pytest.mark.parametrize("role", ["analyst", "operator"])
async def test_figures_are_for_analysts(monitor: Monitor, role: str) -> None:
    """Analysts and operators get each number with the version of its definition, its offsets, its coverage, and whether it is simulated."""
    found = (await monitor.get(YEAR, monitor.callers.of(role))).json()
    assert found["simulated"] is True
    assert found["heard_of"] == 0.968
    assert found["offsets"]["beds"] == ({} if role == "analyst" else dict.fromkeys(map(str, range(12)), 17_175))
    [figure] = found["figures"]
    assert (figure["figure"], figure["version"], figure["unit"]) == ("occupancy", DEFINITIONS["occupancy"].version, "share")
    assert figure["rows"][0]["start"] == "2022-12-31T23:00:00Z"


@pytest.mark.parametrize("role", ["worker", "auditor", "shelter", "coordinator"])
async def test_other_roles_are_refused(monitor: Monitor, role: str) -> None:
    """A caller of another role, or without a token, is refused before any figure is computed."""
    headers = {
        "worker": monitor.callers.worker(),
        "shelter": monitor.callers.shelter("berk"),
        "coordinator": monitor.callers.coordinator("R07"),
    }
    for path in (YEAR, "/v1/monitor/definitions", "/v1/monitor/snapshots", "/v1/monitor/snapshots/2023-03-14"):
        assert kind(await monitor.get(path, headers.get(role) or monitor.callers.of(role))) == (403, "forbidden")
        assert kind(await monitor.get(path, {})) == (401, "unauthenticated")
    assert monitor.queries == []


async def test_an_analyst_looks_a_day_late(monitor: Monitor) -> None:
    """An analyst's query reads no record of the last day; an operator's reads all there are."""
    latest = (NOW - DAY_MS) // HOUR_MS * HOUR_MS
    await monitor.get(YEAR, monitor.callers.of("analyst"))
    await monitor.get(YEAR, monitor.callers.operator)
    assert [query.as_known_at for query in monitor.queries] == [latest, None]


@pytest.mark.parametrize(
    ("when", "errors"),
    [
        ("at=2024-01-09T12:00:00Z", set()),
        ("at=2024-01-09T13:00:00Z", {("at", "too_recent")}),
        ("at=2023-03-14T03:30:00Z", {("at", "not_to_the_hour")}),
        ("year=2024", set()),
        ("period=2024-01-09..2024-01-10", set()),
        ("period=2024-01-09T12:00..2024-01-10", set()),
        ("from=2023-01-01&to=2023-01-02T05:00:00%2B01:00", set()),
        ("at=2023-01-01", set()),
        ("year=2025", {("start", "too_recent"), ("end", "too_recent")}),
        ("month=2023-02", set()),
        ("knownAt=2024-01-10T12:34:00Z", {("knownAt", "too_recent"), ("knownAt", "not_to_the_hour")}),
        ("start=2023-01-01T00:00:01Z&end=2023-01-01T01:00:00Z", {("start", "not_to_the_hour")}),
    ],
)
async def test_an_analyst_sees_times_to_the_hour_a_day_late(monitor: Monitor, when: str, errors: set[tuple[str, str]]) -> None:
    """An analyst may not ask for finer or newer times, which would reveal last night's admissions; an operator may."""
    path = f"/v1/monitor/figures?figure=capacity&{when}"
    found = await monitor.get(path, monitor.callers.of("analyst"))
    assert found.status_code == 200 if not errors else errors_of(found) == errors
    assert (await monitor.get(path, monitor.callers.operator)).status_code == 200


_NEED = "figure=share-none-fitting&year=2022&adults=1"


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("figure=occupancy&year=2022&by=region&by=month", set()),
        ("figure=occupancy&year=2022&by=province&by=day", set()),
        ("figure=occupancy&year=2022&by=region&by=day", {("by", "too_narrow")}),
        ("figure=occupancy&year=2022&region=R07&by=day", {("by", "too_narrow")}),
        (f"{_NEED}&service=psychiatric&province=PV25", set()),
        (f"{_NEED}&children=2&by=province", set()),
        (f"{_NEED}&service=psychiatric&region=R10", {("region", "too_narrow")}),
        (f"{_NEED}&by=region", {("region", "too_narrow")}),
        (f"{_NEED}&kind=crisis", {("kind", "too_narrow")}),
        (f"{_NEED}&children=2&service=psychiatric", {("household", "too_narrow")}),
        (f"{_NEED}&service=psychiatric&service=addiction", {("household", "too_narrow")}),
        (f"{_NEED}&excludeRegion=R07", {("household", "too_narrow")}),
    ],
)
async def test_f1_an_analyst_asks_nothing_narrow(monitor: Monitor, query: str, errors: set[tuple[str, str]]) -> None:
    """F1: days and households below the province, and more than one filter, are refused to an analyst, and no one else."""
    found = await monitor.get(f"/v1/monitor/figures?{query}", monitor.callers.of("analyst"))
    assert found.status_code == 200 if not errors else errors_of(found) == errors
    assert (await monitor.get(f"/v1/monitor/figures?{query}", monitor.callers.operator)).status_code == 200


async def test_f1_the_query_of_an_analyst_is_protected(monitor: Monitor) -> None:
    """F1: every query of an analyst leaves out small cells, and tells no position of the log; that of an operator has every number."""
    for headers in (monitor.callers.of("analyst"), monitor.callers.operator):
        await monitor.get(YEAR, headers)
    assert [query.protected for query in monitor.queries] == [True, False]


async def test_every_error_is_reported_at_once_and_no_value_is_repeated(monitor: Monitor) -> None:
    """A query with several errors gets all of them in one answer, and none repeats a value that was sent."""
    path = "/v1/monitor/figures?figure=streetname&figure=occupancy&at=streetname&year=streetname&region=streetname&by=streetname"
    found = await monitor.get(f"{path}&kind=streetname&adults=streetname", monitor.callers.of("analyst"))
    assert errors_of(found) == {
        ("figure", "unknown_value"),
        ("at", "bad_format"),
        ("at", "conflict"),
        ("year", "bad_format"),
        ("region", "unknown_value"),
        ("by", "unknown_value"),
        ("kind", "unknown_value"),
        ("adults", "bad_format"),
        ("adults", "missing"),
    }
    assert "streetname" not in found.text


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("year=2023", ("figure", "missing")),
        ("figure=occupancy", ("at", "missing")),
        ("figure=occupancy&figure=occupancy&year=2023", ("figure", "repeated")),
        ("figure=occupancy&start=2023-01-01T00:00:00Z", ("at", "conflict")),
        ("figure=occupancy&start=2023-01-02T00:00:00Z&end=2023-01-01T00:00:00Z", ("end", "conflict")),
        ("figure=occupancy&year=2023&month=2023-01", ("at", "conflict")),
        ("figure=occupancy&year=2023&region=R07&province=PV25", ("region", "conflict")),
        ("figure=occupancy&at=2023-03-14T03:00:00Z&by=day", ("query", "unanswerable")),
        ("figure=occupancy&year=2023&year=2023", ("year", "repeated")),
        ("figure=occupancy&year=2023&period=2023-01", ("at", "conflict")),
        ("figure=occupancy&from=2023-01-01", ("at", "conflict")),
        ("figure=occupancy&from=2023-01-02&to=2023-01-01", ("to", "conflict")),
        ("figure=occupancy&period=2023-01-02..2023-01-01", ("period", "conflict")),
        ("figure=occupancy&at=2023-03-26T02:30", ("at", "not_on_the_clock")),
        ("figure=occupancy&year=2023&for=word", ("for", "unknown_value")),
    ],
)
async def test_a_query_that_makes_no_sense_is_a_400(monitor: Monitor, query: str, error: tuple[str, str]) -> None:
    """A query that makes no sense gets status 400, also when only the figures find that out."""
    assert error in errors_of(await monitor.get(f"/v1/monitor/figures?{query}", monitor.callers.operator))


async def test_files_have_names_and_one_is_for_excel(monitor: Monitor) -> None:
    """A file is called after its figures, its time and its rows; for Excel it is CSV whatever is accepted, with a byte order mark."""
    headers = monitor.callers.operator
    path = "/v1/monitor/figures?figure=occupancy&figure=capacity&period=2023-01&by=province"
    plain = await monitor.get(path, headers | {"Accept": "text/csv"})
    parquet = await monitor.get(path, headers | {"Accept": "application/vnd.apache.parquet"})
    excel = await monitor.get(f"{path}&for=excel", headers)
    names = [found.headers["content-disposition"].partition("=")[2] for found in (plain, parquet, excel)]
    assert names == [f'"plek-occupancy-capacity-2023-01-province.{extension}"' for extension in ("csv", "parquet", "csv")]
    assert (plain.content[:3] == b"\xef\xbb\xbf", excel.content[:3] == b"\xef\xbb\xbf") == (False, True)
    assert excel.text.count(";") == plain.text.count(",")
    assert "content-disposition" not in (await monitor.get(path, headers)).headers


async def test_a_query_may_have_a_household(monitor: Monitor) -> None:
    """The parameters of a household are read for the figures that depend on it."""
    query = "figure=share-none-fitting&year=2023&adults=1&children=2&oldestSonAge=14&feature=wheelchair&excludeRegion=R07&excludeRegion=R04"
    assert (await monitor.get(f"/v1/monitor/figures?{query}", monitor.callers.operator)).status_code == 200
    household = monitor.queries[0].household
    assert household is not None
    assert (household.adults, household.children, household.exclude_regions) == (1, 2, ("R07", "R04"))
    assert (household.need.oldest_son_age, household.need.features) == (14, ("wheelchair",))


async def test_the_same_numbers_in_three_forms(monitor: Monitor) -> None:
    """JSON, CSV and Parquet have the same numbers; another form is refused."""
    path = f"{YEAR}&figure=hotel-nights&by=month"
    headers = monitor.callers.operator
    document = (await monitor.get(path, headers)).json()
    values = [row["value"] for figure in document["figures"] for row in figure["rows"]]
    text = await monitor.get(path, headers, Accept="text/csv")
    assert text.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    lines = list(csv.DictReader(io.StringIO(text.text)))
    assert [float(line["value"]) for line in lines] == values
    assert set(lines[0]) == {column.name for column in COLUMNS}
    binary = await monitor.get(path, headers, Accept="application/vnd.apache.parquet, text/csv;q=0.5")
    table = pq.read_table(io.BytesIO(binary.content))
    assert table["value"].to_pylist() == values
    assert table.schema.field("value").metadata == {
        b"description": next(each.description for each in COLUMNS if each.name == "value").encode()
    }
    assert kind(await monitor.get(path, headers, Accept="image/png")) == (406, "not-acceptable")


@pytest.mark.parametrize("is_live", [True, False])
async def test_before_the_first_tables_there_are_no_figures(monitor: Monitor) -> None:
    """Before the first tables are built, figures and snapshots answer 503 to everyone; definitions and releases are available."""
    monitor.built_until[0] = None
    for headers in (monitor.callers.operator, monitor.callers.of("analyst")):
        for path in (YEAR, "/v1/monitor/snapshots/2024-01-08"):
            assert kind(await monitor.get(path, headers)) == (503, "not-yet")
    assert (await monitor.get("/v1/monitor/definitions", monitor.callers.operator)).status_code == 200
    assert (await monitor.get("/v1/monitor/releases", {})).status_code == 200


async def test_the_dictionary_has_every_figure_and_column(monitor: Monitor) -> None:
    """The data dictionary has every figure, every column, and every figure that is not available."""
    found = (await monitor.get("/v1/monitor/definitions", monitor.callers.of("analyst"))).json()
    assert [each["figure"] for each in found["definitions"]] == list(DEFINITIONS)
    assert [each["id"] for each in found["not_told"]] == [each.id for each in UNAVAILABLE]
    assert [each["column"] for each in found["columns"]] == [column.name for column in COLUMNS]


async def test_every_parameter_is_documented(monitor: Monitor) -> None:
    """Every parameter of figures is in OpenAPI with its description and its schema."""
    document = json.loads((await monitor.client.get("/v1/openapi.json")).text)
    described = document["paths"]["/monitor/figures"]["get"]["parameters"]
    assert [each["name"] for each in described] == [*PARAMETERS, FOR["name"], IF_NONE_MATCH["name"]]
    assert all(each["description"] and each["schema"] for each in described)
