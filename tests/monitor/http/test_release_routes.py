"""Releases over HTTP: for anyone, each version for ever."""

import csv
import io

import orjson
import pytest

from services.monitor.dutch_calendar import year
from services.monitor.publication import release
from services.monitor.publication.release_draft import draft
from tests.api.conftest import kind
from tests.monitor.answers import answer
from tests.monitor.http.conftest import Monitor


async def put(monitor: Monitor, *versions: int) -> None:
    """Publish the same release under some versions."""
    document = orjson.loads(draft(answer, 2023, year(2023).end, []) or b"")
    for version in versions:
        await monitor.published.publish(release.release_key(2023, version), orjson.dumps(document | {"version": version}))


async def test_anyone_reads_them_without_a_token(monitor: Monitor) -> None:
    """The list of releases, the latest of a year and each version need no token; a wrong token is ignored."""
    await put(monitor, 1, 2, 10)
    listed = await monitor.get("/v1/monitor/releases", {})
    assert [each["version"] for each in listed.json()["releases"]] == [1, 2, 10]
    assert (await monitor.get("/v1/monitor/releases/2023", {"Authorization": "Bearer none"})).json()["version"] == 10
    found = (await monitor.get("/v1/monitor/releases/2023/1", {})).json()
    assert (found["release"], found["version"], found["simulated"]) == ("2023", 1, True)
    assert found["rules"] == {"least": 10, "least_shelters": 5, "least_organisations": 2, "largest_share": 0.5, "rounded_to": 5}


async def test_what_is_hidden_is_unknown(monitor: Monitor) -> None:
    """A hidden number is null in JSON and a word in CSV; every other number is a multiple of five."""
    await put(monitor, 1)
    cells = (await monitor.get("/v1/monitor/releases/2023", {})).json()["cells"]
    lines = list(csv.DictReader(io.StringIO((await monitor.get("/v1/monitor/releases/2023", {}, Accept="text/csv")).text)))
    assert [line["value"] for line in lines] == ["unknown" if cell["value"] is None else str(cell["value"]) for cell in cells]
    assert all(cell["value"] % 5 == 0 for cell in cells if cell["value"] is not None)


@pytest.mark.parametrize("path", ["2022", "2023/3", "2023/0", "2023/one", "203", "2023/1/1"])
async def test_what_is_not_published_is_not_found(monitor: Monitor, path: str) -> None:
    """A year or version that is not published, or no number at all, is a 404."""
    await put(monitor, 1)
    found = await monitor.client.get(f"/v1/monitor/releases/{path}")
    assert kind(found) == (404, "not-found")
