"""Cases of records: sections 1 to 3 and R13, each of one record, accepted or refused; and of those that stop a partition."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tests.reference.case import ONE, case
from tests.reference.expect import dead
from tests.reference.given import ELSEWHERE, HOLD, STAY, event, record, registered

if TYPE_CHECKING:
    from tests.reference.log import Record

Json = dict[str, Any]


def admission(data: Json | None = None, **attributes: Any) -> Json:
    """Make an admission with other data or attributes."""
    return event("admission", {"shelter": "s", "stay": STAY, "unit": "u1", "adults": 1, "children": 0} | (data or {}), **attributes)


def text(more: str, value: Json | None = None) -> str:
    """Write an admission and add members to it as text."""
    return json.dumps(value or admission())[:-1] + "," + more + "}"


def swapped(before: str, after: str) -> str:
    """Write an admission and write one thing in it otherwise."""
    return json.dumps(admission()).replace(before, after)


def named(name: str) -> Json:
    """Make a registration with this name."""
    made = json.loads(registered().value or b"")
    made["data"]["name"] = name
    return dict(made)


def without(*path: str) -> Json:
    """Make an admission without one member."""
    made = admission()
    inner = made
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return made


NO_TIMES: Final = (
    "2026-03-02t10:00:00Z",
    "2026-03-02T10:00:00z",
    "2026-03-02 10:00:00Z",
    "2026-03-02T10:00:00",
    "2026-03-02T24:00:00Z",
    "2016-12-31T23:59:60Z",
    "2026-02-29T10:00:00Z",
    "2026-03-02T10:00:00.1234567890Z",
    "2026-03-02T10:00:00.Z",
    "2026-03-02T10:00:00,1Z",
    "2026-03-02T10:00:00+14:01",
    "2026-03-02T10:00:00+01:60",
    "2026-03-02T10:00:00+0100",
    "1969-12-31T23:59:59Z",
    "2026-03-02T10:00:00Z\n",
    1_772_400_000,
)

ACCEPTED: Final[list[tuple[str, Any]]] = [
    ("an extension that is null", text('"x":null')),
    ("an extension with a lone surrogate", text('"x":"\\ud800"')),
    ("an extension with a lone surrogate as its name", text('"\\udfff":1')),
    ("an extension with a number too large for a float", text('"x":1e999')),
    ("an extension with an integer of 5,000 digits", text(f'"x":{"9" * 5_000}')),
    ("an extension with an object", text('"Foo_Bar":[{"a":[1.5]}]')),
    ("a dataschema that is no string", text('"dataschema":7')),
    ("of a repeated member the last", '{"specversion":"2","data":null,' + json.dumps(admission())[1:]),
    ("a repeated member with an escaped name", text('"\\u0069d":"again"')),
    ("a repeated type, the last of which is known", '{"type":"nl.plek.admission.v2",' + json.dumps(admission())[1:]),
    ("minus nought", swapped('"children": 0', '"children": -0')),
    ("white space around the object", " \t\r\n" + json.dumps(admission()) + "\n"),
    ("a content type", admission(datacontenttype="application/json")),
    ("nine decimals", admission(time="2026-03-02T10:00:00.123456789Z")),
    ("an offset of fourteen hours", admission(time="2026-03-02T10:00:00+14:00")),
    ("an offset of minus nought", admission(time="2026-03-02T10:00:00-00:00")),
    ("the first year, though the instant lies before it", admission(time="1970-01-01T00:00:00+14:00")),
    ("the last year, though the instant lies after it", admission(time="9999-12-31T23:59:59-14:00")),
    ("a time far ahead: only the way in looks at the clock", admission(time="2199-01-01T00:00:00Z")),
    ("the 29th of February of 2000", admission(time="2000-02-29T00:00:00Z")),
    ("an id of one character", admission(id="_")),
    ("an id of 64", admission(id="x" * 64)),
    ("a source of one colon", admission(src="urn:plek::")),
    ("children alone", admission({"adults": 0, "children": 1})),
    ("a household of forty", admission({"adults": 20, "children": 20})),
    ("a name of eighty code points beyond the first plane", named("\U0001f600" * 80)),
    ("a name of one space", named(" ")),
]

REFUSED: Final[list[tuple[str, Any]]] = [
    ("a tombstone", None),
    ("nothing", b""),
    ("a byte order mark", b"\xef\xbb\xbf" + json.dumps(admission()).encode()),
    ("bytes that are no UTF-8", text('"x":"?"').encode().replace(b"?", b"\xff")),
    ("a surrogate in UTF-8", text('"x":"?"').encode().replace(b"?", b"\xed\xa0\x80")),
    ("UTF-16", json.dumps(admission()).encode("utf-16")),
    ("NaN, even where it is ignored", text('"x":NaN')),
    ("infinity, even where it is ignored", text('"x":-Infinity')),
    ("a list of one event", [admission()]),
    ("two events", json.dumps(admission()) * 2),
    ("a control character in a string", text('"x":"\t"')),
    ("of a repeated member a last that is wrong", text('"specversion":"2"')),
    ("an exponent", swapped('"adults": 1', '"adults": 1e0')),
    ("a fraction of nought", swapped('"adults": 1', '"adults": 1.0')),
    ("true for one", admission({"adults": True})),
    ("a number in a string", admission({"adults": "1"})),
    ("no person", admission({"adults": 0})),
    ("21 children", admission({"children": 21})),
    ("null for an optional member", admission({"hold": None})),
    ("null for occurred_at", admission({"occurred_at": None})),
    ("null for the content type", admission(datacontenttype=None)),
    ("a content type with a parameter", admission(datacontenttype="application/json; charset=utf-8")),
    ("data_base64, even null", admission(data_base64=None)),
    ("another member in data", admission({"x": 1})),
    ("occurred_at on a count", event("count-confirmed", {"shelter": "s"}, o=1)),
    ("occurred_at on a declaration", event("unit-withdrawn", {"shelter": "s", "unit": "u1"}, o=1)),
    ("occurred_at on a hold event", event("hold-accepted", {"shelter": "s", "hold": HOLD}, o=1)),
    (
        "another member in corrects",
        event("correction", {"shelter": "s", "corrects": {"source": ELSEWHERE, "id": "x", "y": 1}, "reason": "mistake"}),
    ),
    (
        "corrects with a source that is none",
        event("correction", {"shelter": "s", "corrects": {"source": "x", "id": "x"}, "reason": "mistake"}),
    ),
    ("a UUID of version 1", admission({"stay": "a43dede7-a5c8-15c5-81c7-5baba4879201"})),
    ("a UUID of another variant", admission({"stay": "a43dede7-a5c8-45c5-c1c7-5baba4879201"})),
    ("a UUID in upper case", admission({"stay": STAY.upper()})),
    ("an id with a line feed", admission(id="x\n")),
    ("an id of 65", admission(id="x" * 65)),
    ("a source of nothing", admission(src="urn:plek:")),
    ("a unit in upper case", admission({"unit": "U1"})),
    ("a name of 81 code points", named("x" * 81)),
    ("a name of nothing", named("")),
    ("a name with an unpaired surrogate", named("a\ud800")),
    ("a member that is missing", without("data", "unit")),
    ("no specversion", without("specversion")),
    ("no subject", without("subject")),
    ("a type of another topic", admission() | {"type": "nl.plek.search-made.v1"}),
    ("a type of another topic in a version to come", admission() | {"type": "nl.plek.search-made.v2"}),
    ("an unknown type in a version to come", admission() | {"type": "nl.plek.unit-painted.v2"}),
    ("version 0", admission() | {"type": "nl.plek.admission.v0"}),
    ("a version with a leading nought", admission() | {"type": "nl.plek.admission.v02"}),
    ("a version with another nought", admission() | {"type": "nl.plek.admission.v\u0662"}),
    ("a type without a version", admission() | {"type": "nl.plek.admission"}),
    ("a subject that is another shelter", admission(subject="r")),
    ("data of another shelter", admission({"shelter": "r"}, subject="s")),
    *[(f"the time {moment!r}", admission(time=moment)) for moment in NO_TIMES],
]

RECORDS: Final = [
    *[case(f"accepted: {name}", "1", [*ONE, record(value)], dead(0)) for name, value in ACCEPTED],
    *[case(f"refused: {name}", "R13", [*ONE, record(value)], dead(1)) for name, value in REFUSED],
    case("refused: no key", "R13", [record(admission(), None)], dead(1) | {"shelters": {}}),
    case("refused: an empty key", "R13", [record(admission(), "")], dead(1)),
    case("refused: a key that is no UTF-8", "R13", [record(admission(), b"\xff")], dead(1)),
    case("refused: a key with a line feed", "R13", [record(admission(), "s\n")], dead(1)),
    case("refused: each copy counts", "R13", [record("{"), record("{")], dead(2)),
]


class Stopping(NamedTuple):
    """A log that stops a partition: of each partition the index of the record that stops it."""

    name: str
    records: list[Record]
    stopped: dict[int, int]
    dead_letters: int


NEXT: Final = admission() | {"type": "nl.plek.admission.v2"}
STOPS: Final = [
    Stopping("a known type in a later version stops", [*ONE, record(NEXT), record("{")], {0: 2}, 0),
    Stopping("version 10 is later than 1", [record(NEXT | {"type": "nl.plek.admission.v10"})], {0: 0}, 0),
    Stopping("a version of 5,000 digits is later than 1", [record(NEXT | {"type": "nl.plek.admission.v" + "9" * 5_000})], {0: 0}, 0),
    Stopping("a hold event in a later version stops", [record(NEXT | {"type": "nl.plek.hold-accepted.v2"})], {0: 0}, 0),
    Stopping("version 3 of a search stops", [record(NEXT | {"type": "nl.plek.search-made.v3"})], {}, 1),
    Stopping("it stops without a key", [record(NEXT, None)], {0: 0}, 0),
    Stopping("it stops with another key", [record(NEXT, b"\xff")], {0: 0}, 0),
    Stopping("it stops without anything but its type", [record({"type": NEXT["type"]})], {0: 0}, 0),
    Stopping("it stops with a specversion to come", [record(NEXT | {"specversion": "2.0", "data_base64": "AA=="})], {0: 0}, 0),
    Stopping("the last of a repeated type decides", [record(text('"type":"nl.plek.admission.v2"'))], {0: 0}, 0),
    Stopping("a list of such an event is a dead letter", [record([NEXT])], {}, 1),
    Stopping("such an event that is no JSON is a dead letter", [record(text('"x":NaN', NEXT))], {}, 1),
    Stopping("another partition goes on", [record(NEXT), record("{", partition=1), record("{")], {0: 0}, 1),
]
