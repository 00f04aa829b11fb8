"""Snapshots over HTTP: the bytes that are published, to the hour and a day late for analysts."""

import csv
import io

import pytest

from services.monitor import snapshot
from services.monitor.days import four_o_clock, local
from tests.api.conftest import kind
from tests.monitor.answers import answer
from tests.monitor.http.conftest import NOW, Monitor

PATH = "/v1/monitor/snapshots/2023-03-14"


async def test_a_day_is_its_four_o_clock(monitor: Monitor) -> None:
    """By its date, or by the instant."""
    headers = monitor.callers.of("analyst")
    found = await monitor.get(PATH, headers)
    assert found.json()["snapshot"] == "2023-03-14T03:00:00Z"
    assert (await monitor.get("/v1/monitor/snapshots/2023-03-14T04:00:00%2B01:00", headers)).content == found.content
    assert found.content == snapshot.taken(answer, four_o_clock(local(NOW).date().replace(year=2023, month=3, day=14)))


async def test_what_is_out_is_given_as_it_is(monitor: Monitor) -> None:
    """Also when the figures would be others now."""
    at = four_o_clock(local(NOW).date().replace(year=2023, month=3, day=14))
    out = snapshot.taken(answer, at).replace(b'"heard_of":0.968', b'"heard_of":0.5')
    await monitor.published.publish(snapshot.key(at), out)
    assert (await monitor.get(PATH, monitor.callers.of("analyst"))).content == out
    assert (await monitor.get("/v1/monitor/snapshots", monitor.callers.of("analyst"))).json() == {"snapshots": ["2023-03-14T03:00:00Z"]}


async def test_one_is_published_on_demand_and_once(monitor: Monitor) -> None:
    """Again, it is the one that is out."""
    headers = monitor.callers.operator
    first = await monitor.client.put(PATH, headers=headers)
    again = await monitor.client.put(PATH, headers=headers)
    assert (first.status_code, again.content) == (200, first.content)
    assert len(monitor.published.keys) == 1


async def test_its_rows_stand_alone(monitor: Monitor) -> None:
    """As CSV, the nation once though it is part of three answers."""
    text = (await monitor.get(PATH, monitor.callers.operator, Accept="text/csv")).text
    lines = list(csv.DictReader(io.StringIO(text)))
    nation = [line for line in lines if line["figure"] == "capacity" and not line["province"] and not line["kind"]]
    assert len(nation) == 1
    assert {line["province"] for line in lines} > {"", "PV25"}


@pytest.mark.parametrize(
    ("when", "analyst", "operator"),
    [
        ("2024-01-10", (400, "too_recent"), 200),
        ("2024-01-11", (400, "in_future"), 400),
        ("2023-03-14T03:15:00Z", (400, "not_to_the_hour"), 200),
        ("2023-02-30", (400, "bad_format"), 400),
        ("yesterday", (400, "bad_format"), 400),
    ],
)
async def test_a_moment_that_is_not_for_her(monitor: Monitor, when: str, analyst: tuple[int, str], operator: int) -> None:
    """Too new or too fine for an analyst; not there for anybody."""
    path = f"/v1/monitor/snapshots/{when}"
    found = await monitor.get(path, monitor.callers.of("analyst"))
    assert (found.status_code, found.json()["errors"][0]["code"]) == analyst
    assert (await monitor.get(path, monitor.callers.operator)).status_code == operator


async def test_one_of_what_has_not_been_worked_out_is_not_taken(monitor: Monitor) -> None:
    """It would lack what is still in the log; one that is out already is given."""
    at = four_o_clock(local(NOW).date().replace(year=2023, month=3, day=14))
    monitor.until[0] = at - 1
    assert kind(await monitor.get(PATH, monitor.callers.operator)) == (503, "not-yet")
    monitor.until[0] = at
    assert (await monitor.client.put(PATH, headers=monitor.callers.operator)).status_code == 200
    monitor.until[0] = None
    assert (await monitor.get(PATH, monitor.callers.operator)).status_code == 200
