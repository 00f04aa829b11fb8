"""Only an answer in the form of the contract settles an event."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from services.client.gateway_answers import Answer, RefusedAsWhole, Settled, Unanswered, read_answer

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
OK, NO = {"index": 0, "status": "accepted"}, {"index": 1, "status": "refused", "code": "bad_id"}
WHY = {"index": 1, "pointer": "/id", "code": "bad_id", "detail": "no UUID"}


def _read(status: int, body: Any, **headers: str) -> Answer:
    written = body if isinstance(body, bytes) else orjson.dumps(body)
    return read_answer(status, headers, written, 2, lambda: NOW)


def _problem(kind: str, **members: Any) -> dict[str, Any]:
    return {"type": f"urn:plek:problem:{kind}", **members}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"events": [OK, OK]}, Settled()),
        (400, _problem("invalid", events=[OK, NO], errors=[WHY]), Settled({1: [WHY]})),
        (400, _problem("invalid", events=[OK, NO], errors=[]), Settled({1: [{"code": "bad_id"}]})),
        (
            400,
            _problem("invalid", events=[], errors=[{"pointer": "", "code": "bad_json"}]),
            RefusedAsWhole(400, [{"pointer": "", "code": "bad_json"}]),
        ),
        (
            403,
            _problem("forbidden", because="scope", detail="Check"),
            RefusedAsWhole(403, [{"code": "forbidden", "because": "scope", "detail": "Check"}]),
        ),
        (413, _problem("too-large"), RefusedAsWhole(413, [{"code": "too-large", "because": None, "detail": None}])),
        (500, _problem("internal-error"), Unanswered("status 500", fault=True)),
    ],
)
def test_an_answer_of_plek_is_believed(status: int, body: Any, expected: Answer) -> None:
    """What Plek answers says of each event, or of the whole, what became of it."""
    assert _read(status, body) == expected


def test_warnings_are_named_by_event() -> None:
    """The codes of warnings stand with the events that they are about."""
    warned = OK | {"warnings": [{"code": "unit-occupied", "nl": "…", "en": "…"}]}
    assert _read(200, {"events": [OK, warned]}) == Settled(warnings=((1, "unit-occupied"),))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>Log in to the wifi</html>"),
        (200, b""),
        (200, {"events": [OK]}),
        (200, {"events": [OK, NO]}),
        (200, {"events": [OK, {"status": "maybe"}]}),
        (200, [OK, OK]),
        (200, b"[" * 200_000),
        (302, {"events": [OK, OK]}),
        (400, b"Bad Request"),
        (403, b"<html>Forbidden by the firewall</html>"),
        (403, _problem("not-live")),
        (404, _problem("not-found")),
        (401, _problem("unauthenticated")),
        (413, b"too large for this proxy"),
        (502, b""),
        (503, _problem("kafka-away")),
    ],
)
def test_any_other_answer_is_as_good_as_none(status: int, body: Any) -> None:
    """What a portal, a proxy or a wrong address answers settles nothing, nor does what may be answered otherwise tomorrow."""
    assert _read(status, body) == Unanswered(f"status {status}")


@pytest.mark.parametrize(
    ("asked", "wait_s"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("99999", 3_600.0),
        ("Mon, 30 Nov 2026 12:01:30 GMT", 90.0),
        ("Mon, 30 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", 0.0),
        ("-3", 0.0),
        ("", 0.0),
    ],
)
def test_the_wish_of_a_server_is_honoured(asked: str, wait_s: float) -> None:
    """Retry-After is read in both of its forms, up to an hour."""
    assert _read(503, b"", **{"retry-after": asked}) == Unanswered("status 503", wait_s)
