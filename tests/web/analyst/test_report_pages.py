"""The year report: begun by choosing a year, with progress that needs no script, then the page under its own policy."""

from collections.abc import Callable
from typing import Any

import pytest
import pytest_asyncio
from starlette.responses import HTMLResponse

from tests.web.conftest import Browser

_NOW = 1_795_953_600_000
_PATH = "GET /v1/monitor/progress/report/2026"
_PAGE = "GET /v1/monitor/reports/2026/nl"
_POLICY = "default-src 'none'; style-src 'sha256-abc='; frame-ancestors 'none'"


def _progress(state: str, done: int = 0) -> tuple[int, dict[str, Any]]:
    known_at = None if state == "none" else "2026-11-28T11:00:00Z"
    return 200, {"kind": "report", "year": "2026", "state": state, "done": done, "steps": 7, "known_at": known_at}


@pytest_asyncio.fixture
async def analyst(browser: Browser, number: Callable[[str], int]) -> Browser:
    """Log in as an analyst."""
    browser.clock[0] = _NOW
    await browser.login(number("analyst"))
    browser.services.asked.clear()
    return browser


def _asked(browser: Browser) -> list[str]:
    return [path for _, path, _, _ in browser.services.asked]


async def test_a_report_is_begun_once_and_by_choosing_a_year(analyst: Browser) -> None:
    """The page without a year begins nothing; a year that was not begun is, and the way leads to its progress."""
    page = (await analyst.client.get("/report")).text
    assert "<option>2026</option><option>2025</option>" in page
    assert _asked(analyst) == []
    analyst.services.answers |= {_PATH: _progress("none"), _PAGE: (202, {"state": "waiting"})}
    answer = await analyst.client.get("/report?year=2026")
    assert (answer.status_code, answer.headers["location"]) == (303, "/report?year=2026&begun=1")
    assert _asked(analyst)[-1] == "/v1/monitor/reports/2026/nl"


@pytest.mark.parametrize("query", ["year=1999", "year=../x", "year=", "year=2027"])
async def test_a_year_that_is_not_offered_is_not_asked_for(analyst: Browser, query: str) -> None:
    """An address with another year shows the years to choose from."""
    assert (await analyst.client.get(f"/report?{query}")).status_code == 200
    assert _asked(analyst) == []


async def test_progress_is_in_steps_and_reloads_without_script(analyst: Browser) -> None:
    """While it is worked out the page says which step it is at, and reloads by itself where scripts don't run."""
    analyst.services.answers[_PATH] = _progress("working", 3)
    page = (await analyst.client.get("/report?year=2026&begun=1")).text
    assert "Stap 4 van 7." in page
    assert '<progress value="3" max="7">' in page
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page
    assert "data-working" in page
    analyst.services.answers[_PATH] = _progress("done", 7)
    page = (await analyst.client.get("/report?year=2026&begun=1")).text
    assert 'href="/report/2026/nl"' in page
    assert "refresh" not in page


async def test_a_failure_is_said_and_can_be_tried_again(analyst: Browser) -> None:
    """After a failure the page says so, and one tap begins again."""
    analyst.services.answers[_PATH] = _progress("failed", 2)
    page = (await analyst.client.get("/report?year=2026&begun=1")).text
    assert "niet gelukt" in page
    assert 'href="/report?year=2026"' in page
    analyst.services.answers[_PAGE] = 503, {"type": "urn:plek:problem:not-yet", "title": "x"}
    assert (await analyst.client.get("/report?year=2026")).status_code == 503


async def test_the_report_is_shown_under_its_own_policy(analyst: Browser) -> None:
    """The page keeps the policy that the monitor gave it, with no `unsafe`; as a file it has a name with year and language."""
    page = HTMLResponse("<p>2026</p>", headers={"Content-Security-Policy": _POLICY})
    analyst.services.responses[_PAGE] = page
    answer = await analyst.client.get("/report/2026/nl")
    assert (answer.status_code, answer.text) == (200, "<p>2026</p>")
    assert answer.headers.get_list("content-security-policy") == [_POLICY]
    assert answer.headers["x-frame-options"] == "DENY"
    file = await analyst.client.get("/report/2026/nl?file=1")
    assert file.headers["content-disposition"] == 'attachment; filename="plek-2026-nl.html"'


async def test_a_report_that_is_not_ready_leads_to_its_progress(analyst: Browser) -> None:
    """The address of a report that is not there yet leads to how far it is; another language is no page."""
    analyst.services.answers[_PAGE] = 202, {"state": "working"}
    assert (await analyst.client.get("/report/2026/nl")).headers["location"] == "/report?year=2026"
    assert (await analyst.client.get("/report/2026/de")).status_code == 404
