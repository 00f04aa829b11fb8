"""Every query to the monitor is in the audit log: the caller, the figures and the parameters; never more."""

import pytest

from tests.api.conftest import kind
from tests.monitor.http.conftest import Monitor
from tests.waiting import until

QUERY = (
    "/v1/monitor/figures?figure=minutes-none-fitting&figure=occupancy&start=2023-02-04T02:00:00Z&end=2023-02-04T03:00:00Z"
    "&adults=1&children=0&service=psychiatric&by=province"
)


async def test_f1_a_query_is_recorded_with_its_codes_and_no_other_value(monitor: Monitor) -> None:
    """F1: an entry has the figures, the names of the parameters, and the values of those that are codes; no time, no number of persons."""
    assert (await monitor.get(QUERY, monitor.callers.of("analyst"))).status_code == 200
    [entry] = monitor.audited.entries
    assert (entry["event"], entry["action"], entry["role"], entry["outcome"]) == ("figures-asked", "R", "analyst", "success")
    assert entry["user"] == monitor.audited.pseudonyms.audited("x1")
    assert entry["what"] == [
        "adults",
        "by=province",
        "children",
        "end",
        "figure=minutes-none-fitting",
        "figure=occupancy",
        "service=psychiatric",
        "start",
    ]


@pytest.mark.parametrize("role", ["analyst", "operator"])
async def test_f1_a_snapshot_is_recorded(monitor: Monitor, role: str) -> None:
    """F1: reading a snapshot and publishing one are recorded; listing them is not."""
    headers = monitor.callers.of(role)
    await monitor.get("/v1/monitor/snapshots", headers)
    await monitor.get("/v1/monitor/snapshots/2023-03-14", headers)
    await monitor.client.put("/v1/monitor/snapshots/2023-03-14", headers=headers)
    assert [entry["what"] for entry in monitor.audited.entries] == [["snapshot", "shown"], ["snapshot", "published"]]


async def test_f1_a_refusal_is_recorded(monitor: Monitor) -> None:
    """F1: a caller of another role is recorded as refused, without the query."""
    answer = await monitor.get(QUERY, monitor.callers.worker())
    assert (kind(answer), answer.json()["because"]) == ((403, "forbidden"), "role")
    [entry] = monitor.audited.entries
    assert (entry["event"], entry["outcome"], entry["what"]) == ("figures-asked", "refused", [])


async def test_f1_a_query_that_can_not_be_recorded_is_not_answered(monitor: Monitor) -> None:
    """F1: while no entry can be written, nothing is computed."""
    monitor.audited.log.away = True
    for path in (QUERY, "/v1/monitor/snapshots/2023-03-14"):
        assert (await monitor.get(path, monitor.callers.of("analyst"))).status_code == 503
    assert monitor.queries == []


@pytest.mark.parametrize("on_disk", [True])
async def test_f1_an_entry_waits_on_disk_while_kafka_is_away(monitor: Monitor) -> None:
    """F1: while Kafka is away a query is answered, and its entry is in the audit log once Kafka is back."""
    monitor.audited.log.away = True
    assert (await monitor.get(QUERY, monitor.callers.of("analyst"))).status_code == 200
    assert monitor.audited.entries == []
    monitor.audited.log.away = False
    await until(lambda: [entry["event"] for entry in monitor.audited.entries] == ["figures-asked"])


async def test_an_invalid_query_is_not_recorded(monitor: Monitor) -> None:
    """A query with a value that is no code is neither answered nor recorded."""
    assert (await monitor.get("/v1/monitor/figures?figure=fatima&year=2023", monitor.callers.of("analyst"))).status_code == 400
    assert monitor.audited.entries == []
