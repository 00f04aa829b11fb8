"""The pages of an operator and of an auditor."""

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
    return shown | {"rebuilding": False, "halted": None} | more


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
