"""Straight to Kafka: which topic and key a line gets."""

import json
from typing import Any

import pytest

from services.adapters.regions import read_regions
from services.adapters.topics import Topics
from services.adapters.wire import Wire
from services.commands.by_kafka import Addresses, Record
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
