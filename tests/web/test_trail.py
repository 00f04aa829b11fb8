"""The page on which a person reads the own trail."""

from collections.abc import Callable

import pytest

from services.adapters.audit.records import HAPPENINGS
from services.adapters.roles import ROLES
from services.web.pages.words import LOOKS
from tests.web.conftest import Body, Browser


def _record(event: str, at: str, *objects: tuple[str, str], outcome: str = "success") -> Body:
    things = [{"type": kind, "id": name} for kind, name in objects]
    return {
        "at": at,
        "event": event,
        "action": "R",
        "outcome": outcome,
        "role": "worker",
        "purpose": "placement",
        "objects": things,
        "what": [],
    }


def test_every_event_of_the_audit_log_has_words() -> None:
    """The table of words has each event of the audit log, and none that does not exist."""
    assert set(LOOKS) == set(HAPPENINGS)


async def test_a_worker_reads_the_own_acts_in_words(browser: Browser, number: Callable[[str], int]) -> None:
    """What was done, when on the Dutch clock, and how it ended; alike acts one after another are one line; the way further back."""
    records = [
        _record("hold-asked", "2026-11-30T02:12:00.000Z", ("hold", "h-1")),
        _record("search-made", "2026-11-30T02:11:00.000Z", outcome="refused"),
        *(_record("holds-shown", f"2026-11-30T02:0{minute}:00.000Z") for minute in (9, 5, 1)),
    ]
    browser.services.answers["GET /v1/me/trail"] = (
        200,
        {"user": "a1b2", "records": records, "next": "sealed", "searched_to": "2026-11-28T10:00:00.000Z"},
    )
    await browser.login(number("worker"))
    page = (await browser.client.get("/trail")).text
    assert "In het logboek heet u: <code>a1b2</code>" in page
    assert "Een plek vastgehouden, of dat geprobeerd" in page
    assert '<a href="/holds/h-1">' in page
    assert 'Een plek gezocht</td><td class="whole">geweigerd' in page
    assert "ma 30 nov 03:01 tot 03:09" in page
    assert "Vastgehouden plekken bekeken, 3 keer" in page
    assert "Tot hier gezocht: za 28 nov 11:00." in page
    assert 'href="/trail?next=sealed"' in page


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_finds_the_trail_below_every_page(browser: Browser, number: Callable[[str], int], role: str) -> None:
    """The first page of each role leads to the trail, which that role may open."""
    browser.services.answers["GET /v1/me/trail"] = (200, {"user": "a1b2", "records": [], "next": None, "searched_to": None})
    await browser.login(number(role))
    page = await browser.client.get("/trail")
    assert (page.status_code, "Verder terug is er niets." in page.text) == (200, True)
    assert '<footer class="foot"><a href="/trail">' in page.text


async def test_a_trail_that_can_not_be_read_is_not_an_empty_one(browser: Browser, number: Callable[[str], int]) -> None:
    """While the log is away the page says so, and shows no table without lines."""
    browser.services.answers["GET /v1/me/trail"] = (503, {"type": "urn:plek:problem:data-unavailable"})
    await browser.login(number("worker"))
    page = await browser.client.get("/trail")
    assert page.status_code == 503
    assert "Uw spoor is nu niet te lezen" in page.text
    assert "<table" not in page.text
