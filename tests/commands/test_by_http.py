"""Sending through the gateway: what is put together, what is repeated, what is counted."""

import json
from collections.abc import Iterable
from typing import Any

import httpx
import pytest

from services.adapters.regions import read_regions
from services.adapters.wire import Wire
from services.commands.by_http import Answer, GatewayAwayError, HttpSender, batches, client, posting
from services.commands.outcome import Outcome
from services.commands.pace import Pace
from services.commands.tape import Line, read_line
from services.local.trouble import Trouble

WIRE = Wire(frozenset(read_regions()))
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


class Door:
    """A gateway of the test: takes what has `good`, refuses the rest; `first` is what it answers before that."""

    def __init__(self, *first: Answer | None) -> None:
        self.first, self.bodies, self.slept = list(first), list[bytes](), list[float]()

    def __call__(self, media_type: str, body: bytes) -> Answer:
        """Answer one request."""
        if self.first:
            answer = self.first.pop(0)
            if answer is None:
                raise GatewayAwayError
            return answer
        self.bodies.append(body)
        try:
            read = json.loads(body)
        except ValueError:
            return Answer(400, {"errors": [{"index": None, "code": "unreadable"}], "events": []})
        return _judged(read if media_type == BATCH else [read])

    def send(self, lines: Iterable[Line], rate: float | None = None) -> Outcome:
        """Send lines to it."""
        outcome, done = Outcome(), list[int]()
        sender = HttpSender(self, WIRE, Pace(rate, lambda: sum(self.slept)), self.slept.append, done.append, outcome)
        sender.send(lines)
        assert sum(done) == outcome.sent
        return outcome


def _judged(events: list[Any]) -> Answer:
    good = [type(event) is dict and "good" in event for event in events]
    errors = [{"index": index, "code": "bad_format"} for index, each in enumerate(good) if not each]
    told = [ACCEPTED if each else {"status": "refused"} for each in good]
    return Answer(400, {"errors": [*errors, *errors], "events": told}) if errors else Answer(200, {"events": told})


def good(number: int, size: int = 0) -> Line:
    """Make a line that the door takes."""
    return read_line(number, json.dumps({"good": number, "x": "x" * size}))


def raw(number: int, text: str) -> Line:
    """Make a line of bytes that are no event."""
    return read_line(number, json.dumps({"key": "berk", "raw": text}))


def test_events_go_in_batches_and_other_bytes_alone_all_in_order() -> None:
    """Order is kept over batches, and what is no event spoils nobody's batch."""
    door = Door()
    outcome = door.send([good(1), good(2), raw(3, "NaN"), good(4), raw(5, '{"good":5}')])
    assert door.bodies == [b'[{"good": 1, "x": ""},{"good": 2, "x": ""}]', b"NaN", b'{"good": 4, "x": ""}', b'{"good":5}']
    assert (outcome.accepted, dict(outcome.reasons)) == (4, {"bad_format": 1})


def test_a_tombstone_is_an_empty_request() -> None:
    """A record without a value has no bytes to send; the gateway can't read that."""
    door = Door()
    assert dict(door.send([read_line(1, '{"key":"a","raw":null}')]).reasons) == {"unreadable": 1}
    assert door.bodies == [b""]


def test_a_refused_event_is_counted_once_under_its_first_reason() -> None:
    """However many rules it breaks, and the good ones beside it are accepted."""
    outcome = Door().send([good(1), read_line(2, '{"bad":1}'), good(3)])
    assert outcome.line() == "sent 3: 2 accepted, 1 refused (bad_format 1)"


def test_a_batch_that_can_not_be_read_as_a_whole_is_sent_one_by_one() -> None:
    """One event that is no JSON to the gateway takes no other with it."""
    door = Door()
    outcome = door.send([good(1), read_line(2, '{"x":NaN, "y":[1,2}'.replace("}", "]}")), good(3)])
    assert (outcome.accepted, outcome.refused) == (2, 1)
    door = Door(Answer(413, {}), Answer(413, {}))
    assert door.send([good(1), good(2)]).line() == "sent 2: 1 accepted, 1 refused (too_large 1)"


@pytest.mark.parametrize(
    ("first", "slept"),
    [
        ([Answer(503, {}, 2.0)], [0.0, 2.0]),
        ([Answer(503, {})], [0.0, 1.0]),
        ([None, Answer(408, {})], [0.0, 1.0, 1.0]),
        ([Answer(429, {}, 7.0), Answer(502, {})], [0.0, 7.0, 1.0]),
    ],
)
def test_what_passes_is_waited_for(first: list[Answer | None], slept: list[float]) -> None:
    """As long as the gateway says, or a second; then the same request again."""
    door = Door(*first)
    assert door.send([good(1)]).accepted == 1
    assert door.slept == slept


def test_a_gateway_that_stays_away_is_given_up() -> None:
    """After two minutes, saying how much was accepted and that to send again does no harm."""
    with pytest.raises(Trouble, match=r"taken nothing for 120 s. 0 events were accepted"):
        Door(*[None] * 1_000).send([good(1)])


@pytest.mark.parametrize(("status", "says"), [(401, "does not accept this token"), (403, "may not send"), (404, "no Plek"), (500, "500")])
def test_a_gateway_that_refuses_the_sender_ends_it(status: int, says: str) -> None:
    """What another try would not change is one clear line."""
    with pytest.raises(Trouble, match=says):
        Door(Answer(status, {})).send([good(1)])


def test_a_key_that_http_can_not_say_is_refused_here() -> None:
    """A record whose key is not what its event names is a dead letter; without the key it would be a fact."""
    lines = [json.dumps({"key": key, "event": PAUSE}) for key in ("berk", "eik", None)]
    door = Door()
    outcome = door.send(read_line(number, line) for number, line in enumerate(lines, 1))
    assert dict(outcome.reasons) == {"mismatch": 1, "no_key": 1, "bad_format": 1}
    assert len(door.bodies) == 1


def test_batches_are_bounded_in_number_and_size() -> None:
    """A request stays well below what the gateway takes."""
    assert [len(batch) for batch in batches([good(1)] * 1_001, 500)] == [500, 500, 1]
    assert [len(batch) for batch in batches([good(1, 200_000)] * 5, 500)] == [2, 2, 1]


def test_a_rate_is_kept() -> None:
    """Fifty a second go out ten at a time, five times a second."""
    door = Door()
    door.send([good(1)] * 30, rate=50)
    assert len(door.bodies) == 3
    assert sum(door.slept) == pytest.approx(0.4)


def test_the_wait_of_a_gateway_is_read_from_its_answer() -> None:
    """Seconds as a number; what is no JSON object is as good as none."""
    answers = {"/a": httpx.Response(503, headers={"Retry-After": "3"}, content=b"<html>"), "/b": httpx.Response(200, json=[])}
    for base, wait in (("/a", 3.0), ("/b", None)):
        transport = httpx.MockTransport(lambda request: answers[request.url.path.removesuffix("/v1/events")])
        with httpx.Client(base_url=f"http://gateway{base}", transport=transport) as speaking:
            answer = posting(speaking)("x", b"")
        assert (answer.body, answer.retry_after) == ({}, wait)


@pytest.mark.parametrize(
    ("url", "token", "says"),
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
def test_an_address_or_token_that_is_none_is_said_at_once(url: str, token: str, says: str) -> None:
    """Before two minutes are spent on trying."""
    with pytest.raises(Trouble, match=says):
        client(url, token)
