"""Logs one JSON object a line, with the fields of a list only. A message is its template, never filled in.

So neither our code nor a library can write a value into the log that was sent.
"""

import errno
import logging
import sys
import traceback
from types import TracebackType
from typing import Any, Final, Literal

import orjson

from services.adapters import rfc3339
from services.adapters.observability import trace_context

FIELDS: Final = (
    "service",
    "method",
    "route",
    "status",
    "ms",
    "role",
    "why",
    "partition",
    "topic",
    "offset",
    "count",
    "what",
    "member",
    "trace",
)
"""The fields of a line beside time, level and message: codes, numbers and names of ours, and the id of the trace."""

_QUIET_S = 10.0
Level = Literal["debug", "info", "warning", "error"]


def configure(service: str, level: Level) -> None:
    """Send all log records, ours and those of libraries, to standard error in this form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(service))
    handler.addFilter(LibraryThrottle())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(level.upper())
    for chatty in ("aiokafka", "faust", "mode", "abc", "httpx", "httpcore", "uvicorn.error", "asyncio"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.root.level))


class LibraryThrottle(logging.Filter):
    """Passes each message of a library once in ten seconds: aiokafka logs ten times a second that Kafka is away."""

    def __init__(self) -> None:
        super().__init__()
        self._passed_at: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to log a record: each of ours, and one of a library in ten seconds."""
        if record.name.startswith("services."):
            return True
        template = (record.name, str(record.msg))
        if record.created - self._passed_at.get(template, 0.0) < _QUIET_S:
            return False
        self._passed_at[template] = record.created
        return True


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """Return the template of the message, the listed fields, and of an exception its class and where it was raised, as JSON."""
        line: dict[str, Any] = {
            "time": rfc3339.show_ms(int(record.created * 1_000)),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": record.msg if isinstance(record.msg, str) else type(record.msg).__name__,
        }
        if context := trace_context.current():
            line["trace"] = context.trace
        line |= {name: value for name in FIELDS if (value := getattr(record, name, None)) is not None}
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
            line |= _cause(record.exc_info[1])
            line["at"] = where(record.exc_info[2])
        elif isinstance(record.msg, BaseException):
            line |= _cause(record.msg)
        return orjson.dumps(line, default=lambda value: type(value).__name__).decode()


def _cause(error: BaseException | None) -> dict[str, str]:
    """Return what the system said to an error of its own, as a code (`EADDRINUSE`): it holds no value."""
    code = errno.errorcode.get(error.errno) if isinstance(error, OSError) and error.errno else None
    return {"errno": code} if code else {}


def where(trace: TracebackType | None) -> list[str]:
    """List file and line of the last frames of a traceback, innermost last, without values."""
    return [
        f"{frame.filename.rsplit('/', 2)[-2]}/{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in traceback.extract_tb(trace)
    ][-8:]
