"""Straight to Kafka: which topic and key a line gets."""

import asyncio
import json
from time import monotonic
from typing import Any

import pytest

from services.adapters.regions import read_regions
from services.adapters.settings import Settings
from services.adapters.topics import Topics
from services.adapters.wire import Wire
from services.commands import by_kafka
from services.commands.by_kafka import Addresses, KafkaSender, Record
from services.commands.outcome import Outcome
from services.commands.pace import Pace
from services.commands.tape import read_line

WIRE = Wire(frozenset(read_regions()))
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
def test_an_event_goes_where_its_type_and_names_say(sent: dict[str, Any], topic: str, key: bytes | None) -> None:
    """One that breaks a rule gets the best key there is: it becomes a dead letter in its turn."""
    text = json.dumps(sent)
    assert Addresses(WIRE, Topics()).record(read_line(1, text)) == Record(topic, key, text.encode(), None)


def test_a_line_of_a_tape_goes_where_the_tape_goes() -> None:
    """Its key and bytes as they are, also when its type is of the other topic: that is what makes it a dead letter."""
    line = read_line(1, json.dumps({"key": "eik", "event": ended(), "ts": 7}))
    assert Addresses(WIRE, Topics("sim"), "beds").record(line) == Record("sim.bed-events", b"eik", line.value, 7_000)
    assert Addresses(WIRE, Topics("sim"), "demand").record(line).topic == "sim.demand-events"


def test_what_the_strict_reader_refuses_goes_without_a_key() -> None:
    """NaN is no JSON: the fold will say so."""
    assert Addresses(WIRE, Topics()).record(read_line(1, '{"x":NaN}')) == Record("plek.bed-events", None, b'{"x":NaN}', None)


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


async def test_what_has_neither_key_nor_value_is_refused_and_what_follows_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tape may hold it, another client can have written it, and ours can't: it is counted, and ends nothing half-way."""
    monkeypatch.setattr(by_kafka, "new_producer", lambda *_, **__: Producer())
    outcome = Outcome()
    lines = [read_line(1, '{"key":null,"raw":null}'), read_line(2, '{"key":"berk","raw":null}')]
    sender = KafkaSender(Settings().brokers, Pace(None, monotonic), lambda _: None, outcome)
    await sender.send(map(Addresses(WIRE, Topics()).record, lines))
    assert outcome.line() == "sent 2: 1 accepted, 1 refused (empty 1)"
