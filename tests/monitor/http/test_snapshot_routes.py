"""Snapshots over HTTP: the bytes that are published; for analysts to the hour and a day late."""

import csv
import io

import pytest

from services.monitor.dutch_calendar import four_o_clock, local
from services.monitor.publication import snapshot
from tests.api.conftest import kind
from tests.monitor.answers import answer
from tests.monitor.http.conftest import NOW, Monitor

PATH = "/v1/monitor/snapshots/2023-03-14"


async def test_a_day_is_its_four_o_clock(monitor: Monitor) -> None:
    """A snapshot is named by a date, which means 04:00, or by an instant."""
    headers = monitor.callers.of("analyst")
    found = await monitor.get(PATH, headers)
    assert found.json()["snapshot"] == "2023-03-14T03:00:00Z"
    assert (await monitor.get("/v1/monitor/snapshots/2023-03-14T04:00:00%2B01:00", headers)).content == found.content
    assert found.content == snapshot.take(answer, four_o_clock(local(NOW).date().replace(year=2023, month=3, day=14)))


async def test_a_published_snapshot_is_returned_as_it_is(monitor: Monitor) -> None:
    """A published snapshot keeps its bytes, also when the figures would be others now."""
    at = four_o_clock(local(NOW).date().replace(year=2023, month=3, day=14))
    published = snapshot.take(answer, at).replace(b'"heard_of":0.968', b'"heard_of":0.5')
    await monitor.published.publish(snapshot.snapshot_key(at), published)
    assert (await monitor.get(PATH, monitor.callers.of("analyst"))).content == published
    assert (await monitor.get("/v1/monitor/snapshots", monitor.callers.of("analyst"))).json() == {"snapshots": ["2023-03-14T03:00:00Z"]}


async def test_a_snapshot_is_published_on_demand_and_once(monitor: Monitor) -> None:
    """A PUT publishes a snapshot; a second PUT returns the one that is published."""
    headers = monitor.callers.operator
    first = await monitor.client.put(PATH, headers=headers)
    again = await monitor.client.put(PATH, headers=headers)
    assert (first.status_code, again.content) == (200, first.content)
    assert len(monitor.published.keys) == 1


async def test_a_time_before_the_log_has_no_snapshot_to_publish(monitor: Monitor) -> None:
    """Where nothing had been logged by then a snapshot is shown, with nothing in it, and not published."""
    monitor.known, headers = False, monitor.callers.operator
    assert (await monitor.get(PATH, headers)).json()["now"]["known_at"] is None
    refused = await monitor.client.put(PATH, headers=headers)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "nothing_known")
    assert not monitor.published.keys


async def test_the_rows_of_a_snapshot_stand_alone(monitor: Monitor) -> None:
    """A snapshot as CSV has the nation once, though it is in three of its parts."""
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
async def test_a_moment_that_is_too_new_or_too_fine(monitor: Monitor, when: str, analyst: tuple[int, str], operator: int) -> None:
    """A moment may be too new or too fine for an analyst; one in the future, or malformed, is refused for every caller."""
    path = f"/v1/monitor/snapshots/{when}"
    found = await monitor.get(path, monitor.callers.of("analyst"))
    assert (found.status_code, found.json()["errors"][0]["code"]) == analyst
    assert (await monitor.get(path, monitor.callers.operator)).status_code == operator


async def test_a_snapshot_is_not_taken_before_the_tables_go_so_far(monitor: Monitor) -> None:
    """A snapshot of a time that is not in the tables yet answers 503; one that is published is returned all the same."""
    at = four_o_clock(local(NOW).date().replace(year=2023, month=3, day=14))
    monitor.built_until[0] = at - 1
    assert kind(await monitor.get(PATH, monitor.callers.operator)) == (503, "not-yet")
    monitor.built_until[0] = at
    assert (await monitor.client.put(PATH, headers=monitor.callers.operator)).status_code == 200
    monitor.built_until[0] = None
    assert (await monitor.get(PATH, monitor.callers.operator)).status_code == 200
