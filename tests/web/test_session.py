"""Log-in, forms, and the end of a session: nobody acts for another, and nothing that was typed is lost."""

import re
from collections.abc import Callable

import httpx
import pytest

from tests.web.conftest import AGED, Browser

Number = Callable[[str], int]
_HELD = {"hold": "h", "mine": True, "status": "granted", "accepted": False, "adults": 1, "children": 0, "until": "2026-11-30T02:30:00Z"}
_QUARTER_MS = 15 * 60_000
_OFFERS = {"search": "s", "offers": [], "offers_until": "2026-11-30T02:30:00Z", "offers_left": 0, "more": "none", "misses": []}


async def test_the_first_page_says_where_to_find_help_and_calls_no_service(browser: Browser) -> None:
    """Without a session the first page has 112 and Veilig Thuis, before anything else, and asks no service."""
    page = (await browser.client.get("/")).text
    assert 'href="tel:112"' in page
    assert page.index("tel:08002000") < page.index("/login")
    assert browser.services.asked == []


async def test_a_person_who_logs_in_acts_with_the_own_token(browser: Browser, number: Number) -> None:
    """Every call of a page has the token that the issuer made for this person, and no other right."""
    await browser.login(number("worker"))
    await browser.client.get("/tonight")
    tokens = {headers.get("authorization", "")[:10] for _, _, _, headers in browser.services.asked}
    assert tokens == {"Bearer eyJ"}


async def test_the_cookie_is_bound_to_the_host_and_out_of_reach_of_scripts(browser: Browser, number: Number) -> None:
    """The cookie of the session is `__Host-`, Secure, HttpOnly and SameSite=Strict, and does not show the token."""
    cookies = (await browser.login(number("worker"))).headers.get_list("set-cookie")
    (session,) = [each for each in cookies if each.startswith("__Host-plek=")]
    assert {"secure", "httponly", "samesite=strict", "path=/"} <= set(session.lower().split("; "))
    assert "eyJ" not in session


@pytest.mark.parametrize("path", ["/tonight", "/shelter/1", "/regions", "/figures", "/parts", "/audit", "/duty"])
async def test_a_page_without_a_session_leads_to_the_log_in_and_back(browser: Browser, path: str) -> None:
    """A page that is not public shows nothing without a session, and the log-in leads back to it."""
    answer = await browser.client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/login?to={path.replace('/', '%2F')}")


@pytest.mark.parametrize("role", ["worker", "shelter", "coordinator", "analyst", "auditor", "operator"])
async def test_a_page_is_for_its_roles_only(browser: Browser, number: Number, role: str) -> None:
    """Each role sees its own first page, and is refused those of the others before any service is called."""
    first = {
        "worker": "/tonight",
        "shelter": "/shelter",
        "coordinator": "/regions",
        "analyst": "/figures",
        "auditor": "/audit",
        "operator": "/parts",
    }
    await browser.login(number(role))
    assert (await browser.client.get("/")).headers["location"] == first[role]
    browser.services.asked.clear()
    shared = {"/figures"} if role == "operator" else set()
    for path in set(first.values()) - {first[role]} - shared:
        assert (await browser.client.get(path)).status_code == 403
    assert browser.services.asked == []


@pytest.mark.parametrize("token", [None, "", "0" * 64])
async def test_a_form_of_another_site_does_nothing_and_keeps_what_was_typed(browser: Browser, number: Number, token: str | None) -> None:
    """A form without the token of this session calls no service (CSRF), and shows what it held so that the person can send it."""
    await browser.login(number("worker"))
    browser.services.asked.clear()
    form = {"adults": "3", "accommodation": "hotel"} | ({} if token is None else {"form_token": token})
    answer = await browser.client.post("/hotel", data=form)
    assert (answer.status_code, browser.services.asked) == (403, [])
    assert 'name="adults" value="3"' in answer.text


async def test_the_token_of_another_session_is_refused(browser: Browser, number: Number) -> None:
    """After a new log-in the token of a form of before is none any more (session fixation)."""
    await browser.login(number("worker"))
    before = await browser.token("/duty")
    await browser.login(number("worker"))
    assert (await browser.client.post("/find", data={"form_token": before, "adults": "1"})).status_code == 403


async def test_what_was_typed_survives_the_end_of_the_session(browser: Browser, number: Number) -> None:
    """A form that is sent after 15 idle minutes is kept over the log-in, and can be sent then."""
    await browser.login(number("worker"))
    token = await browser.token("/duty")
    browser.clock[0] += _QUARTER_MS
    browser.services.answers["GET /v1/holds"] = 200, AGED | {"holds": []}
    answer = await browser.client.post("/hotel", data={"form_token": token, "adults": "2", "reason": "at_night"})
    assert answer.status_code == 401
    again = (await browser.login(number("worker"))).text
    assert 'action="/hotel"' in again
    assert 'name="reason" value="at_night"' in again


async def test_what_was_typed_survives_a_token_that_was_taken_back(browser: Browser, number: Number) -> None:
    """A form whose token was taken back in another browser is kept over the log-in, and can be sent then."""
    await browser.login(number("worker"))
    token = await browser.token("/duty")
    browser.services.refusal = 401, {"type": "urn:plek:problem:unauthenticated"}
    answer = await browser.client.post("/hotel", data={"form_token": token, "adults": "2", "reason": "at_night"})
    assert (answer.status_code, "<h1>U bent uitgelogd</h1>" in answer.text, "/login?to=/hotel" in answer.text) == (401, True, True)
    browser.services.refusal = None
    again = (await browser.login(number("worker"))).text
    assert 'action="/hotel"' in again
    assert 'name="reason" value="at_night"' in again


@pytest.mark.parametrize(("holds", "status"), [([], 303), ([_HELD | {"accepted": True}], 303), ([_HELD], 200)])
async def test_a_hold_that_waits_keeps_a_worker_logged_in(browser: Browser, number: Number, holds: list[object], status: int) -> None:
    """After 15 idle minutes a worker logs in again, unless a hold of the worker still waits for its shelter."""
    await browser.login(number("worker"))
    browser.clock[0] += _QUARTER_MS
    browser.services.answers["GET /v1/holds"] = 200, AGED | {"holds": holds}
    assert (await browser.client.get("/tonight")).status_code == status


async def test_the_screen_of_a_shelter_locks_and_says_that_a_hold_waits(browser: Browser, number: Number) -> None:
    """After 15 idle minutes the screen of a shelter shows nothing but that a hold waits, and how to unlock it."""
    await browser.login(number("shelter"))
    browser.clock[0] += _QUARTER_MS
    waiting = {"holds_waiting": [{"hold": "h-1", "unit": "u9", "adults": 3, "children": 4}]}
    browser.services.answers["GET /v1/shelters"] = 200, AGED | {"shelters": [waiting]}
    locked = await browser.client.get("/shelter/1")
    assert locked.status_code == 401
    assert 'data-waits="h-1"' in locked.text
    assert "u9" not in locked.text
    assert "/login?to=/shelter/1" in locked.text


async def test_what_a_page_asks_by_itself_keeps_nobody_logged_in(browser: Browser, number: Number) -> None:
    """A page that refreshes itself for 15 minutes shows no person at the screen: then a log-in is asked for, and no page shown."""
    await browser.login(number("worker"))
    browser.services.answers["GET /v1/holds"] = 200, AGED | {"holds": []}
    for _ in range(3):
        browser.clock[0] += _QUARTER_MS // 3
        answer = await browser.client.get("/tonight", headers={"X-Refresh": "1"})
    assert answer.status_code == 401


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/%0d%0aSet-Cookie:x"])
async def test_no_address_leads_to_another_site(browser: Browser, to: str) -> None:
    """The log-in and the choice of a language lead to pages of ours only (open redirect)."""
    answer = await browser.client.get("/language/en", params={"to": to})
    location = answer.headers["location"]
    assert location == "/" or (location.startswith("/") and not location.startswith(("//", "/\\")) and "\r" not in location)


async def test_an_answer_of_another_log_in_is_refused(browser: Browser) -> None:
    """The issuer's answer counts only in the browser that began the log-in, and with its state."""
    assert (await browser.client.get("/login/done?code=x&state=y")).headers["location"] == "/"
    await browser.client.get("/login")
    answer = await browser.client.get("/login/done?code=x&state=y")
    assert answer.status_code == 403
    assert not any(each.startswith("__Host-plek=") for each in answer.headers.get_list("set-cookie"))


async def test_after_log_out_nothing_is_shown(browser: Browser, number: Number) -> None:
    """Logging out ends the session in this browser, and empties what it kept of the pages."""
    await browser.login(number("worker"))
    answer = await browser.send("/logout", {})
    assert "clear-site-data" in answer.headers
    assert (await browser.client.get("/tonight")).status_code == 303


@pytest.mark.parametrize("path", ["/", "/published", "/login", "/static/plek.css"])
async def test_every_page_forbids_frames_and_what_comes_from_elsewhere(browser: Browser, path: str) -> None:
    """Each answer has a policy without `unsafe`, is not kept, and can be shown in no frame."""
    headers: httpx.Headers = (await browser.client.get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search("unsafe|https?:(?!//127.0.0.1:8090)", policy)
    assert headers["x-frame-options"] == "DENY"


async def test_a_session_that_was_changed_is_none(browser: Browser, number: Number) -> None:
    """A cookie of which a character was changed opens no page."""
    await browser.login(number("worker"))
    sealed = browser.client.cookies["__Host-plek"]
    browser.client.cookies.clear()
    browser.client.cookies.set("__Host-plek", sealed[:-2] + ("A" if sealed[-2] != "A" else "B") + sealed[-1], domain="localhost.local")
    assert (await browser.client.get("/tonight")).status_code == 303


async def test_the_offers_of_a_search_are_there_again_after_back(browser: Browser, number: Number) -> None:
    """A search leads to an address of its own that names no household; opened again, the same request is sent with the same key."""
    await browser.login(number("worker"))
    browser.services.answers["POST /v1/searches"] = 200, AGED | _OFFERS
    sent = await browser.send("/find", {"adults": "1", "children": "2", "key": "k-1", "exclude_regions": "R07"})
    assert re.fullmatch("/offers/[0-9a-f]{8}", sent.headers["location"])
    for _ in range(2):
        assert "niet in" in (await browser.client.get(sent.headers["location"])).text
    asked = [(body, headers["idempotency-key"]) for _, path, body, headers in browser.services.asked if path == "/v1/searches"]
    assert len(asked) == 3
    assert all(each == asked[0] for each in asked)
    assert (await browser.client.get("/offers/00000000")).headers["location"] == "/find"


async def test_the_offers_of_a_search_end_with_the_session(browser: Browser, number: Number) -> None:
    """After log-out the browser keeps no search."""
    await browser.login(number("worker"))
    browser.services.answers["POST /v1/searches"] = 200, AGED | _OFFERS
    await browser.send("/find", {"adults": "1"})
    assert [name for name in browser.client.cookies if "search" in name]
    await browser.send("/logout", {})
    assert not [name for name in browser.client.cookies if "search" in name]


async def test_a_search_that_a_browser_keeps_is_of_its_person_only(browser: Browser, number: Number) -> None:
    """The cookie of a search opens nothing for the next person at the same browser, also where the first has not logged out."""
    await browser.login(number("worker"))
    browser.services.answers["POST /v1/searches"] = 200, AGED | _OFFERS
    there = (await browser.send("/find", {"adults": "1"})).headers["location"]
    assert (await browser.client.get(there)).status_code == 200
    browser.login_as("another-worker", "worker")
    assert (await browser.client.get(there)).headers["location"] == "/find"


async def test_a_browser_keeps_the_last_four_searches(browser: Browser, number: Number) -> None:
    """However many searches are made, the cookies of four are kept: a proxy takes no more header fields than 16 kB."""
    await browser.login(number("worker"))
    browser.services.answers["POST /v1/searches"] = 200, AGED | _OFFERS
    made = [(await browser.send("/find", {"adults": "1", "key": f"k-{each}"})).headers["location"] for each in range(7)]
    kept = [name[-8:] for name in browser.client.cookies if "search" in name]
    assert sorted(kept) == sorted(each[-8:] for each in made[-4:])


async def test_a_search_too_long_for_a_cookie_shows_its_offers(browser: Browser, number: Number) -> None:
    """A line of text that no cookie holds costs no answer: the offers are the page."""
    await browser.login(number("worker"))
    browser.services.answers["POST /v1/searches"] = 200, AGED | _OFFERS
    sent = await browser.send("/find", {"adults": "1", "again_of": "x" * 4_000})
    assert (sent.status_code, len(browser.services.bodies)) == (200, 1)


async def test_a_cookie_of_another_version_asks_for_a_log_in(browser: Browser) -> None:
    """A session whose members are others than today's opens no page, and is no fault."""
    browser.set_session({"token": "x", "shelters": [], "regions": []})
    assert (await browser.client.get("/tonight")).status_code == 303
