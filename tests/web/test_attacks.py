"""What an attacker's page can make a browser do: nothing, on any page; a new route is attacked as soon as it is there."""

import html
import re
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from services.web.pages.login_pages import HOME
from tests.web.attacked import careless, paths
from tests.web.conftest import AGED, Browser

Number = Callable[[str], int]
_ELSEWHERE: Final = (
    "//evil.example",
    "///evil.example",
    "https://evil.example",
    "https:evil.example",
    "HTTPS://evil.example/tonight",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\n/evil.example",
    "/\r\nSet-Cookie: x=1",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "evil.example",
    "@evil.example",
    ".evil.example",
    "/tonight\\..\\\\evil.example",
    "",
)


_ACTS: Final = sorted(paths("POST"), key=lambda path: path == "/logout")  # the last ends the session
_SHOWN: Final = paths("GET")


def _tokens(browser: Browser, wrong: str) -> Iterator[dict[str, str]]:
    yield from ({}, {"form_token": ""}, {"form_token": "0" * 64}, {"form_token": wrong}, {"form_token": "\u00e9"})
    browser.client.headers["origin"] = "https://evil.example"
    yield {"form_token": "null"}
    del browser.client.headers["origin"]


@pytest.mark.parametrize("role", list(HOME))
async def test_no_form_of_another_site_calls_a_service(browser: Browser, number: Number, role: str) -> None:
    """Each route that takes a form refuses it without the token of this session, whoever is logged in, before any service is called."""
    await browser.login(number(role))
    other = await browser.token("/accessibility")
    await browser.login(number(role))
    browser.services.asked.clear()
    for path in _ACTS:
        for token in _tokens(browser, other):
            answer = await browser.client.post(path, data={"adults": "1"} | token)
            assert (answer.status_code, browser.services.asked) == (403, []), (path, token)


async def test_each_form_is_acted_on_with_its_token(browser: Browser, number: Number) -> None:
    """The control: with the token of the session each of these routes does what it is for, for one of the roles."""
    acted: set[str] = set()
    for role in HOME:
        await browser.login(number(role))
        token = await browser.token("/accessibility")
        async with careless(browser) as client:
            for path in _ACTS:
                answer = await client.post(path, data={"form_token": token, "adults": "1", "free": "1"})
                acted |= {path} if answer.status_code != 403 else set()
    assert acted == set(_ACTS)


@pytest.mark.parametrize("role", list(HOME))
async def test_no_address_acts(browser: Browser, number: Number, role: str) -> None:
    """Opening any address, as a picture or a link of another site can, sends nothing to a service: it only reads."""
    await browser.login(number(role))
    browser.services.answers["GET /v1/duty-list"] = 200, AGED | {"entries": []}
    async with careless(browser) as client:
        for path in _SHOWN:
            await client.get(path)
    assert {method for method, *_ in browser.services.asked} <= {"GET"}
    assert browser.services.asked != []


@pytest.mark.parametrize("role", ["", *HOME])
async def test_no_answer_can_be_framed_kept_or_run_with_script_of_others(browser: Browser, number: Number, role: str) -> None:
    """Each page, each form that is refused, each address that is none, and a fault of ours has the policy of the pages, whoever asks."""
    if role:
        await browser.login(number(role))
    async with careless(browser) as client:
        answers = [await client.get(path) for path in [*_SHOWN, "/none", "/static/plek.css", "/static/none", "/shelter/1/undo/x"]]
        answers += [await client.post(path) for path in [*_ACTS, "/none", "/tonight"]]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} <= set(policy.split("; ")), answer.url
        assert "unsafe" not in policy
        assert (answer.headers["x-frame-options"], answer.headers["x-content-type-options"]) == ("DENY", "nosniff")
        assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "no-referrer")


async def test_a_fault_of_ours_is_a_page_with_the_policy_of_the_pages(browser: Browser, number: Number) -> None:
    """What follows a fault is no blank page and has the header fields of every other."""
    await browser.login(number("worker"))
    browser.services.answers["GET /v1/duty-list"] = 200, {}
    async with careless(browser) as client:
        answer = await client.get("/duty")
    assert answer.status_code == 500
    assert "Er ging bij ons iets mis." in answer.text
    assert answer.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def _followed(location: str) -> str:
    """Return where a browser goes: it drops tabs and line ends, and reads a backslash as a slash (WHATWG URL, basic parser)."""
    return location.strip().translate({9: None, 10: None, 13: None}).replace("\\", "/")


@pytest.mark.parametrize("to", _ELSEWHERE)
async def test_no_way_leads_to_another_site(browser: Browser, number: Number, to: str) -> None:
    """The choice of a language and the log-in lead to a path of ours, whatever the address says (open redirect)."""
    chosen = (await browser.client.get("/language/en", params={"to": to})).headers["location"]
    welcome = (await browser.login(number("worker"), to)).text
    led = html.unescape(welcome.partition('content="0; url=')[2].partition('"')[0])
    for location in (chosen, led):
        assert re.match(r"/(?!/)", _followed(location)), location
        assert "\n" not in location


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_form_of_another_site_is_not_kept_for_the_log_in(browser: Browser, number: Number, site: str) -> None:
    """Sent by the page of an attacker to a browser without a session, a form is offered to nobody after the log-in."""
    sent = await browser.client.post("/hotel", data={"adults": "7"}, headers={"sec-fetch-site": site})
    assert sent.status_code == 403
    assert "/hotel" not in (await browser.login(number("worker"))).text.partition("<main")[2]
    token = await browser.token("/duty")
    again = await browser.client.post("/hotel", data={"adults": "7", "form_token": token}, headers={"sec-fetch-site": site})
    assert (again.status_code, 'value="7"' in again.text, browser.services.bodies) == (403, False, [])


@pytest.mark.parametrize("query", ["error=access_denied&state=x", "code=used&state=x"])
async def test_what_was_typed_survives_a_log_in_that_fails(browser: Browser, number: Number, query: str) -> None:
    """A log-in that is broken off, or refused, loses nothing: the next one offers what was typed."""
    await browser.client.post("/hotel", data={"adults": "7"})
    await browser.client.get("/login")
    assert (await browser.client.get(f"/login/done?{query}")).status_code == 403
    assert 'name="adults" value="7"' in (await browser.login(number("worker"))).text


async def test_a_session_of_the_attacker_ends_with_the_log_in(browser: Browser, number: Number) -> None:
    """A browser that was given the cookie of another's session has one of its own after the log-in, whose forms are its own."""
    await browser.login(number("shelter"))
    planted, known = browser.client.cookies["__Host-plek"], await browser.token("/accessibility")
    await browser.login(number("worker"))
    assert browser.client.cookies["__Host-plek"] != planted
    assert (await browser.client.post("/hotel", data={"form_token": known, "adults": "1"})).status_code == 403
    assert (await browser.client.get("/shelter")).status_code == 403


@pytest.mark.parametrize(("fields", "said"), [({"adults": "7"}, "is bewaard"), ({"file": "A" * 5_000}, "te groot om te bewaren")])
async def test_a_page_says_kept_of_what_is_kept_only(browser: Browser, fields: dict[str, str], said: str) -> None:
    """What no cookie can hold is not said to be kept over the log-in."""
    assert said in (await browser.client.post("/shelter/1/bring-in/send", data=fields)).text
