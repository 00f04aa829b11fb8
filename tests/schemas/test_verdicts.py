"""A schema and the wire are of one mind: near misses of valid events are accepted by both or by neither, but for what no schema can say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.adapters.codec.event_codec import RefusedEvent, encode
from services.adapters.rfc3339 import parse
from services.adapters.schemas.json_schema import text
from services.domain.events.catalog import Event
from tests.played import WIRE
from tests.schemas.validation import SCHEMAS, STRICT, Strict, short_name
from tests.strategies_of_values import moments, valid_events

if TYPE_CHECKING:
    from collections.abc import Iterator

# All that a schema can't say (rules.UNSAID); told how integers are written, this is what is left.
UNSAID: Final = {"mismatch"}

ODD_VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    2.0,
    1e300,
    20,
    21,
    10**30,
    "",
    "x",
    "1",
    "Berk",
    "u1\n",
    "\ud800",
    "é" * 80,
    "😀" * 81,
    [],
    ["cot", "cot"],
    ["nl", "nl"],
    ["R01"],
    [1],
    [None],
    {},
    {"0": 1},
    {"00": 1},
    {"0": -1},
    {"0": 2**53},
    {"0\n": 1},
    {"x": "y"},
    "2026-02-29T10:00:00Z",
    "2024-02-29T10:00:00Z",
    "2026-03-02T10:00:00z",
    "2026-03-02T24:00:00Z",
    "2026-03-02T10:00:00+14:00",
    "2026-03-02T10:00:00Z\n",
    "urn:plek:x",
    "R36",
    "unavailable",
    "complete",
    "nl.plek.admission.v2",
    "0b7ad7c2-6c1f-11ee-9a4e-3d2c1b0a9f81",
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """List every place in a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        yield from places(inner, (*path, step))


def spoiled(event: Any, path: tuple[Any, ...], change: tuple[str, Any]) -> Any:
    """Change one place: another value, nothing, or a member more."""
    how, value = change
    if not path:
        return event | {"extra": value} if how == "add" else event
    made = json.loads(json.dumps(event))
    place = made
    for step in path[:-1]:
        place = place[step]
    if how == "drop":
        del place[path[-1]]
    elif how == "add" and isinstance(place[path[-1]], dict):
        place[path[-1]]["extra"] = value
    elif how == "repeat" and isinstance(place[path[-1]], list):
        place[path[-1]] *= 2
    else:
        place[path[-1]] = value
    return made


CHANGES: Final = st.tuples(st.sampled_from(("set", "set", "set", "drop", "add", "repeat")), st.sampled_from(ODD_VALUES))


@st.composite
def near_misses(draw: st.DrawFn) -> Any:
    """Spoil valid events in one or two places; some survive it."""
    event = draw(valid_events())
    for change in draw(st.lists(CHANGES, min_size=1, max_size=2)):
        event = spoiled(event, draw(st.sampled_from([place for place in places(event) if place])), change)
    return event


@given(valid_events())
def test_what_is_valid_is_accepted_by_both(event: dict[str, Any]) -> None:
    """Every event that the rules allow is accepted by its schema and by the wire, and comes back whole."""
    assert [error.message for error in STRICT[str(short_name(event))].iter_errors(event)] == []
    decoded = WIRE.decode_object(event)
    assert isinstance(decoded, Event)
    assert WIRE.decode_object(json.loads(encode(decoded))) == decoded


@given(near_misses())
def test_near_misses_get_one_verdict(event: Any) -> None:
    """A schema refuses what the wire refuses and nothing else; only what no schema can say is left to the wire."""
    decoded, claimed = WIRE.decode_object(event), short_name(event)
    by_schema = claimed is not None and STRICT[claimed].is_valid(event)
    if isinstance(decoded, RefusedEvent):
        assert not by_schema or {problem.code for problem in decoded.problems} == UNSAID, decoded.problems
    else:
        assert by_schema


INSTANT: Final = Strict(SCHEMAS["admission"]["$defs"]["instant"])


@given(moments, st.integers(0, 40), st.sampled_from("0123456789TZtz+-:. \n"))
def test_near_misses_of_times_get_one_verdict(moment: str, place: int, point: str) -> None:
    """A time with one character changed is one to the schema iff it is one to the wire."""
    changed = moment[:place] + point + moment[place + 1 :]
    assert INSTANT.is_valid(changed) is readable(changed)


@given(st.integers(1960, 10_010), st.integers(0, 13), st.integers(0, 32))
def test_days_get_one_verdict(year: int, month: int, day: int) -> None:
    """A day is one to the schema iff the calendar has it."""
    moment = f"{year:04}-{month:02}-{day:02}T00:00:00Z"
    assert INSTANT.is_valid(moment) is readable(moment)


@pytest.mark.parametrize("year", [1972, 1999, 2000, 2024, 2025, 2026, 2100, 2400, 9996, 9999])
def test_leap_days_get_one_verdict(year: int) -> None:
    """29 February is a day of leap years alone."""
    moment = f"{year}-02-29T00:00:00Z"
    assert INSTANT.is_valid(moment) is readable(moment)


def readable(moment: str) -> bool:
    """Ask the wire's own reader."""
    try:
        parse(moment)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("end", ["\n", "\r", "\u0085", "\u2028", "\u2029"])
def test_a_line_end_is_refused_in_every_dialect(end: str) -> None:
    """Where `$` also matches before a last line end, the value is refused all the same."""
    assert Strict(text("[a-z]+")).is_valid("berk")
    assert not Strict(text("[a-z]+")).is_valid("berk" + end)
