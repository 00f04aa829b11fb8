"""The pages in two languages."""

import re

from services.adapters.regions import read_regions
from services.web.pages.language import translations
from tests.tools.web_messages import texts
from tests.web.conftest import Browser


def test_every_text_of_the_pages_has_its_english() -> None:
    """The catalogue has each text of the templates and the tables, and no text that is left over."""
    english = translations()["en"]
    written = {found[0] for found in texts()}
    catalogue = {key if isinstance(key, str) else key[0] for key in english._catalog if key}  # type: ignore[attr-defined]
    assert written - catalogue == set()
    assert catalogue - written == set()


def test_a_translation_has_the_places_of_its_text() -> None:
    """What is filled in stands in the English too: a name that lacks would be a fault on the page."""
    english = translations()["en"]
    places = re.compile(r"%\((\w+)\)[sd]")
    for found in texts():
        assert set(places.findall(found[0])) == set(places.findall(english.gettext(found[0]))) or len(found) > 1
    assert read_regions()


async def test_the_language_is_chosen_and_kept(browser: Browser) -> None:
    """The pages are Dutch until English is chosen, and say so to a reader of screens."""
    assert '<html lang="nl">' in (await browser.client.get("/")).text
    await browser.client.get("/language/en")
    assert '<html lang="en">' in (await browser.client.get("/")).text


async def test_the_address_of_a_sent_form_leads_home(browser: Browser) -> None:
    """Who chooses a language on the answer to a form comes to the first page, never to a bare refusal."""
    await browser.client.get("/language/en?to=/hold")
    answer = await browser.client.get("/hold", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
