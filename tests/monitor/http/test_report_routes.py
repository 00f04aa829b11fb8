"""The year report over HTTP: begun by the first request, with progress, a day late, under a strict policy; one at a time."""

import re
from base64 import b64encode
from hashlib import sha256

import pytest

from services.domain.durations import DAY_MS, HOUR_MS
from tests.api.conftest import kind
from tests.monitor.http.conftest import NOW, Monitor
from tests.waiting import until

_PROGRESS, _REPORT = "/v1/monitor/progress/report/2023", "/v1/monitor/reports/2023/nl"


async def _finished(monitor: Monitor, year: int = 2023) -> None:
    monitor.gate.set()
    await monitor.wait_for("report", year, "done")


async def test_the_first_request_begins_it_and_progress_says_how_far_it_is(monitor: Monitor) -> None:
    """Nothing is worked out before it is asked for; then each step counts; with the last step the page is there, in two languages."""
    analyst = monitor.callers.of("analyst")
    assert (await monitor.get(_PROGRESS, analyst)).json()["state"] == "none"
    begun = await monitor.get(_REPORT, analyst)
    assert (begun.status_code, begun.json()["steps"]) == (202, 7)
    await monitor.wait_for("report", 2023, "working")
    await until(lambda: monitor.tasks != [])
    assert (await monitor.get(_PROGRESS, analyst)).json()["done"] == 2
    await _finished(monitor)
    page = await monitor.client.get(_REPORT, headers=analyst)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '<p lang="nl">2023</p>' in page.text
    assert '<p lang="en">2023</p>' in (await monitor.client.get(_REPORT.replace("/nl", "/en"), headers=analyst)).text
    assert len(monitor.tasks) == 1


async def test_a_report_is_a_day_late_for_every_caller(monitor: Monitor) -> None:
    """By an operator as by an analyst a report is begun of what had been recorded a day ago, to the hour."""
    await monitor.get(_REPORT, monitor.callers.operator)
    await monitor.wait_for("report", 2023, "working")
    assert [task.bound for task in monitor.tasks] == [(NOW - DAY_MS) // HOUR_MS * HOUR_MS]


async def test_the_policy_of_a_report_allows_its_own_style_alone(monitor: Monitor) -> None:
    """The header allows the one style sheet of the page by its hash, and nothing that is unsafe."""
    await monitor.get(_REPORT, monitor.callers.of("analyst"))
    await _finished(monitor)
    page = await monitor.client.get(_REPORT, headers=monitor.callers.of("analyst"))
    (style,) = re.findall("<style>(.*?)</style>", page.text, re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = page.headers["content-security-policy"]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"


async def test_two_are_worked_out_one_after_the_other(monitor: Monitor) -> None:
    """A second year waits for the first; asked for twice, a year is begun once."""
    analyst = monitor.callers.of("analyst")
    for path in (_REPORT, _REPORT.replace("2023", "2022"), _REPORT):
        assert (await monitor.get(path, analyst)).status_code == 202
    await monitor.wait_for("report", 2023, "working")
    assert (await monitor.get(_PROGRESS.replace("2023", "2022"), analyst)).json()["state"] == "waiting"
    await _finished(monitor)
    await _finished(monitor, 2022)
    assert [task.year for task in monitor.tasks] == [2023, 2022]


async def test_what_failed_is_begun_anew(monitor: Monitor) -> None:
    """After a failure progress says so, and the next request begins again."""
    monitor.fails = True
    monitor.gate.set()
    await monitor.get(_REPORT, monitor.callers.of("analyst"))
    await monitor.wait_for("report", 2023, "failed")
    assert (await monitor.get(_PROGRESS, monitor.callers.of("analyst"))).json()["state"] == "failed"
    monitor.fails = False
    await monitor.get(_REPORT, monitor.callers.of("analyst"))
    await _finished(monitor)
    assert len(monitor.tasks) == 2


@pytest.mark.parametrize(("path", "code"), [("2024/nl", None), ("2025/nl", "too_recent"), ("203/nl", "bad_format"), ("2023/de", "other")])
async def test_a_year_that_has_not_begun_has_no_report(monitor: Monitor, path: str, code: str | None) -> None:
    """The year that has begun has a report to date; one to come, no year, and another language have none."""
    found = await monitor.client.get(f"/v1/monitor/reports/{path}", headers=monitor.callers.of("analyst"))
    assert found.status_code == (202 if code is None else 400)
    assert code in {None, "other"} or found.json()["errors"][0]["code"] == code


async def test_a_report_needs_tables_and_is_recorded(monitor: Monitor) -> None:
    """Before the first tables there is none; what was begun and what was shown are in the audit log, progress is not."""
    monitor.built_until[0] = None
    assert kind(await monitor.get(_REPORT, monitor.callers.of("analyst"))) == (503, "not-yet")
    monitor.built_until[0] = NOW
    await monitor.get(_REPORT, monitor.callers.of("analyst"))
    await _finished(monitor)
    await monitor.client.get(_REPORT, headers=monitor.callers.of("analyst"))
    await until(lambda: len(monitor.audited.entries) == 2)
    assert [entry["what"] for entry in monitor.audited.entries] == [["report", "begun", "2023"], ["report", "shown", "2023"]]
