"""Notices outside the page of a shelter: offered where a key is set and never without a click, and shown without any datum."""

from typing import Any, Final

import pytest
from playwright.async_api import Browser, Page, Response, expect

from tests.browser.conftest import Country, send
from tests.browser.test_accessibility import MOST_BYTES, WEIGHT, violations
from tests.sent import asked
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
# A key of these tests, and a name that leads nowhere (RFC 2606)
_SETTINGS: Final = {"push_key": "A" * 42 + "E", "push_hosts": "push.example"}
_ON, _OFF = "Waarschuw mij ook buiten deze pagina", "Stop met waarschuwen buiten deze pagina"
# A browser without a network can't ask its push service for an address: the script stands in for that service, and for nothing else
_PUSH_SERVICE: Final = """
let made = null;
PushManager.prototype.getSubscription = async () => made;
PushManager.prototype.subscribe = async (options) => {
  window.asked = [...options.applicationServerKey];
  made = { endpoint: "https://push.example/send/abc", options: { applicationServerKey: options.applicationServerKey.buffer },
    unsubscribe: async () => { made = null; return true; } };
  return made;
};
"""


@pytest.fixture(scope="module")
def stated() -> dict[str, object]:
    """Give the services a key for Web Push."""
    return dict(_SETTINGS)


async def _shelter(country: Country, chromium: Browser, *granted: str) -> Page:
    page = await country.open(chromium, "Opvang Hazelaar")
    if granted:
        await page.context.grant_permissions(list(granted), origin=country.pages)
    await page.context.add_init_script(_PUSH_SERVICE)
    await page.goto(f"{country.pages}/shelter/1")
    return page


def _is_subscription(answer: Response) -> bool:
    return answer.url.endswith("/shelter/notices") and answer.request.method == "POST"


async def test_the_button_is_there_only_where_a_key_is_set(country: Country, chromium: Browser) -> None:
    """With a key it is shown; where the installation has none, or scripts do not run, it is not."""
    page = await _shelter(country, chromium)
    await expect(page.locator(f"button:has-text('{_ON}')")).to_be_visible()
    await expect(page.locator(f"button:has-text('{_OFF}')")).to_be_hidden()

    async with page.expect_response("**/shelter/notices"):
        await page.route("**/shelter/notices", lambda route: route.fulfill(json={"push_key": None}))
        await page.reload()
    await page.evaluate("new Promise((done) => setTimeout(done))")
    await expect(page.locator("#notices")).to_be_hidden()

    scriptless = await country.open(chromium, "Opvang Hazelaar", java_script_enabled=False)
    await scriptless.goto(f"{country.pages}/shelter/1")
    await expect(scriptless.locator("h1")).to_be_visible()
    await expect(scriptless.locator("#notices")).to_be_hidden()


async def test_what_is_beside_the_page_is_accessible_and_light(country: Country, chromium: Browser) -> None:
    """With every text of it shown axe finds nothing at two widths and in two themes, and the page weighs less than 60 kB."""
    page = await _shelter(country, chromium)
    await expect(page.locator(f"button:has-text('{_ON}')")).to_be_visible()
    assert 0 < await page.evaluate(WEIGHT) < MOST_BYTES
    await page.evaluate("document.querySelectorAll('#notices [hidden]').forEach((each) => { each.hidden = false; })")
    assert [each async for each in violations(page, "/shelter/1")] == []


async def test_a_shelter_subscribes_with_a_click_and_stops_with_another(country: Country, chromium: Browser) -> None:
    """The address of the browser reaches the API through the pages, with the key of the installation, and is taken off again."""
    page = await _shelter(country, chromium, "notifications")
    async with page.expect_response(_is_subscription) as sent:
        await page.click(f"button:has-text('{_ON}')")
    assert (await sent.value).status == 204
    await expect(page.locator(f"button:has-text('{_OFF}')")).to_be_visible()
    assert len(await page.evaluate("window.asked")) == 65
    async with page.expect_response("**/shelter/notices/stop") as ended:
        await page.click(f"button:has-text('{_OFF}')")
    assert (await ended.value).status == 204
    await expect(page.locator(f"button:has-text('{_ON}')")).to_be_visible()


async def test_a_browser_that_refuses_is_believed(country: Country, chromium: Browser) -> None:
    """Where the person, or the browser, does not allow notices the page says so, and sends nothing."""
    page = await _shelter(country, chromium)
    await page.evaluate("Notification.requestPermission = async () => 'denied'")
    await page.click(f"button:has-text('{_ON}')")
    await expect(page.locator("[data-notices=denied]")).to_be_visible()


async def test_a_log_out_ends_the_notices_of_this_browser(country: Country, chromium: Browser) -> None:
    """The subscription is taken off before the session ends, so that the next person at this browser gets no notices of another shelter."""
    page = await _shelter(country, chromium, "notifications")
    await page.click(f"button:has-text('{_ON}')")
    await expect(page.locator(f"button:has-text('{_OFF}')")).to_be_visible()
    async with page.expect_response("**/shelter/notices/stop") as ended:
        await page.click("button:has-text('Uitloggen')")
    assert (await ended.value).status == 204
    await expect(page.locator("h1")).to_have_text("U bent uitgelogd")


async def _shown(page: Page) -> list[dict[str, Any]]:
    """Return the notices that the browser shows."""
    found: list[dict[str, Any]] = await page.evaluate(
        "navigator.serviceWorker.ready.then((found) => found.getNotifications())"
        ".then((all) => all.map(({ title, body, tag, data, timestamp }) => ({ title, body, tag, data, timestamp })))"
    )
    return found


async def test_a_push_shows_a_notice_without_data_and_doubles_are_one(country: Country, chromium: Browser) -> None:
    """Two pushes, of which one brings data that must not be shown, are one notice in the language of the browser."""
    page = await country.open(chromium, "Opvang Hazelaar", locale="nl-NL")
    await page.context.grant_permissions(["notifications"], origin=country.pages)
    client = await page.context.new_cdp_session(page)
    registrations: list[str] = []
    client.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(_ids(event)))
    await client.send("ServiceWorker.enable")
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await until(lambda: bool(registrations))
    before = 0
    for data in ("", "Berk, 2 kinderen"):
        await client.send("ServiceWorker.deliverPushMessage", {"origin": country.pages, "registrationId": registrations[0], "data": data})

        async def newer(than: int = before) -> bool:
            return any(each["timestamp"] > than for each in await _shown(page))

        await until(newer)
        [notice] = await _shown(page)
        before = notice.pop("timestamp")
        assert notice == {"title": "Plek: kijk op de pagina", "body": "", "tag": "plek", "data": None}


def _ids(event: dict[str, Any]) -> list[str]:
    return [each["registrationId"] for each in event["registrations"]]


async def test_an_open_page_in_the_background_shows_the_same_notice(country: Country, chromium: Browser) -> None:
    """Without any push: when a hold comes to a page that is not seen, its browser shows the notice; a page that is seen only sounds."""
    seen, unseen = [await _open_page(country, chromium, hidden) for hidden in ("false", "true")]
    await send(country, asked("3fa9c1d2e4b56078", "hazelaar-1", hold=77))
    for page in (seen, unseen):
        await expect(page.locator("[data-waits]")).to_have_count(1, timeout=30_000)

    async def shown() -> bool:
        return [each["title"] for each in await _shown(unseen)] == ["Plek: kijk op de pagina"]

    await until(shown)
    assert await _shown(seen) == []


async def _open_page(country: Country, chromium: Browser, hidden: str) -> Page:
    page = await country.open(chromium, "Opvang Hazelaar", locale="nl-NL")
    await page.context.grant_permissions(["notifications"], origin=country.pages)
    await page.context.add_init_script(f"Object.defineProperty(document, 'hidden', {{ get: () => {hidden} }})")
    await page.goto(f"{country.pages}/shelter/1")
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return page
