"""Logs: nothing that was sent can be written, by us or by a library."""

import logging
import sys
from typing import Any

import orjson

from services.adapters.logs import Lines, NowAndThen

CANARY = "CANARY-Fatima"


def _line(message: Any, *args: object, name: str = "services.gateway", trouble: Any = None, **fields: Any) -> dict[str, Any]:
    record = logging.LogRecord(name, logging.WARNING, __file__, 1, message, args, trouble)
    vars(record).update(fields)
    written: dict[str, Any] = orjson.loads(Lines("gateway").format(record))
    return written


def test_a_line_holds_what_is_on_the_list() -> None:
    """When, how bad, which service, what; codes and numbers."""
    line = _line("request", method="POST", status=200, ms=1.5, subject=CANARY)
    assert {
        "service": "gateway",
        "level": "warning",
        "message": "request",
        "method": "POST",
        "status": 200,
        "ms": 1.5,
    }.items() <= line.items()
    assert CANARY not in str(line)


def test_a_message_is_never_filled_in() -> None:
    """The template says what happened; its arguments may be anything."""
    assert _line("can't read %s", CANARY, name="aiokafka")["message"] == "can't read %s"
    assert CANARY not in str(_line(ValueError(CANARY)))


def test_of_a_fault_the_class_and_the_place_are_written() -> None:
    """Its message often repeats the value it choked on."""
    try:
        int(CANARY)
    except ValueError:
        line = _line("a fault of ours", trouble=sys.exc_info())
    assert (line["exception"], CANARY in str(line)) == ("ValueError", False)
    assert line["at"][-1].startswith("adapters/test_logs.py:")


def test_a_library_says_a_thing_now_and_then() -> None:
    """Once in ten seconds; our own lines are all written."""
    quiet = NowAndThen()
    for name, said in (("aiokafka.conn", 1), ("services.api", 5)):
        records = [logging.LogRecord(name, logging.ERROR, __file__, 1, "away", (), None) for _ in range(5)]
        assert sum(quiet.filter(record) for record in records) == said
