"""A spreadsheet of a shelter: shown line by line first, sent only then, and never more than what was shown."""

from collections.abc import Callable
from typing import Any, Final

from tests.web.conftest import AGED, Browser

_CSV: Final = b"Kamer;Opname;Vertrek;Volwassenen;Kinderen\nu1;5-1-2026;20-1-2026;1;2\nu9;6-1-2026;;1;0\nu1;1-3-2026;10-3-2026;1;0\n"
_SHELTER: Final[dict[str, Any]] = {
    "shelter": "hazelaar-1",
    "registration": {
        "shelter": "hazelaar-1",
        "name": "Hazelaar",
        "organisation": "org-1",
        "region": "R07",
        "security": "open",
        "audience": ["women"],
        "max_son_age": None,
        "languages": [],
        "services": [],
        "intake_phone": "0800-1",
    },
    "units": [
        {
            "unit": "u1",
            "declared": True,
            "state": "free",
            "kind": "crisis",
            "overflow": False,
            "max_adults": 1,
            "max_children": 3,
            "beds": 4,
            "features": [],
            "closed": None,
            "held": None,
            "stays": [],
        }
    ],
}


async def _shown(browser: Browser, number: Callable[[str], int], data: bytes) -> str:
    await browser.login(number("shelter"))
    browser.services.answers |= {
        "GET /v1/shelters": (200, AGED | {"shelters": [_SHELTER]}),
        "GET /v1/shelters/hazelaar-1/import-key": (200, {"key": "00" * 32}),
    }
    token = await browser.token("/duty")
    answer = await browser.client.post("/shelter/1/bring-in", data={"form_token": token}, files={"sheet": ("lijst.csv", data)})
    return answer.text


async def test_a_file_is_shown_and_nothing_is_sent(browser: Browser, number: Callable[[str], int]) -> None:
    """The page lists what would be sent and what is left out by its line, and no event has been sent."""
    page = await _shown(browser, number, _CSV)
    assert "2 regels kunnen verstuurd worden" in page
    assert "1 regel wordt niet verstuurd" in page
    assert browser.services.bodies == []


async def test_what_was_shown_is_sent_with_the_source_of_an_import(browser: Browser, number: Callable[[str], int]) -> None:
    """The events of the plan are sent as a batch; none makes the shelter heard of."""
    page = await _shown(browser, number, _CSV)
    file = page.partition('name="file" value="')[2].partition('"')[0]
    browser.services.answers["POST /v1/events"] = 200, {"events": [{"status": "accepted"}] * 4}
    answer = await browser.send("/shelter/1/bring-in/send", {"file": file})
    assert "4 berichten zijn aangenomen" in answer.text
    (sent,) = browser.services.bodies
    assert {event["source"] for event in sent} == {"urn:plek:import"}
    assert [event["type"] for event in sent].count("nl.plek.admission.v1") == 2


async def test_a_file_that_is_none_is_one_clear_sentence(browser: Browser, number: Callable[[str], int]) -> None:
    """A file of another kind, and an empty one, are refused with what to do."""
    assert "niet te lezen" in await _shown(browser, number, b"<html>")
    assert "Kies een bestand" in await _shown(browser, number, b"")
