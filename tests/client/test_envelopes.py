"""The events of the client are those of the contract, with ids that carry no meaning."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args

import orjson
import pytest

from services.adapters.clock import now_ms
from services.adapters.codec.event_codec import key_of
from services.client import plek_outbox
from services.client.envelopes import event_id, show_moment, show_time
from services.domain.events import catalog, value_types
from services.domain.events.catalog import Event
from services.gateway.event_validator import EventValidator
from tests.client.conftest import Opened
from tests.client.contract_server import ContractServer
from tests.folded import WIRE

WHEN = datetime(2026, 11, 30, 14, 5, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Destination", "Destination"),
        ("ClosingReason", "ClosingReason"),
        ("PauseReason", "PauseReason"),
        ("CorrectionReason", "CorrectionReason"),
    ],
)
def test_the_codes_are_those_of_the_contract(name: str, code: str) -> None:
    """The codes that a call takes are those of the contract, no more and no less."""
    of_contract = getattr(value_types, code)
    assert set(get_args(getattr(plek_outbox, name))) == set(_codes(of_contract))


def _codes(annotated: Any) -> list[str]:
    [found] = [rule.codes for rule in get_args(annotated) if hasattr(rule, "codes")] or [get_args(get_args(annotated)[0])]
    return [*found]


def test_every_call_makes_a_valid_event(opened: Opened, plek: ContractServer) -> None:
    """Every call gives an event that the gateway's own validator accepts, of each type that a shelter sends itself."""
    outbox = opened()
    stay = outbox.admit("berk", "u1", adults=1, children=2, hold="5f0c1d7e-8f4b-4c55-9d3a-2f1f6f7b8c90", occurred_at=WHEN).stay
    assert stay
    outbox.change_stay("berk", stay, adults=1, children=3, occurred_at=WHEN)
    outbox.transfer("berk", stay, "u2", occurred_at=WHEN)
    left = outbox.discharge("berk", stay, "own_home", unit_ready=False, occurred_at=WHEN)
    outbox.undo(left, "wrong_time")
    outbox.close("berk", "u3", "maintenance", expected_until=WHEN + timedelta(days=2), occurred_at=WHEN)
    outbox.reopen("berk", "u3", occurred_at=WHEN)
    outbox.pause("berk", "staffing", expected_until=WHEN, occurred_at=WHEN)
    outbox.resume("berk", occurred_at=WHEN)
    outbox.count("berk")
    outbox.count("berk", 4)
    outbox.send({"type": "nl.plek.unit-withdrawn.v1", "subject": "berk", "data": {"shelter": "berk", "unit": "u9"}})
    assert outbox.drain(10)
    validator = EventValidator(WIRE, 400)
    events = [validator.validate(each, now_ms()) for each in plek.log]
    assert all(isinstance(event, Event) for event in events), events
    read = [event for event in events if isinstance(event, Event)]
    assert len({type(event.data) for event in read}) == 11
    assert {key_of(event) for event in read} == {"berk"}
    assert {event.source for event in read} == {"urn:plek:shelter:berk:ecd"}
    admission = next(event for event in read if isinstance(event.data, catalog.Admission))
    assert orjson.loads(orjson.dumps(plek.log[0]))["data"]["occurred_at"] == "2026-11-30T13:05:00.000000Z"
    assert admission.data.stay == stay  # type: ignore[union-attr]  # it is an admission


def test_an_event_of_ones_own_keeps_what_it_has(opened: Opened, plek: ContractServer) -> None:
    """An event that has an id, a time and a source is sent as it is."""
    outbox = opened()
    event = {
        "specversion": "1.0",
        "id": "6f1d2c3e-8a94-4b07-9c15-d20e7f4a3b61",
        "source": "urn:plek:shelter:berk:other",
        "type": "nl.plek.unit-withdrawn.v1",
        "subject": "berk",
        "time": "2026-11-30T12:00:00Z",
        "data": {"shelter": "berk", "unit": "u9"},
    }
    stored = outbox.send(event)
    assert outbox.drain(10)
    assert (plek.log, stored[:3]) == ([event], ("berk", event["source"], event["id"]))


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"type": "nl.plek.unit-withdrawn.v1", "data": {}},
        {"type": "nl.plek.unit-withdrawn.v1", "subject": "Berk!", "data": {}},
        {"type": 1, "subject": "berk", "data": {}},
        {"type": "x", "subject": "berk", "data": []},
        {"type": "x", "subject": "berk", "data": {"free": float("nan")}},
        {"type": "x", "subject": "berk", "data": {"name": "\ud800"}},
        {"type": "x", "subject": "berk", "data": {"name": "x" * 600_000}},
    ],
)
def test_what_is_no_event_of_a_shelter_is_refused_at_the_call(opened: Opened, event: dict[str, Any]) -> None:
    """What has no place in the order of a shelter, or can't be sent at all, is a ValueError of the call, and nothing is stored."""
    outbox = opened()
    with pytest.raises(ValueError):  # noqa: PT011 - of which rule does not matter
        outbox.send(event)
    assert outbox.pending() == 0


def test_a_key_gives_the_same_id_and_can_not_be_found_from_it() -> None:
    """A key gives one id for each secret, type and shelter; without one each id is new; all are UUIDs of version 4."""
    ids = [
        event_id(b"s", "4711", "admission", "berk"),
        event_id(b"s", "4711", "discharge", "berk"),
        event_id(b"s", "4711", "admission", "den"),
        event_id(b"t", "4711", "admission", "berk"),
        event_id(b"s", None, "admission", "berk"),
        event_id(b"s", None, "admission", "berk"),
    ]
    assert len(set(ids)) == len(ids)
    assert ids[0] == event_id(b"s", "4711", "admission", "berk")
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", each) for each in ids)


def test_times_are_written_in_utc() -> None:
    """A moment is written in UTC with microseconds; one without a time zone is refused."""
    assert show_moment(WHEN) == "2026-11-30T13:05:00.000000Z"
    assert show_time(1_700_000_000_123_456_789) == "2023-11-14T22:13:20.123456Z"
    with pytest.raises(ValueError, match="time zone"):
        show_moment(datetime(2026, 11, 30, tzinfo=UTC).replace(tzinfo=None))
