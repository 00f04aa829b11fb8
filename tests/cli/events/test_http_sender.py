"""Sending through the gateway: which lines share a request, which requests are repeated, and what is counted."""

import json
from collections.abc import Iterable
from typing import Any

import httpx
import pytest

from services.adapters.codec.event_codec import EventCodec
from services.adapters.regions import read_regions
from services.cli.events.http_sender import HttpSender, batches, gateway_client
from services.cli.events.recording_reader import RecordedLine, parse_line
from services.cli.events.send_summary import SendSummary
from services.cli.events.throttle import Throttle
from services.local.user_error import UserError

CODEC = EventCodec(frozenset(read_regions()))
BATCH = "application/cloudevents-batch+json"
ACCEPTED = {"status": "accepted"}
PAUSE = {
    "specversion": "1.0",
    "id": "1",
    "source": "urn:plek:shelter:berk:desk-1",
    "type": "nl.plek.intake-resumed.v1",
    "subject": "berk",
    "time": "2026-03-02T00:00:00Z",
    "data": {"shelter": "berk"},
}


class FakeGateway:
    """A gateway that accepts events with `good` and refuses the rest, after the answers of `first`; None is no answer at all."""

    def __init__(self, *first: httpx.Response | None) -> None:
        self.first, self.bodies, self.slept = list(first), list[bytes](), list[float]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if self.first:
            answer = self.first.pop(0)
            if answer is None:
                raise httpx.ConnectError("away")
            return answer
        body = request.read()
        self.bodies.append(body)
        try:
            document = json.loads(body)
        except ValueError:
            return httpx.Response(400, json={"errors": [{"index": None, "code": "unreadable"}], "events": []})
        return _answer(document if request.headers["Content-Type"] == BATCH else [document])

    def send(self, lines: Iterable[RecordedLine], rate: float | None = None) -> SendSummary:
        """Send lines to it."""
        summary, done = SendSummary(), list[int]()
        with httpx.Client(base_url="http://gateway", transport=httpx.MockTransport(self)) as client:
            throttle = Throttle(rate, lambda: sum(self.slept))
            HttpSender(client, CODEC, throttle, self.slept.append, done.append, summary).send(lines)
        assert sum(done) == summary.sent
        return summary


def _answer(events: list[Any]) -> httpx.Response:
    good = [type(event) is dict and "good" in event for event in events]
    errors = [{"index": index, "code": "bad_format"} for index, is_good in enumerate(good) if not is_good]
    statuses = [ACCEPTED if is_good else {"status": "refused"} for is_good in good]
    body = {"errors": [*errors, *errors], "events": statuses} if errors else {"events": statuses}
    return httpx.Response(400 if errors else 200, json=body)


def busy(status: int, after: str | None = None) -> httpx.Response:
    """Return a temporary answer."""
    return httpx.Response(status, headers={} if after is None else {"Retry-After": after})


def good(number: int, size: int = 0) -> RecordedLine:
    """Return a line that the gateway accepts."""
    return parse_line(number, json.dumps({"good": number, "x": "x" * size}))


def raw(number: int, text: str) -> RecordedLine:
    """Return a line of bytes that are no event."""
    return parse_line(number, json.dumps({"key": "berk", "raw": text}))


def test_events_share_a_request_and_other_bytes_do_not() -> None:
    """Events go in batches and other bytes alone, all in the order of the file."""
    gateway = FakeGateway()
    summary = gateway.send([good(1), good(2), raw(3, "NaN"), good(4), raw(5, '{"good":5}')])
    assert gateway.bodies == [b'[{"good": 1, "x": ""},{"good": 2, "x": ""}]', b"NaN", b'{"good": 4, "x": ""}', b'{"good":5}']
    assert (summary.accepted, dict(summary.reasons)) == (4, {"bad_format": 1})


def test_a_tombstone_is_an_empty_request() -> None:
    """A record without a value is sent as an empty request, which the gateway refuses as unreadable."""
    gateway = FakeGateway()
    assert dict(gateway.send([parse_line(1, '{"key":"a","raw":null}')]).reasons) == {"unreadable": 1}
    assert gateway.bodies == [b""]


def test_a_refused_event_is_counted_once_under_its_first_reason() -> None:
    """A refused event counts once, under its first reason, and the events beside it are accepted."""
    summary = FakeGateway().send([good(1), parse_line(2, '{"bad":1}'), good(3)])
    assert summary.line() == "sent 3: 2 accepted, 1 refused (bad_format 1)"


def test_a_batch_that_can_not_be_read_as_a_whole_is_sent_one_by_one() -> None:
    """A batch that is refused as a whole is sent line by line, so that one bad line spoils no other."""
    gateway = FakeGateway()
    summary = gateway.send([good(1), parse_line(2, '{"x":NaN, "y":[1,2}'.replace("}", "]}")), good(3)])
    assert (summary.accepted, summary.refused) == (2, 1)
    gateway = FakeGateway(httpx.Response(413), httpx.Response(413))
    assert gateway.send([good(1), good(2)]).line() == "sent 2: 1 accepted, 1 refused (too_large 1)"


@pytest.mark.parametrize(
    ("first", "slept"),
    [
        ([(503, "2")], [0.0, 2.0]),
        ([(503, None)], [0.0, 1.0]),
        ([(503, "Sat, 14 Mar 2026 03:00:00 GMT")], [0.0, 1.0]),
        ([None, (408, None)], [0.0, 1.0, 1.0]),
        ([(429, "7"), (502, None)], [0.0, 7.0, 1.0]),
    ],
)
def test_a_temporary_answer_is_waited_for(first: list[tuple[int, str | None] | None], slept: list[float]) -> None:
    """A temporary answer is followed by a wait of `Retry-After`, or a second, and by the same request."""
    gateway = FakeGateway(*(answer and busy(*answer) for answer in first))
    assert gateway.send([good(1)]).accepted == 1
    assert gateway.slept == slept


def test_a_gateway_that_stays_away_ends_the_verb() -> None:
    """After two minutes without an answer the verb ends with how much was accepted, and that to send again does no harm."""
    with pytest.raises(UserError, match=r"accepted nothing for 120 s. 0 events were accepted"):
        FakeGateway(*[None] * 1_000).send([good(1)])


@pytest.mark.parametrize(("status", "fault"), [(401, "does not accept this token"), (403, "may not send"), (404, "no Plek"), (500, "500")])
def test_a_refused_token_ends_the_verb(status: int, fault: str) -> None:
    """An answer that another try would not change ends the verb with one line."""
    with pytest.raises(UserError, match=fault):
        FakeGateway(httpx.Response(status)).send([good(1)])


def test_a_key_that_http_can_not_carry_is_refused() -> None:
    """A record whose key is not that of its event is refused here: through the gateway, without its key, it would become a fact."""
    lines = [json.dumps({"key": key, "event": PAUSE}) for key in ("berk", "eik", None)]
    gateway = FakeGateway()
    summary = gateway.send(parse_line(number, line) for number, line in enumerate(lines, 1))
    assert dict(summary.reasons) == {"mismatch": 1, "no_key": 1, "bad_format": 1}
    assert len(gateway.bodies) == 1


def test_batches_are_bounded_in_number_and_size() -> None:
    """A batch stays below the number and the size that the gateway accepts."""
    assert [len(batch) for batch in batches([good(1)] * 1_001, 500)] == [500, 500, 1]
    assert [len(batch) for batch in batches([good(1, 200_000)] * 5, 500)] == [2, 2, 1]


def test_a_rate_is_kept() -> None:
    """Fifty a second are sent ten at a time, five times a second."""
    gateway = FakeGateway()
    gateway.send([good(1)] * 30, rate=50)
    assert len(gateway.bodies) == 3
    assert sum(gateway.slept) == pytest.approx(0.4)


@pytest.mark.parametrize("answer", [{"content": b"<html>"}, {"json": []}])
def test_a_refusal_that_is_no_json_object_has_no_code(answer: dict[str, Any]) -> None:
    """A line refused without a JSON object is counted under *unknown*."""
    assert dict(FakeGateway(httpx.Response(400, **answer)).send([good(1)]).reasons) == {"unknown": 1}


@pytest.mark.parametrize(
    ("url", "token", "fault"),
    [
        ("nonsense", "x", "not of the form"),
        ("http://[", "x", "not of the form"),
        ("http://", "x", "not of the form"),
        ("ftp://gateway", "x", "not of the form"),
        ("http://gateway:99999", "x", "not of the form"),
        ("http://gateway", "é", "token is not one"),
        ("http://gateway", "a b", "token is not one"),
        ("http://gateway", "", "token is not one"),
    ],
)
def test_a_malformed_address_or_token_ends_at_once(url: str, token: str, fault: str) -> None:
    """A malformed address or token ends the verb before anything is sent."""
    with pytest.raises(UserError, match=fault):
        gateway_client(url, token)
