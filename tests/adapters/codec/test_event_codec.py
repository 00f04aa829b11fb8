"""The event codec: bytes to events and back, one row a rule (sections 1 to 3, R13), and no problem repeats a value of the sender."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.adapters.codec.event_codec import EventCodec, RefusedEvent, TooNew, Topic, encode, key_of, plain
from services.adapters.codec.validation import Code
from services.adapters.schemas.examples import NAMES, example
from services.domain.events import catalog as e
from tests.strategies_of_values import valid_events

WIRE: Final = EventCodec(frozenset(f"R{number:02}" for number in range(1, 36)))
SHAPES: Final = (*e.BED_EVENTS, *e.DEMAND_EVENTS)
CANARY: Final = "Jane-Doe-0612345678"
LEFT_OUT: Final = object()


def topic_of(shape: type) -> Topic:
    """Return the topic of a type."""
    return "beds" if shape in e.BED_EVENTS else "demand"


def admission(**attributes: Any) -> dict[str, Any]:
    """Make the JSON of an admission with other attributes; `data` changes its members."""
    made: dict[str, Any] = json.loads(encode(example(e.Admission)))
    data = {**made["data"], **attributes.pop("data", {})}
    made["data"] = {name: value for name, value in data.items() if value is not LEFT_OUT}
    return {name: value for name, value in (made | attributes).items() if value is not LEFT_OUT}


def verdict(value: Any, key: bytes | None = b"berk", topic: Topic = "beds") -> str:
    """Decode a record and return `event`, the type that is too new, or the codes of its problems."""
    raw = value if value is None or isinstance(value, bytes) else json.dumps(value).encode()
    found = WIRE.decode(topic, key, raw)
    if isinstance(found, e.Event):
        return "event"
    return f"too new: {found.type}" if isinstance(found, TooNew) else " ".join(problem.code for problem in found.problems)


@pytest.mark.parametrize("which", NAMES)
@pytest.mark.parametrize("shape", SHAPES, ids=e.VERSIONED_NAMES.get)
def test_every_type_comes_back_whole(shape: type, which: str) -> None:
    """Each example of each type is encoded, decoded as the same event, and encoded again as the same bytes."""
    event = example(shape, which)
    raw = encode(event)
    read = WIRE.decode(topic_of(shape), key_of(event).encode(), raw)
    assert read == event
    assert isinstance(read, e.Event)
    assert encode(read) == raw
    assert WIRE.topic_of(event) == topic_of(shape)


@given(valid_events())
def test_whatever_is_valid_comes_back_whole(sent: dict[str, Any]) -> None:
    """Every valid event is decoded, its canonical form is stable, and two notations of it are one event."""
    event = WIRE.decode_object(sent)
    assert isinstance(event, e.Event)
    assert encode(event) == encode(WIRE.decode_object(orjson.loads(encode(event))))  # type: ignore[arg-type]  # it is no refusal
    shuffled = dict(reversed(sent.items())) | {"data": dict(reversed(sent["data"].items())), "extension": [None]}
    assert WIRE.decode_object(shuffled) == event


def test_two_notations_are_one_event() -> None:
    """Offsets, decimals, explicit defaults and a missing content type make no other event."""
    event = example(e.Discharge)
    assert isinstance(event.data, e.Discharge)
    ready = replace(event, data=replace(event.data, unit_ready=True))
    written = json.loads(encode(ready))
    assert "unit_ready" not in written["data"]
    written["data"]["unit_ready"] = True
    written["time"] = "2026-03-02T14:30:00.000000000+01:00"
    del written["datacontenttype"]
    assert WIRE.decode_object(written) == ready


# What the contract leaves open, and a careless reader refuses.
ACCEPTED: Final[dict[str, bytes]] = {
    "white space": b" \r\n\t" + json.dumps(admission(), indent=2).encode() + b"\n",
    "a repeated member, the last counts": b'{"id":7,"data":null,"type":"nl.plek.admission.v9",' + json.dumps(admission()).encode()[1:],
    "a repeated member of data": json.dumps(admission()).replace('"children"', '"children": 99, "children"').encode(),
    "an escaped member": json.dumps(admission()).replace('"subject"', '"\\u0073ubject"').encode(),
    "minus nought": json.dumps(admission(data={"children": 0})).replace('"children": 0', '"children": -0').encode(),
    "no content type": json.dumps(admission(datacontenttype=LEFT_OUT)).encode(),
    "dataschema of any kind": json.dumps(admission(dataschema=[7])).encode(),
    "an extension that is null": json.dumps(admission(traceparent=None)).encode(),
    "an extension with a name of another kind": json.dumps(admission(**{"Trace_Parent!": {}})).encode(),
    "an unpaired surrogate in an extension": json.dumps(admission(x="\ud800")).encode(),
    "an unpaired surrogate in its name": json.dumps(admission(**{"\udfff": 1})).encode(),
    "a number too large for any reader": json.dumps(admission()).encode()[:-1] + b',"x":' + b"9" * 5_000 + b"}",
    "a number too large for a float": json.dumps(admission()).encode()[:-1] + b',"x":-1e400}',
    "deep nesting": json.dumps(admission()).encode()[:-1] + b',"x":' + b"[" * 400 + b"]" * 400 + b"}",
    "nul in an extension": json.dumps(admission(x="\x00")).encode(),
    "characters as they are": json.dumps(admission(x="é😀"), ensure_ascii=False).encode(),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_allowed_is_accepted(name: str) -> None:
    """What the contract allows is an event, however oddly it is written."""
    assert verdict(ACCEPTED[name]) == "event"


UUID: Final = "0b7ad7c2-6c1f-4f0e-9a4e-3d2c1b0a9f81"
FALLBACK: Final[dict[str, Any]] = json.loads(encode(example(e.FallbackStarted)))
EVIDENCE: Final[dict[str, Any]] = FALLBACK["data"]["evidence"]
NOTHING: Final = dict.fromkeys(EVIDENCE, 0) | {"status": "unavailable", "view": {}}

# (what, the value, its key, its codes), of the bed topic
BEDS: Final[list[tuple[str, Any, bytes | None, str]]] = [
    ("no value", None, b"berk", "unreadable"),
    ("no bytes", b"", b"berk", "unreadable"),
    ("no JSON", b"{", b"berk", "unreadable"),
    ("a byte order mark", b"\xef\xbb\xbf" + json.dumps(admission()).encode(), b"berk", "unreadable"),
    ("NaN", json.dumps(admission()).encode()[:-1] + b',"x":NaN}', b"berk", "unreadable"),
    ("two values", json.dumps(admission()).encode() * 2, b"berk", "unreadable"),
    ("UTF-16", json.dumps(admission()).encode("utf-16"), b"berk", "unreadable"),
    ("a list of one", [admission()], b"berk", "not_an_object"),
    ("text", '"admission"', b"berk", "not_an_object"),
    ("no key", admission(), None, "no_key"),
    ("no key, and worse", {}, None, "no_key"),
    ("an empty key", admission(), b"", "mismatch"),
    ("another key", admission(), b"eik", "mismatch"),
    ("a key with a line end", admission(), b"berk\n", "mismatch"),
    ("a key that is no text", admission(), b"\xff", "mismatch"),
    ("another subject", admission(subject="eik"), b"berk", "mismatch"),
    ("another shelter", admission(data={"shelter": "eik"}), b"berk", "mismatch"),
    ("specversion as number", admission(specversion=1.0), b"berk", "bad_format"),
    ("another specversion", admission(specversion="1.1"), b"berk", "bad_format"),
    ("content type null", admission(datacontenttype=None), b"berk", "bad_format"),
    ("content type with a charset", admission(datacontenttype="application/json; charset=utf-8"), b"berk", "bad_format"),
    ("data_base64", admission(data_base64=None), b"berk", "data_base64"),
    ("no type", admission(type=LEFT_OUT), b"berk", "missing"),
    ("type null", admission(type=None), b"berk", "unknown_type"),
    ("type as list", admission(type=[]), b"berk", "unknown_type"),
    ("version 0", admission(type="nl.plek.admission.v0"), b"berk", "unknown_type"),
    ("version 01", admission(type="nl.plek.admission.v01"), b"berk", "unknown_type"),
    ("version 02", admission(type="nl.plek.admission.v02"), b"berk", "unknown_type"),
    ("a version in other digits", admission(type="nl.plek.admission.v\u0662"), b"berk", "unknown_type"),
    ("no version", admission(type="nl.plek.admission"), b"berk", "unknown_type"),
    ("a type of the other topic", FALLBACK, b"berk", "other_topic"),
    ("a type of the other topic, too new", FALLBACK | {"type": "nl.plek.fallback-started.v3"}, b"berk", "version_too_new"),
    ("an unknown type, too new", admission(type="nl.plek.unit-painted.v2"), b"berk", "unknown_type"),
    ("an empty household", admission(data={"adults": 0, "children": 0}), b"berk", "no_household"),
    ("1.0 adults", json.dumps(admission(data={"adults": 1})).replace('"adults": 1', '"adults": 1.0').encode(), b"berk", "wrong_type"),
    ("1e0 adults", json.dumps(admission(data={"adults": 1})).replace('"adults": 1', '"adults": 1e0').encode(), b"berk", "wrong_type"),
    (
        "5,000 digits of adults",
        json.dumps(admission(data={"adults": 1})).replace('"adults": 1', '"adults": ' + "1" * 5_000).encode(),
        b"berk",
        "wrong_type",
    ),
    ("the last of a repeated member is wrong", json.dumps(admission()).encode()[:-1] + b',"id":""}', b"berk", "bad_format"),
    ("everything is missing", {}, b"berk", "missing missing missing missing missing missing missing"),
]


@pytest.mark.parametrize(("name", "value", "key", "codes"), BEDS, ids=[row[0] for row in BEDS])
def test_a_record_is_refused_with_its_code(name: str, value: Any, key: bytes | None, codes: str) -> None:
    """R13: a record that breaks a rule is refused, with all its codes."""
    found = verdict(value, key)
    assert sorted(found.split()) == sorted(codes.split()), name


def demand(shape: type, **data: Any) -> dict[str, Any]:
    """Make the JSON of a demand event with other members."""
    made: dict[str, Any] = json.loads(encode(example(shape)))
    made["data"] = {name: value for name, value in (made["data"] | data).items() if value is not LEFT_OUT}
    return made


CASE: Final = b"c3a1b2d4-1e2f-4a3b-8c4d-5e6f7a8b9c0d"
DEMAND: Final[list[tuple[str, Any, bytes, str]]] = [
    ("evidence of nothing", demand(e.FallbackStarted, evidence=NOTHING), CASE, "event"),
    ("evidence of nothing that was complete", demand(e.FallbackStarted, evidence=NOTHING | {"status": "complete"}), CASE, "event"),
    *[
        (f"unavailable with {name}", demand(e.FallbackStarted, evidence=NOTHING | {name: value}), CASE, "inconsistent_evidence")
        for name, value in (*[(count, 1) for count in NOTHING if count not in ("status", "view")], ("view", {"0": 0}))
    ],
    ("a correction of an entry", demand(e.DemandCorrection, fallback=LEFT_OUT, entry=CASE.decode()), CASE, "event"),
    ("a correction of nothing", demand(e.DemandCorrection, fallback=LEFT_OUT), CASE, "not_exactly_one_key"),
    ("a correction of two", demand(e.DemandCorrection, entry=CASE.decode()), CASE, "not_exactly_one_key"),
    ("a correction of null", demand(e.DemandCorrection, entry=None), CASE, "wrong_type"),
    ("another key", demand(e.SearchEnded), UUID.encode(), "mismatch"),
    ("the subject of an end is any region", demand(e.SearchEnded) | {"subject": "R35"}, CASE, "event"),
    ("but a region", demand(e.SearchEnded) | {"subject": "R36"}, CASE, "unknown_region"),
    ("the subject of a start is its region", demand(e.SearchMade) | {"subject": "R35"}, CASE, "mismatch"),
    ("eleven regions", demand(e.SearchMade, exclude_regions=[f"R{number:02}" for number in range(1, 12)]), CASE, "too_many"),
    ("ten regions", demand(e.SearchMade, exclude_regions=[f"R{number:02}" for number in range(1, 11)]), CASE, "event"),
    ("a search that says when", demand(e.SearchMade, occurred_at="2026-03-02T10:00:00Z"), CASE, "unknown_member"),
    ("a need with more", demand(e.SearchMade, need=FALLBACK["data"]["need"] | {"name": CANARY}), CASE, "unknown_member"),
    ("an event of a shelter", admission(), b"berk", "other_topic"),
    ("too new", demand(e.SearchMade) | {"type": "nl.plek.search-made.v3"}, CASE, "too new: nl.plek.search-made.v3"),
    ("too new, of the other topic", admission(type="nl.plek.admission.v2"), b"berk", "version_too_new"),
]


@pytest.mark.parametrize(("name", "value", "key", "codes"), DEMAND, ids=[row[0] for row in DEMAND])
def test_a_record_of_demand_gets_its_verdict(name: str, value: Any, key: bytes, codes: str) -> None:
    """R13: a demand event is keyed by its own id, and its subject is a region."""
    assert verdict(value, key, "demand") == codes, name


V2: Final = "nl.plek.admission.v2"
TOO_NEW: Final = [
    ("as it is", admission(type=V2), b"berk"),
    ("without a key", admission(type=V2), None),
    ("with another key", admission(type=V2), b"\xff"),
    ("with nothing else", {"type": V2}, b"berk"),
    ("with everything wrong", {"type": V2, "specversion": 2, "data_base64": "", "data": [], "id": None}, None),
    ("repeated, the last counts", json.dumps(admission()).encode()[:-1] + b',"type":"nl.plek.admission.v2"}', b"berk"),
    ("with odd JSON beside it", json.dumps(admission(type=V2, x="\ud800")).encode(), b"berk"),
]


@pytest.mark.parametrize(("name", "value", "key"), TOO_NEW, ids=[row[0] for row in TOO_NEW])
def test_a_type_too_new_stops_whatever_else_is_wrong(name: str, value: Any, key: bytes | None) -> None:
    """R13: in its truth topic a version above those known may be a fact, so it stops the reader whatever else is wrong."""
    assert verdict(value, key) == f"too new: {V2}", name


@pytest.mark.parametrize("version", ["2", "10", "99", "9" * 5_000])
def test_every_later_version_is_too_new(version: str) -> None:
    """R13: versions are compared as numbers, not as text."""
    assert verdict(admission(type=f"nl.plek.admission.v{version}")).startswith("too new")


def test_over_http_a_type_too_new_is_refused() -> None:
    """R13: where a topic is not known yet, types of both topics in a later version get the same code."""
    for shape, version in ((e.Admission, "v2"), (e.SearchMade, "v3"), (e.FallbackStartedSealed, "v3")):
        written = json.loads(encode(example(shape))) | {"type": f"nl.plek.{e.SHORT_NAMES[shape]}.{version}"}
        refused = WIRE.decode_object(written)
        assert isinstance(refused, RefusedEvent)
        assert refused.reason == "version_too_new"


def test_all_errors_of_an_event_at_once() -> None:
    """Over HTTP a sender gets every problem of the envelope and of the data in one answer."""
    refused = WIRE.decode_object(admission(id="", source=7, time="now", specversion="2", subject="B", data={"adults": 99, "x": 1}))
    assert isinstance(refused, RefusedEvent)
    assert {problem[:2] for problem in refused.problems} == {
        ("/id", "bad_format"),
        ("/source", "wrong_type"),
        ("/time", "bad_format"),
        ("/specversion", "bad_format"),
        ("/subject", "bad_format"),
        ("/data/adults", "out_of_range"),
        ("/data", "unknown_member"),
    }


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the path of every value in a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *[place for step, inner in items for place in places(inner, (*path, step))]]


@given(valid_events(), st.data())
def test_no_value_is_repeated_in_any_problem(sent: dict[str, Any], data: st.DataObject) -> None:
    """No problem repeats a value or the name of a member that was sent."""
    made = json.loads(json.dumps(sent))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from([place for place in places(made) if place]))
        place = made
        for step in path[:-1]:
            place = place[step]
        if isinstance(place, dict) and data.draw(st.booleans()):
            place[CANARY] = place[path[-1]]
            place[path[-1]] = [CANARY]
        else:
            place[path[-1]] = data.draw(st.sampled_from(([CANARY], {CANARY: CANARY})))
    found = WIRE.decode_object(made)
    assert isinstance(found, RefusedEvent)
    assert CANARY not in str(found)


@given(st.binary(max_size=60), st.none() | st.binary(max_size=6))
def test_no_bytes_do_harm(raw: bytes, key: bytes | None) -> None:
    """Any bytes are an event, refused or too new; decoding never raises."""
    assert isinstance(WIRE.decode("beds", key, raw), RefusedEvent)


def test_the_reason_of_a_dead_letter_is_its_first_code() -> None:
    """A dead letter has the code of its first problem as reason."""
    refused = WIRE.decode("beds", b"berk", b"{}")
    assert isinstance(refused, RefusedEvent)
    first: Code = "missing"
    assert refused.reason == first


def test_plain_data_leave_out_defaults() -> None:
    """An optional member that is unset is left out; a null with a meaning is written."""
    assert plain(e.CountConfirmed(shelter="berk")) == {"shelter": "berk"}
    assert plain(e.CountConfirmed(shelter="berk", free=0)) == {"shelter": "berk", "free": 0}
    registration = example(e.ShelterRegistered, "minimal").data
    assert plain(registration)["max_son_age"] is None


def test_a_region_file_of_another_country_is_obeyed() -> None:
    """Region codes are those of the region file that the codec was made with."""
    sent = json.loads(encode(example(e.ShelterRegistered)))
    assert isinstance(EventCodec(frozenset({"R17"})).decode_object(sent), e.Event)
    refused = EventCodec(frozenset({"BE1"})).decode_object(sent)
    assert isinstance(refused, RefusedEvent)
    assert [problem[:2] for problem in refused.problems] == [("/data/region", "unknown_region")]
