"""Publishing: what would be public first, one page to confirm, then the act; a country to practise with publishes nothing."""

from collections.abc import Callable
from typing import Any

import pytest_asyncio

from tests.web.conftest import Browser

_NOW = 1_795_953_600_000
_KNOWN_AT = "2026-11-28T11:00:00Z"
_PROGRESS = {"kind": "draft", "year": "2026", "state": "done", "done": 3, "steps": 3, "known_at": _KNOWN_AT}
_NAMED = {"year": "2026", "version": "2", "known_at": _KNOWN_AT}


def _draft(*, simulated: bool = False) -> dict[str, Any]:
    values = {("NL", "2026"): 125, ("PV20", "2026-10"): None, ("PV21", "2026-10"): 15}
    cells = [{"figure": "searches", "area": area, "period": period, "value": value} for (area, period), value in values.items()]
    figures = {"searches": {"name": "Requests for a place", "definition": "Requests."}}
    return {
        "release": "2026",
        "version": 2,
        "simulated": simulated,
        "rules": {"rounded_to": 5},
        "figures": figures,
        "cells": cells,
    }


@pytest_asyncio.fixture
async def analyst(browser: Browser, number: Callable[[str], int]) -> Browser:
    """Log in as an analyst, where a draft is ready."""
    browser.clock[0] = _NOW
    await browser.login(number("analyst"))
    browser.services.answers["GET /v1/monitor/progress/draft/2026"] = 200, _PROGRESS
    browser.services.answers["GET /v1/monitor/release-drafts/2026"] = 200, {"progress": _PROGRESS, "draft": _draft()}
    browser.services.answers["GET /v1/monitor/releases"] = 200, {"releases": []}
    browser.services.asked.clear()
    return browser


def _puts(browser: Browser) -> list[str]:
    return [path for method, path, _, _ in browser.services.asked if method == "PUT"]


async def test_what_will_be_public_is_shown_first(analyst: Browser) -> None:
    """The page shows of each figure the number of the country, how many numbers are shown and how many hidden; nothing is published."""
    page = (await analyst.client.get("/publish?year=2026")).text
    row = page.partition("Aanvragen voor een plek</th>")[2].partition("</tr>")[0]
    assert [cell.partition("</td>")[0] for cell in row.split('<td class="number">')[1:]] == ["125", "2", "1"]
    assert 'action="/publish/confirm"' in page
    assert _puts(analyst) == []


async def test_publishing_takes_one_confirmation_and_names_the_draft(analyst: Browser) -> None:
    """The page that confirms says that it is for ever, and publishes nothing; its form publishes the draft that was shown."""
    confirm = await analyst.send("/publish/confirm", _NAMED, shown_on="/publish")
    assert "Dat kan niet teruggedraaid worden" in confirm.text
    assert _puts(analyst) == []
    done = await analyst.send("/publish", _NAMED, shown_on="/publish")
    assert done.headers["location"] == "/published?year=2026&said=published"
    assert _puts(analyst) == ["/v1/monitor/releases/2026/2"]
    assert {"knownAt": _KNOWN_AT} in analyst.services.parameters
    assert "Het is openbaar" in (await analyst.client.get("/published?said=published")).text


async def test_a_form_of_another_site_publishes_nothing(analyst: Browser) -> None:
    """Without the token of the session the act is not done; nor with a year that is none."""
    assert (await analyst.client.post("/publish", data=_NAMED)).status_code == 403
    await analyst.send("/publish", _NAMED | {"year": "../2026"}, shown_on="/publish")
    assert _puts(analyst) == []


async def test_a_country_to_practise_with_can_be_looked_at_only(analyst: Browser) -> None:
    """Of a simulated country the page says that nothing is published, and has no button for it."""
    analyst.services.answers["GET /v1/monitor/release-drafts/2026"] = 200, {"progress": _PROGRESS, "draft": _draft(simulated=True)}
    page = (await analyst.client.get("/publish?year=2026")).text
    assert "Van een oefenland wordt niets gepubliceerd." in page
    assert "/publish/confirm" not in page


async def test_what_is_refused_is_said(analyst: Browser) -> None:
    """A draft that is another one by now is not published, and the page leads back to it."""
    analyst.services.answers["PUT /v1/monitor/releases/2026/2"] = 404, {"type": "urn:plek:problem:not-found"}
    answer = await analyst.send("/publish", _NAMED, shown_on="/publish")
    assert answer.status_code == 404
    assert 'href="/publish?year=2026"' in answer.text


async def test_nothing_new_is_said(analyst: Browser) -> None:
    """Where the next version would be the same there is nothing to publish."""
    analyst.services.answers["GET /v1/monitor/release-drafts/2026"] = 200, {"progress": _PROGRESS, "draft": None}
    assert "niets nieuws te publiceren" in (await analyst.client.get("/publish?year=2026")).text
