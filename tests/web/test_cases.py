"""Hotels and waiting lists on the pages: every act can be taken back from the message about it."""

from collections.abc import Callable

import pytest

from tests.web.conftest import AGED, Browser

_CASE = "5f0c8a52-6a6e-4b57-9d6c-0d2f3c1b7a90"
_LOGGED = {
    "POST /v1/fallbacks": (201, {"status": "logged", "fallback": _CASE}),
    f"POST /v1/fallbacks/{_CASE}/end": (200, {"status": "logged"}),
    f"POST /v1/fallbacks/{_CASE}/correct": (200, {"status": "logged"}),
    "POST /v1/waiting-list": (201, {"status": "logged", "entry": _CASE}),
    f"POST /v1/waiting-list/{_CASE}/leave": (200, {"status": "logged"}),
    f"POST /v1/waiting-list/{_CASE}/correct": (200, {"status": "logged"}),
}


@pytest.mark.parametrize(
    ("path", "undo", "what"),
    [
        ("/hotel", f"/hotel/{_CASE}/undo", "start"),
        (f"/hotel/{_CASE}/end", f"/hotel/{_CASE}/undo", "end"),
        ("/waiting", f"/waiting/{_CASE}/undo", "start"),
        (f"/waiting/{_CASE}/leave", f"/waiting/{_CASE}/undo", "end"),
    ],
)
async def test_what_was_done_can_be_taken_back_at_once(
    browser: Browser, number: Callable[[str], int], path: str, undo: str, what: str
) -> None:
    """The page after an act has a button that takes back this act and no other."""
    await browser.login(number("worker"))
    browser.services.answers |= _LOGGED
    done = await browser.send(path, {"adults": "1", "reason": "full", "outcome": "placed", "kind": "crisis"})
    page = (await browser.client.get(done.headers["location"])).text
    form = page.partition(f'action="{undo}"')[2].partition("</form>")[0]
    assert f'name="undo" value="{what}"' in form
    await browser.send(undo, {"undo": what})
    assert browser.services.bodies[-1] == {"undo": what, "reason": "mistake"}


@pytest.mark.parametrize("case", ["", "x", "../../hotel", _CASE.upper()])
async def test_an_address_with_no_case_offers_nothing_to_take_back(browser: Browser, number: Callable[[str], int], case: str) -> None:
    """What stands for a case in an address and is none becomes no address of a form."""
    await browser.login(number("worker"))
    browser.services.answers["GET /v1/fallbacks"] = 200, AGED | {"fallbacks": []}
    assert "/undo" not in (await browser.client.get("/tonight", params={"said": "hotel-ended", "case": case})).text


@pytest.mark.parametrize(("need", "said"), [("known", False), ("unavailable", False), ("forgotten", True)])
async def test_an_open_hotel_says_that_its_need_is_no_longer_kept(
    browser: Browser,
    number: Callable[[str], int],
    need: str,
    said: bool,  # noqa: FBT001 - a row of the table
) -> None:
    """30 days later an open hotel says that what the household needed is no longer kept, and can be ended as before."""
    await browser.login(number("worker"))
    case = {"fallback": _CASE, "region": "R07", "accommodation": "hotel", "adults": 1, "children": 2, "reason": "at_night", "need": need}
    answer = AGED | {"fallbacks": [case | {"men": None, "oldest_son_age": None, "occurred_at": "2026-03-02T12:00:00Z"}]}
    browser.services.answers["GET /v1/fallbacks"] = 200, answer
    page = (await browser.client.get("/tonight")).text
    assert ("Wat het gezin nodig had, is niet meer bewaard." in page) is said
    assert f'action="/hotel/{_CASE}/end"' in page
