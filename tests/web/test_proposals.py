"""Proposals on the page of a coordinator: a new shelter and its units are one thing to decide on."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.web.conftest import AGED, Browser

_MAY = ["confirm", "reject"]
_UNIT = {"unit": "u1", "kind": "crisis", "max_adults": 1, "max_children": 3}


def _proposal(name: str, shelter: str, what: str, **more: Any) -> dict[str, Any]:
    members = {"proposal": name, "shelter": shelter, "what": what, "status": "proposed", "you_may": _MAY}
    return members | {"proposed_at": "2026-11-30T02:00:00Z", "after": {}, "units": [], "withdrawn": []} | more


async def _regions(browser: Browser, number: Callable[[str], int], *newest_first: dict[str, Any]) -> str:
    await browser.login(number("coordinator"))
    browser.services.answers["GET /v1/proposals"] = 200, AGED | {"proposals": list(newest_first)}
    browser.services.answers["GET /v1/shelters"] = 200, AGED | {"shelters": []}
    return (await browser.client.get("/regions")).text


async def test_the_units_of_a_new_shelter_are_decided_on_with_it(browser: Browser, number: Callable[[str], int]) -> None:
    """One button confirms a new shelter and then its units; a change of another shelter has a button of its own."""
    page = await _regions(
        browser,
        number,
        _proposal("p3", "els", "units", units=[_UNIT]),
        _proposal("p2", "berk", "units", units=[_UNIT]),
        _proposal("p1", "berk", "new-shelter"),
    )
    assert page.count('/confirm"') == 2
    form = page.partition('action="/proposals/p1/confirm"')[2].partition("</form>")[0]
    assert 'name="together" value="p2"' in form
    await browser.send("/proposals/p1/confirm", {"together": "p2"})
    asked = [path for method, path, *_ in browser.services.asked if method == "POST"]
    assert asked == ["/v1/proposals/p1/confirm", "/v1/proposals/p2/confirm"]


async def test_units_wait_where_their_shelter_could_not_be_confirmed(browser: Browser, number: Callable[[str], int]) -> None:
    """Where the first of two is refused the page says so, and the second is not sent."""
    await browser.login(number("coordinator"))
    browser.services.answers["POST /v1/proposals/p1/confirm"] = 409, {"type": "urn:plek:problem:proposal-outdated"}
    answer = await browser.send("/proposals/p1/confirm", {"together": "p2"})
    assert answer.status_code == 409
    assert [path for method, path, *_ in browser.services.asked if method == "POST"] == ["/v1/proposals/p1/confirm"]


@pytest.mark.parametrize("may", [["withdraw"], []])
async def test_units_that_another_may_decide_on_stand_alone(browser: Browser, number: Callable[[str], int], may: list[str]) -> None:
    """Units of which the person may do something else than of their shelter are a proposal of their own."""
    page = await _regions(
        browser, number, _proposal("p2", "berk", "units", units=[_UNIT], you_may=may), _proposal("p1", "berk", "new-shelter")
    )
    assert 'name="together"' not in page
