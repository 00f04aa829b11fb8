"""Logs: one JSON object a line, and no field that is not on the list. A message is its template, never filled in.

So neither a program of ours nor a library can write a value into the log that somebody sent.
"""

import logging
import sys
import traceback
from types import TracebackType
from typing import Any, Final, Literal

import orjson

from services.adapters import instants

FIELDS: Final = ("service", "method", "route", "status", "ms", "role", "why", "partition", "topic", "offset", "count", "what")
"""What a line may say beside when, how bad and what: codes, numbers and names of ours."""

_QUIET_S = 10.0
Level = Literal["debug", "info", "warning", "error"]


def configure(service: str, level: Level) -> None:
    """Send everything that is logged, by us or by a library, to standard error in this form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(service))
    handler.addFilter(NowAndThen())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(level.upper())
    for chatty in ("aiokafka", "faust", "mode", "abc", "httpx", "httpcore", "uvicorn.error", "asyncio"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.root.level))


class NowAndThen(logging.Filter):
    """Lets what a library says about a trouble through once in ten seconds: aiokafka tells ten times a second that Kafka is away."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Let a line of ours through, and of a library's one in ten seconds."""
        if record.name.startswith("services."):
            return True
        template = (record.name, str(record.msg))
        if record.created - self._said.get(template, 0.0) < _QUIET_S:
            return False
        self._said[template] = record.created
        return True


class Lines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """Write the template of the message, the allowed fields, and of an exception its class and the place it was raised."""
        line: dict[str, Any] = {
            "time": instants.show(int(record.created * 1_000) * instants.NS_PER_MS),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": record.msg if isinstance(record.msg, str) else type(record.msg).__name__,
        }
        line |= {name: value for name in FIELDS if (value := getattr(record, name, None)) is not None}
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
            line["at"] = where(record.exc_info[2])
        return orjson.dumps(line, default=lambda value: type(value).__name__).decode()


def where(trace: TracebackType | None) -> list[str]:
    """List the places an exception went through, innermost last: file and line, no values."""
    return [
        f"{frame.filename.rsplit('/', 2)[-2]}/{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in traceback.extract_tb(trace)
    ][-8:]
