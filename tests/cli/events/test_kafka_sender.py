"""Lines straight to Kafka: the topic and the key of each."""

import asyncio
import json
from time import monotonic
from typing import Any

import pytest

from services.adapters.codec.event_codec import EventCodec
from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import Topics
from services.adapters.regions import read_regions
from services.cli.events import kafka_sender
from services.cli.events.kafka_sender import KafkaSender, LineRouter, SentRecord
from services.cli.events.recording_reader import parse_line
from services.cli.events.send_summary import SendSummary
from services.cli.events.throttle import Throttle

WIRE = EventCodec(frozenset(read_regions()))
SEARCH = "6f1b0a52-4a3c-4f0e-9d11-5b7a1c2d3e4f"


def event(**members: Any) -> dict[str, Any]:
    """Make an event of a shelter."""
    envelope = {"specversion": "1.0", "id": "1", "source": "urn:plek:worker", "type": "nl.plek.intake-resumed.v1", "subject": "berk"}
    return {**envelope, "time": "2026-03-02T00:00:00Z", "data": {"shelter": "berk"}, **members}


def ended() -> dict[str, Any]:
    """Make an event of demand."""
    data = {"search": SEARCH, "outcome": "held", "occurred_at": "2026-03-02T00:00:00Z"}
    return event(type="nl.plek.search-ended.v1", subject="R07", data=data)


@pytest.mark.parametrize(
    ("sent", "topic", "key"),
    [
        (event(), "plek.bed-events", b"berk"),
        (ended(), "plek.demand-events", SEARCH.encode()),
        (event(id=""), "plek.bed-events", b"berk"),
        (ended() | {"id": ""}, "plek.demand-events", b"R07"),
        (event(subject=7), "plek.bed-events", None),
        (event(type="nl.plek.unit-painted.v1"), "plek.bed-events", b"berk"),
        (event(type=["x"]), "plek.bed-events", b"berk"),
    ],
)
def test_an_event_is_routed_by_its_type_and_ids(sent: dict[str, Any], topic: str, key: bytes | None) -> None:
    """An event has the topic of its type and the key of its ids; one that breaks a rule the likeliest, and becomes a dead letter there."""
    text = json.dumps(sent)
    assert LineRouter(WIRE, Topics()).record(parse_line(1, text)) == SentRecord(topic, key, text.encode(), None)


def test_a_line_of_a_tape_goes_where_the_tape_goes() -> None:
    """A line of a tape keeps its key and bytes, also when its type belongs to the other topic: the fold makes it a dead letter."""
    line = parse_line(1, json.dumps({"key": "eik", "event": ended(), "ts": 7}))
    assert LineRouter(WIRE, Topics("sim"), "beds").record(line) == SentRecord("sim.bed-events", b"eik", line.value, 7_000)
    assert LineRouter(WIRE, Topics("sim"), "demand").record(line).topic == "sim.demand-events"


def test_a_line_that_is_no_json_has_no_key() -> None:
    """A line with NaN, which is no JSON, is sent without a key: the fold makes it a dead letter."""
    assert LineRouter(WIRE, Topics()).record(parse_line(1, '{"x":NaN}')) == SentRecord("plek.bed-events", None, b'{"x":NaN}', None)


class Producer:
    """A producer that takes what aiokafka takes."""

    async def start(self) -> None:
        """Begin."""

    async def stop(self) -> None:
        """End."""

    async def send(self, _topic: str, value: bytes | None, key: bytes | None, **_more: Any) -> asyncio.Future[None]:
        """Acknowledge, as aiokafka asserts it: there is a key or a value."""
        assert value is not None or key is not None
        acknowledged = asyncio.get_running_loop().create_future()
        acknowledged.set_result(None)
        return acknowledged


async def test_a_record_without_key_and_value_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record without key and value, which aiokafka can't write, is counted as refused, and the next line is sent."""
    monkeypatch.setattr(kafka_sender, "new_producer", lambda *_, **__: Producer())
    outcome = SendSummary()
    lines = [parse_line(1, '{"key":null,"raw":null}'), parse_line(2, '{"key":"berk","raw":null}')]
    sender = KafkaSender(Settings().brokers, Throttle(None, monotonic), lambda _: None, outcome)
    await sender.send(map(LineRouter(WIRE, Topics()).record, lines))
    assert outcome.line() == "sent 2: 1 accepted, 1 refused (empty 1)"
