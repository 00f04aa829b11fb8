"""The pages of an operator and of an auditor."""

import re
from collections.abc import Callable
from typing import Any, get_args

import pytest
import pytest_asyncio

from services.adapters.codec.validation import Code
from services.web.pages.words import REFUSALS
from tests.web.conftest import AGED, Body, Browser

STATE: Body = AGED | {
    "national": {"capacity": 3, "free": 1},
    "dead_letters": 2,
    "positions": {"0": 17, "1": None},
    "halted": {},
    "regions": {},
    "shelters": {},
    "holds": {},
    "rebuilding": False,
}


def _letter(**more: Any) -> Body:
    place = {"topic": "plek.bed-events", "partition": 3, "offset": 17}
    return {"time": "2026-11-30T02:12:00.000Z", "reason": "mismatch", "detail": "", "type": None, "event": None} | place | more


def _partition(**more: Any) -> Body:
    shown = {"topic": "beds", "partition": 3, "position": 16, "end": 17, "behind": 0, "as_of": AGED["as_of"], "age_seconds": 2}
    compared = {"compared_at": "2026-11-30T02:12:00.000Z", "compared_with_log_at": None, "differences": 0}
    return shown | {"rebuilding": False, "halted": None} | compared | more


@pytest_asyncio.fixture
async def operator(browser: Browser, number: Callable[[str], int]) -> Browser:
    """Log in as an operator, with a state to show."""
    browser.services.answers |= {
        "GET /v1/operator/state": (200, STATE),
        "GET /v1/operator/dead-letters": (200, {"dead_letters": [], "complete": True}),
        "GET /v1/operator/partitions": (200, {"partitions": [_partition()], "last_verify": None}),
        "GET /v1/alarms": (200, {"alarms": []}),
    }
    await browser.login(number("operator"))
    return browser


def test_every_reason_has_words() -> None:
    """The table of words has each code of a refusal, and the one that stands for none."""
    assert set(REFUSALS) == {*get_args(Code), "unknown"}


async def test_an_operator_sees_why_a_message_was_refused(operator: Browser) -> None:
    """When, why in words, which type of event, and where it stands; and that there are older ones."""
    letters = [_letter(type="nl.plek.admission.v1", event="e-1"), _letter(reason="unreadable", partition=None, offset=None)]
    operator.services.answers["GET /v1/operator/dead-letters"] = (200, {"dead_letters": letters, "complete": False})
    page = (await operator.client.get("/parts")).text
    assert "<td>ma 30 nov 03:12</td><td>sleutel, onderwerp en inhoud verschillen</td><td>Opname <code>e-1</code></td>" in page
    assert "<td>plek.bed-events 3:17</td>" in page
    assert "<td>niet te lezen: geen JSON</td><td>onbekend</td><td>plek.bed-events ?:?</td>" in page
    assert "Er zijn er meer." in page


async def test_no_dead_letters_are_other_than_none_that_can_be_read(operator: Browser) -> None:
    """An empty list says that nothing was refused; a log that is away says that it can't be read."""
    assert "is er niets geweigerd" in (await operator.client.get("/parts")).text
    operator.services.answers["GET /v1/operator/dead-letters"] = (503, {})
    page = (await operator.client.get("/parts")).text
    assert "De geweigerde berichten zijn nu niet te lezen." in page
    assert "is er niets geweigerd" not in page


@pytest.mark.parametrize(
    ("verify", "shown"),
    [
        (None, "De stand is nog nooit met het log vergeleken. Dat kan met: <code>plek verify</code>"),
        ({"differences": 0, "all": True}, "op ma 30 nov 03:12: geen verschil. 5016 berichten opnieuw gelezen, alle delen."),
        ({"differences": 0, "all": False}, "op ma 30 nov 03:12: geen verschil. 5016 berichten opnieuw gelezen, 24 delen, niet alle."),
        ({"differences": 2, "all": True}, "op ma 30 nov 03:12: 2 verschillen. Kijk welke met: <code>plek verify</code>"),
    ],
)
async def test_an_operator_sees_the_last_verification(operator: Browser, verify: Body | None, shown: str) -> None:
    """When it was, and what it found; or that it never was, and how it is run."""
    last = verify and {"at": "2026-11-30T02:12:00.000Z", "partitions": 24, "records": 5_016} | verify
    operator.services.answers["GET /v1/operator/partitions"] = (200, {"partitions": [_partition()], "last_verify": last})
    assert shown in (await operator.client.get("/parts")).text


@pytest.mark.parametrize(
    ("partitions", "shown"),
    [
        ([_partition()], "Alle berichten zijn verwerkt."),
        ([_partition(behind=3), _partition(behind=4)], "7 berichten zijn nog niet verwerkt."),
        ([_partition(behind=3), _partition(behind=None, end=None)], "is niet bekend: Kafka antwoordt niet."),
        ([_partition(halted="version_too_new")], "staat stil: version_too_new"),
    ],
)
async def test_an_operator_sees_how_far_the_view_is_behind(operator: Browser, partitions: list[Body], shown: str) -> None:
    """In records over all partitions, and unknown where the end of one log is; a partition that stands still is said apart."""
    operator.services.answers["GET /v1/operator/partitions"] = (200, {"partitions": partitions, "last_verify": None})
    assert shown in (await operator.client.get("/parts")).text


@pytest.mark.parametrize(
    ("partition", "shown"),
    [
        (_partition(), "voor het laatst op ma 30 nov 03:12: geen verschil."),
        (_partition(differences=None, compared_at=None), "1 deel is nog niet vergeleken met wat er is verwerkt."),
        (_partition(differences=2), "bedden 3: 2 verschillen met het log, gezien op ma 30 nov 03:12."),
    ],
)
async def test_an_operator_sees_what_the_canary_found(operator: Browser, partition: Body, shown: str) -> None:
    """Nothing, not yet, or in which partition how much differs."""
    operator.services.answers["GET /v1/operator/partitions"] = (200, {"partitions": [partition], "last_verify": None})
    assert shown in (await operator.client.get("/parts")).text


def _found(**more: Any) -> Body:
    objects = [{"type": "shelter", "id": "hazelaar-1"}]
    record = {"event": "shelters-shown", "user": "a" * 32, "role": "shelter", "outcome": "success", "objects": objects}
    shown = {"offset": 6, "logged_at": "2026-11-30T02:12:00.000Z", "record": record}
    return {"records": [shown], "next": 6, "searched_to": "2026-11-28T10:00:00.000Z", "end": 9, "last_check": None} | more


@pytest_asyncio.fixture
async def auditor(browser: Browser, number: Callable[[str], int]) -> Browser:
    """Log in as an auditor, with a record to find."""
    browser.services.answers["GET /v1/audit/search"] = (200, _found())
    await browser.login(number("auditor"))
    return browser


async def test_an_auditor_searches_the_log_itself(auditor: Browser) -> None:
    """What is typed goes to the API, days as Dutch days; what was found is in words, and the way further back carries the search on."""
    typed = {"user": "a" * 32, "object": "hazelaar-1", "event": "shelters-shown", "from_day": "2026-11-28", "to_day": "2026-11-30"}
    answer = await auditor.send("/audit", typed, shown_on="/audit")
    sent = {"limit": "40", "user": "a" * 32, "object": "hazelaar-1", "event": "shelters-shown"}
    assert auditor.services.parameters[-2] == sent | {"since": "2026-11-27T23:00:00Z", "until": "2026-11-30T23:00:00Z"}
    page = answer.text
    assert '<button class="plain" name="user" value="aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa">aaaaaaaa…</button>' in page
    assert "<td>ma 30 nov 03:12</td><td>Opvang bekeken, met kamers en aantallen</td>" in page
    assert "Tot hier gezocht: za 28 nov 11:00." in page
    assert '<input type="hidden" name="before" value="6">' in page
    await auditor.send("/audit", typed | {"before": "6"}, shown_on="/audit")
    assert auditor.services.parameters[-2]["before"] == "6"
    assert '<option value="shelters-shown" selected>' in page


_P = "b" * 32
_OPENING: Body = {"pseudonym": _P, "reasons": ["complaint"], "asked_at": AGED["as_of"], "ends_at": "2026-12-01T02:12:00.000Z"}


async def test_an_auditor_asks_to_open_a_pseudonym(auditor: Browser) -> None:
    """Where one was searched for, and it is not open, a form asks for it with a reason in words; the page comes back."""
    record = {"event": "shelters-shown", "objects": [{"type": "shelter", "id": _P, "pseudonym": _P}]}
    shown = {"offset": 6, "logged_at": "2026-11-30T02:12:00.000Z", "record": record}
    auditor.services.answers["GET /v1/audit/search"] = (200, _found(records=[shown]))
    assert "/audit/openings" not in (await auditor.client.get("/audit")).text
    page = (await auditor.send("/audit", {"object": _P}, shown_on="/audit")).text
    assert 'action="/audit/openings"' in page
    assert "Twee controleurs kunnen er samen een openen" in page
    auditor.services.answers["POST /v1/audit/openings"] = (200, _OPENING | {"status": "waiting", "own": True})
    answer = await auditor.send("/audit/openings", {"pseudonym": _P, "reason": "complaint"}, shown_on="/audit")
    assert (answer.status_code, answer.headers["location"]) == (303, "/audit")


@pytest.mark.parametrize(
    ("opening", "shown", "asks"),
    [
        ({"status": "waiting", "own": True}, "U vroeg om bbbbbbbb… te openen. Een tweede controleur moet dat ook vragen", False),
        ({"status": "waiting", "own": False}, "Een andere controleur vraagt om bbbbbbbb… te openen: Er is een klacht.", True),
        ({"status": "open", "own": False}, "Geopend voor controleurs tot di 1 dec 03:12:", False),
    ],
)
async def test_an_auditor_sees_what_waits_and_what_is_open(auditor: Browser, opening: Body, shown: str, asks: bool) -> None:  # noqa: FBT001
    """With the reason of the other auditor, and a way to join that the first does not have."""
    auditor.services.answers["GET /v1/audit/openings"] = (200, {"openings": [_OPENING | opening], "complete": True})
    page = re.sub(r"\s+", " ", (await auditor.client.get("/audit")).text)
    assert shown in page
    assert ("Open het samen" in page) == asks


async def test_no_address_of_the_search_names_a_shelter(auditor: Browser) -> None:
    """Every way on is a form that is sent, and no link has the name of a shelter."""
    page = (await auditor.client.get("/audit")).text
    assert 'value="hazelaar-1"' in page
    assert not re.search(r"(href|action)=\"[^\"]*hazelaar", page)
    assert 'method="get"' not in page


@pytest.mark.parametrize(
    ("check", "shown"),
    [
        (None, "is nog niet nagekeken. Dat kan met: <code>plek audit verify</code>"),
        ({"broken_at": None, "how": None}, "Nagekeken op ma 30 nov 03:12: de eerste 7 records kloppen. 2 records zijn daarna geschreven"),
        ({"broken_at": 7, "how": "a record is out of order"}, "klopt niet vanaf record 7. (a record is out of order)"),
    ],
)
async def test_an_auditor_sees_the_state_of_the_chains(auditor: Browser, check: Body | None, shown: str) -> None:
    """When they were last checked, up to where they hold, and how many records came after that; or that they never were."""
    last = check and {"at": "2026-11-30T02:12:00.000Z", "records": 7, "chains": 2} | check
    auditor.services.answers["GET /v1/audit/search"] = (200, _found(last_check=last))
    assert shown in (await auditor.client.get("/audit")).text


async def test_a_search_that_is_none_is_said_to_be_none(auditor: Browser) -> None:
    """A day that is none never reaches the API; what the API refuses, and a log that is away, are said, and are no empty result."""
    page = await auditor.send("/audit", {"from_day": "2026-02-30"}, shown_on="/audit")
    assert (page.status_code, "Er klopt iets niet" in page.text, "<table" in page.text) == (400, True, False)
    auditor.services.answers["GET /v1/audit/search"] = (400, {"type": "urn:plek:problem:invalid"})
    page = await auditor.send("/audit", {"user": "jan"}, shown_on="/duty")
    assert (page.status_code, "Een pseudoniem heeft 32 tekens" in page.text, 'value="jan"' in page.text) == (400, True, True)
    auditor.services.answers["GET /v1/audit/search"] = (503, {"type": "urn:plek:problem:data-unavailable"})
    page = await auditor.client.get("/audit")
    assert (page.status_code, "Het logboek is nu niet te lezen." in page.text, "<table" in page.text) == (503, True, False)


async def test_a_full_page_of_the_audit_log_is_small(auditor: Browser) -> None:
    """Forty records of many objects with the longest ids are a page of less than 60 kB."""
    record = _found()["records"][0]
    record["record"]["objects"] = [{"type": "shelter", "id": "x" * 64}] * 400
    auditor.services.answers["GET /v1/audit/search"] = (200, _found(records=[record] * 40))
    assert len((await auditor.client.get("/audit")).content) < 60_000
