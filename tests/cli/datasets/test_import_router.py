"""Lines of history: the topic, the time and the fate of each."""

from collections import Counter
from typing import Any

import orjson
import pytest

from services.adapters import rfc3339
from services.adapters.kafka.topics import Topics
from services.cli.datasets.import_dedup import ImportDedup, digest
from services.cli.datasets.import_router import ImportRouter
from services.cli.events.kafka_sender import SentRecord
from services.cli.events.recording_reader import RecordedLine
from tests.processor.logs import WIRE
from tests.sent import registered

_NOW = 1_700_000_000_000
_TOPICS = Topics("imported")


def _event(**changes: Any) -> dict[str, Any]:
    return registered() | {"time": rfc3339.show(1_600_000_000_000 * 1_000_000)} | changes


def _line(value: Any, *, key: bytes | None = b"berk", keyed: bool = True, ts: int | None = 5_000) -> RecordedLine:
    raw = value if isinstance(value, bytes | None) else orjson.dumps(value)
    return RecordedLine(1, key if keyed else None, raw, keyed=keyed, whole=True, timestamp=ts if keyed else None)


def _routed(*lines: RecordedLine, dedup: ImportDedup | None = None) -> tuple[list[SentRecord], ImportRouter]:
    router = ImportRouter(WIRE, _TOPICS, _NOW, dedup or ImportDedup())
    return list(router.records(lines)), router


def test_a_line_of_a_tape_keeps_its_key_its_bytes_and_its_time() -> None:
    """A line of a tape keeps its key, bytes and time, however old it is."""
    [record], router = _routed(_line(_event()))
    assert record == SentRecord("imported.bed-events", b"berk", orjson.dumps(_event()), 5_000)
    assert (router.dead, router.clock) == (Counter(), 5_000)


def test_a_plain_event_is_logged_when_it_was_recorded() -> None:
    """An event that is no line of a tape has the topic of its type, and the time at which it was recorded."""
    [record], _ = _routed(_line(_event(), keyed=False))
    assert (record.topic, record.key, record.timestamp) == ("imported.bed-events", b"berk", 1_600_000_000_000)


def test_a_line_without_a_time_has_that_before_it() -> None:
    """A line without a time has the latest time before it."""
    records, _ = _routed(_line(_event(), ts=7_000), _line(b"no event", ts=None))
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
def test_a_line_that_breaks_a_rule_is_written_and_counted(line: RecordedLine, topic: str, reason: str) -> None:
    """A line that breaks a rule goes to its topic for the fold to set aside; a future time or a type too new goes to the dead letters."""
    [record], router = _routed(line)
    assert record.topic == f"imported.{topic}"
    assert record.value == line.value
    assert router.dead == Counter({reason: 1})
    assert dict(record.headers).get("reason") == (reason.encode() if topic == "dead-letters" else None)


def test_a_named_topic_has_all_lines() -> None:
    """With a named topic all lines go there, also those whose type belongs to the other one."""
    router = ImportRouter(WIRE, _TOPICS, _NOW, ImportDedup(), "demand")
    [record] = router.records([_line(_event())])
    assert (record.topic, router.dead) == ("imported.demand-events", Counter({"other_topic": 1}))


def test_a_record_in_the_log_is_not_written_again() -> None:
    """A line is skipped as often as its record is in the log; another time makes another record."""
    first, other = _line(_event()), _line(_event(), ts=5_001)
    written, _ = _routed(first, first)
    dedup = ImportDedup(Counter(digest(record.topic, record.key, record.value, record.timestamp) for record in written))
    records, router = _routed(first, other, first, first, dedup=dedup)
    assert [record.timestamp for record in records] == [5_001, 5_000]
    assert router.present == 2
