"""Logs: no value that was sent can be written, by us or by a library."""

import logging
import sys
from typing import Any

import orjson

from services.adapters.observability.json_logging import JsonFormatter, LibraryThrottle

CANARY = "CANARY-Fatima"


def _line(message: Any, *args: object, name: str = "services.gateway", trouble: Any = None, **fields: Any) -> dict[str, Any]:
    record = logging.LogRecord(name, logging.WARNING, __file__, 1, message, args, trouble)
    vars(record).update(fields)
    written: dict[str, Any] = orjson.loads(JsonFormatter("gateway").format(record))
    return written


def test_a_line_holds_what_is_on_the_list() -> None:
    """A line has time, level, service and message, and the codes and numbers of the list."""
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
    """A message is its template; its arguments are not written."""
    assert _line("can't read %s", CANARY, name="aiokafka")["message"] == "can't read %s"
    assert CANARY not in str(_line(ValueError(CANARY)))


def test_of_a_fault_the_class_and_the_place_are_written() -> None:
    """Of an exception the class and the line are written, not its message, which often repeats a value."""
    try:
        int(CANARY)
    except ValueError:
        line = _line("a fault of ours", trouble=sys.exc_info())
    assert (line["exception"], CANARY in str(line)) == ("ValueError", False)
    assert line["at"][-1].startswith("observability/test_json_logging.py:")


def test_a_library_logs_a_message_once_in_ten_seconds() -> None:
    """A message of a library is logged once in ten seconds; each of ours is logged."""
    quiet = LibraryThrottle()
    for name, said in (("aiokafka.conn", 1), ("services.api", 5)):
        records = [logging.LogRecord(name, logging.ERROR, __file__, 1, "away", (), None) for _ in range(5)]
        assert sum(quiet.filter(record) for record in records) == said


def test_what_the_system_said_is_a_code() -> None:
    """An error of the system has its code (a port in use, a full disk), whether it is logged as a message or as the exception; no value."""
    taken = OSError(98, f"address {CANARY} in use")
    assert _line(taken)["errno"] == "EADDRINUSE"
    try:
        raise taken
    except OSError:
        line = _line("can't listen", trouble=sys.exc_info())
    assert (line["exception"], line["errno"]) == ("OSError", "EADDRINUSE")
    assert CANARY not in str(line)
    assert "errno" not in _line(ValueError(CANARY)) | _line(OSError("no number"))
