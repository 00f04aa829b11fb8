"""The calls of a shelter's page about notices by the browser: with the own token, the token of the form, and no person at the screen."""

from collections.abc import Callable

import pytest

from tests.web.conftest import Browser

Number = Callable[[str], int]
_SUBSCRIPTIONS = "/v1/notices/subscriptions"
_NAME = "0f" * 32


async def test_the_page_reads_the_key_of_the_installation(browser: Browser, number: Number) -> None:
    """The key is passed on; without one, and while the API is away, it is null, and the page offers nothing."""
    await browser.login(number("shelter"))
    browser.services.answers["GET /v1/notices"] = 200, {"push_key": "BPublic"}
    assert (await browser.client.get("/shelter/notices")).json() == {"push_key": "BPublic"}
    browser.services.answers["GET /v1/notices"] = 503, {"type": "urn:plek:problem:data-unavailable"}
    assert (await browser.client.get("/shelter/notices")).json() == {"push_key": None}
    browser.services.away = True
    assert (await browser.client.get("/shelter/notices")).json() == {"push_key": None}


async def test_a_browser_is_subscribed_and_taken_off(browser: Browser, number: Number) -> None:
    """What the script sends reaches the API as it was, and its refusal reaches the script."""
    await browser.login(number("shelter"))
    assert (await browser.send("/shelter/notices", {"endpoint": "https://push.example/a"})).status_code == 204
    assert browser.services.bodies == [{"endpoint": "https://push.example/a"}]
    assert (await browser.send("/shelter/notices/stop", {"subscription": _NAME})).status_code == 204
    assert ("DELETE", f"{_SUBSCRIPTIONS}/{_NAME}") in [(method, path) for method, path, _, _ in browser.services.asked]
    browser.services.answers[f"POST {_SUBSCRIPTIONS}"] = 400, {"type": "urn:plek:problem:invalid"}
    assert (await browser.send("/shelter/notices", {"endpoint": "https://push.example/a"})).status_code == 400


@pytest.mark.parametrize("name", ["", "../../holds", "0F" * 32, "0" * 63])
async def test_only_a_digest_becomes_a_part_of_a_path(browser: Browser, number: Number, name: str) -> None:
    """What is no id of a subscription is refused before any service is called."""
    await browser.login(number("shelter"))
    assert (await browser.send("/shelter/notices/stop", {"subscription": name})).status_code == 400
    assert browser.services.bodies == []


@pytest.mark.parametrize("path", ["/shelter/notices", "/shelter/notices/stop"])
async def test_a_form_of_another_site_subscribes_nothing(browser: Browser, number: Number, path: str) -> None:
    """Without the token of this session no service is called (CSRF)."""
    await browser.login(number("shelter"))
    browser.services.asked.clear()
    answer = await browser.client.post(path, data={"endpoint": "https://push.example/a", "subscription": _NAME})
    assert (answer.status_code, browser.services.asked) == (403, [])


async def test_a_renewal_shows_no_person_at_the_screen(browser: Browser, number: Number) -> None:
    """What the script asks by itself keeps no session alive: it sets no cookie."""
    await browser.login(number("shelter"))
    answer = await browser.client.get("/shelter/notices", headers={"X-Refresh": "1"})
    assert "set-cookie" not in answer.headers


async def test_what_the_script_sends_after_the_session_is_not_kept_as_typed(browser: Browser, number: Number) -> None:
    """Once the session is idle the script is refused, and the log-in offers no form to send that no person has filled in."""
    await browser.login(number("shelter"))
    token = await browser.token("/duty")
    browser.clock[0] += 16 * 60_000
    form = {"form_token": token, "subscription": _NAME}
    answer = await browser.client.post("/shelter/notices/stop", data=form, headers={"X-Refresh": "1"})
    assert answer.status_code == 401
    assert _NAME not in answer.text
    assert "set-cookie" not in answer.headers
