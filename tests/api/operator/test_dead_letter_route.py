"""`GET /v1/operator/dead-letters`: reasons and places, and nothing of what was sent."""

from typing import Any

import orjson
import pytest

from services.adapters.codec.validation import Code
from services.adapters.kafka.dead_letters import dead_letter
from services.adapters.kafka.ports import LogRecord
from services.adapters.roles import ROLES
from tests.api.conftest import Window, kind
from tests.processor.logs import Logged
from tests.sent import admitted

LETTERS = "plek.dead-letters"


async def _refuse(window: Window, offset: int, value: bytes, reason: Code, key: bytes = b"berk") -> None:
    await window.letters.append([dead_letter(LETTERS, Logged(offset, 0, key, value, "plek.bed-events", 3), reason)])


async def _read(window: Window, query: str = "") -> dict[str, Any]:
    answer = await window.get(f"/v1/operator/dead-letters{query}", window.callers.operator)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_an_operator_reads_why_and_where(window: Window) -> None:
    """Reason, meaning, topic, partition and offset; of an event of the contract its type and its id."""
    event = admitted()
    await _refuse(window, 17, orjson.dumps(event), "mismatch")
    found = await _read(window)
    [letter] = found["dead_letters"]
    assert letter.pop("time").endswith("Z")
    assert letter == {
        "reason": "mismatch",
        "detail": "the record key, `subject` and the id in `data` are not the same",
        "topic": "plek.bed-events",
        "partition": 3,
        "offset": 17,
        "type": "nl.plek.admission.v1",
        "event": event["id"],
    }
    assert found["complete"]
    assert window.audited.told[-1] == ("dead-letters-shown", "success", [])


@pytest.mark.parametrize(
    "value",
    [
        b"Kerkstraat 12",
        b'{"id":"Kerkstraat 12","type":"Kerkstraat 12","data":{"name":"Kerkstraat 12"}}',
        b'{"id":{"a":"Kerkstraat 12"},"type":["Kerkstraat 12"]}',
        b'["Kerkstraat 12"]',
        b'{"id":"' + b"Kerkstraat 12" * 9_000 + b'"}',
        b"\xff",
    ],
)
async def test_nothing_that_was_sent_is_answered(window: Window, value: bytes) -> None:
    """Bytes of any kind have a reason and a place, and neither key nor value is repeated."""
    await _refuse(window, 1, value, "unreadable", b"Kerkstraat 12")
    found = await _read(window)
    assert "Kerkstraat" not in str(found)
    assert [(each["reason"], each["type"], each["event"]) for each in found["dead_letters"]] == [("unreadable", None, None)]


async def test_headers_of_another_program_are_unknown(window: Window) -> None:
    """A record that Plek did not write shows none of its headers."""
    headers = (("reason", b"Kerkstraat 12"), ("topic", b"Kerkstraat 12"), ("partition", b"Kerkstraat 12"))
    await window.letters.append([LogRecord(LETTERS, b"k", None, headers)])
    [letter] = (await _read(window))["dead_letters"]
    assert (letter["reason"], letter["topic"], letter["partition"], letter["offset"]) == ("unknown", "unknown", None, None)


async def test_the_newest_are_answered_and_the_answer_says_that_there_are_more(window: Window) -> None:
    """Of three in two partitions two are shown, the newest first."""
    for offset, key in enumerate((b"berk", b"den", b"berk")):
        await _refuse(window, offset, b"{}", "missing", key)
    found = await _read(window, "?limit=2")
    assert (len(found["dead_letters"]), found["complete"]) == (2, False)
    assert (await _read(window))["complete"]


@pytest.mark.parametrize("role", [role for role in ROLES if role != "operator"])
async def test_no_other_role_reads_them(window: Window, role: str) -> None:
    """Dead letters are of all organisations: they are for operators."""
    headers = {"shelter": window.callers.shelter("berk"), "coordinator": window.callers.coordinator("R07")}
    answer = await window.get("/v1/operator/dead-letters", headers.get(role) or window.callers.of(role))
    assert kind(answer) == (403, "forbidden")


async def test_a_log_that_is_away_is_not_an_empty_list(window: Window) -> None:
    """Without Kafka the answer is 503, never that nothing was refused."""
    window.letters.away = True
    assert kind(await window.get("/v1/operator/dead-letters", window.callers.operator)) == (503, "data-unavailable")
