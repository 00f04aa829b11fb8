"""Lines of history: where each goes, at what time, and what will become of it."""

from collections import Counter
from typing import Any

import orjson
import pytest

from services.adapters import instants
from services.adapters.topics import Topics
from services.commands.by_kafka import Record
from services.commands.ledger import Ledger, digest
from services.commands.past import Past
from services.commands.tape import Line
from tests.processor.logs import WIRE
from tests.sent import registered

_NOW = 1_700_000_000_000
_TOPICS = Topics("imported")


def _event(**changes: Any) -> dict[str, Any]:
    return registered() | {"time": instants.show(1_600_000_000_000 * 1_000_000)} | changes


def _line(value: Any, *, key: bytes | None = b"berk", keyed: bool = True, ts: int | None = 5_000) -> Line:
    raw = value if isinstance(value, bytes | None) else orjson.dumps(value)
    return Line(1, key if keyed else None, raw, keyed=keyed, whole=True, timestamp=ts if keyed else None)


def _judged(*lines: Line, ledger: Ledger | None = None) -> tuple[list[Record], Past]:
    past = Past(WIRE, _TOPICS, _NOW, ledger or Ledger())
    return list(past.records(lines)), past


def test_a_line_of_a_tape_keeps_its_key_its_bytes_and_its_time() -> None:
    """However old it is: what is history is not too old."""
    [record], past = _judged(_line(_event()))
    assert record == Record("imported.bed-events", b"berk", orjson.dumps(_event()), 5_000)
    assert (past.dead, past.clock) == (Counter(), 5_000)


def test_an_event_alone_is_logged_when_it_was_recorded() -> None:
    """Without a line around it, it says by itself where it belongs and when it was."""
    [record], _ = _judged(_line(_event(), keyed=False))
    assert (record.topic, record.key, record.timestamp) == ("imported.bed-events", b"berk", 1_600_000_000_000)


def test_a_line_without_any_time_is_of_that_before_it() -> None:
    """It stood there in the log."""
    records, _ = _judged(_line(_event(), ts=7_000), _line(b"no event", ts=None))
    assert [record.timestamp for record in records] == [7_000, 7_000]


@pytest.mark.parametrize(
    ("line", "topic", "reason"),
    [
        (_line(b"no event"), "bed-events", "unreadable"),
        (_line(None), "bed-events", "unreadable"),
        (_line([]), "bed-events", "not_an_object"),
        (_line(_event(), key=None), "bed-events", "no_key"),
        (_line(_event(), key=b"den"), "bed-events", "mismatch"),
        (_line(_event(type="nl.plek.nothing.v1")), "bed-events", "unknown_type"),
        (_line(_event(type="nl.plek.search-made.v1")), "bed-events", "unknown_region"),
        (_line(_event(type="nl.plek.search-made.v1"), key=b"5f0c1d7e-8f4b-4c55-9d3a-2f1f6f7b8c90"), "demand-events", "unknown_region"),
        (_line(_event(type="nl.plek.admission.v2")), "dead-letters", "version_too_new"),
        (_line(_event(time="2023-12-01T00:00:00Z")), "dead-letters", "in_future"),
    ],
)
def test_what_breaks_a_rule_is_written_all_the_same_and_counted(line: Line, topic: str, reason: str) -> None:
    """The fold puts it aside as anywhere; only what is of the future, or would stop a partition, goes to the dead letters at once."""
    [record], past = _judged(line)
    assert record.topic == f"imported.{topic}"
    assert record.value == line.value
    assert past.dead == Counter({reason: 1})
    assert dict(record.headers).get("reason") == (reason.encode() if topic == "dead-letters" else None)


def test_a_topic_that_is_named_is_kept_to() -> None:
    """What was in the topic of the beds stays there, also where it was a dead letter for that."""
    past = Past(WIRE, _TOPICS, _NOW, Ledger(), "demand")
    [record] = past.records([_line(_event())])
    assert (record.topic, past.dead) == ("imported.demand-events", Counter({"other_topic": 1}))


def test_what_is_there_already_is_not_written_again() -> None:
    """As often as it is there; another time, key or byte makes another record."""
    first, other = _line(_event()), _line(_event(), ts=5_001)
    written, _ = _judged(first, first)
    ledger = Ledger(Counter(digest(each.topic, each.key, each.value, each.timestamp) for each in written))
    records, past = _judged(first, other, first, first, ledger=ledger)
    assert [record.timestamp for record in records] == [5_001, 5_000]
    assert past.there == 2
