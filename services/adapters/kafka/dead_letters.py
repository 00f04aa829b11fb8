"""Dead letters (contract R13): the original key and bytes, with reason, topic, partition, offset and trace context as headers.

Of an event in binary mode the headers are part of the original, and stand behind those.
"""

import logging
from collections import Counter
from collections.abc import Iterable
from typing import Final, Protocol

from services.adapters.codec.validation import Code
from services.adapters.kafka.ports import LogRecord
from services.adapters.observability import trace_context

_log: Final = logging.getLogger(__name__)

# The largest record of any topic fits with its headers: one that could not be written here would stop its partition.
LARGEST_BYTES = 2_097_152
# Only a topic that was set up otherwise has larger ones. They are cut, so that the next event is not held up (R13).
_MOST_BYTES, _MOST_KEY_BYTES = 2_000_000, 1_000


class Received(Protocol):
    """A record as a Kafka client hands it over."""

    @property
    def topic(self) -> str:
        """The topic it was read from."""

    @property
    def partition(self) -> int:
        """The partition it was read from."""

    @property
    def offset(self) -> int:
        """Its offset there."""

    @property
    def key(self) -> bytes | None:
        """Its key, as it was sent."""

    @property
    def value(self) -> bytes | None:
        """Its value, as it was sent."""


def dead_letter(topic: str, received: Received, reason: Code, original: tuple[tuple[str, bytes], ...] = ()) -> LogRecord:
    """Make the dead letter of a record, to be appended to `topic`; `original` are headers of the record to keep, unless it is cut."""
    details: dict[str, str | int] = {"reason": reason, "topic": received.topic, "partition": received.partition, "offset": received.offset}
    key, value = received.key, received.value
    size = len(key or b"") + len(value or b"") + sum(len(name) + len(text) for name, text in original)
    if size > _MOST_BYTES:
        original = ()
        details["cut_from"] = size
        key = key and key[:_MOST_KEY_BYTES]
        value = value and value[: _MOST_BYTES - _MOST_KEY_BYTES]
    if trace := trace_context.of_record(received):
        details[trace_context.HEADER] = trace.header
    headers = (*((name, str(value).encode()) for name, value in details.items()), *original)
    return LogRecord(topic=topic, key=key, value=value, headers=headers)


def log_refused(refused: Iterable[tuple[Received, Code]]) -> None:
    """Write one log line a reason for the records of a batch that were refused, with the first of each: a thousand are one line."""
    first: dict[Code, Received] = {}
    counts: Counter[Code] = Counter()
    for record, reason in refused:
        first.setdefault(reason, record)
        counts[reason] += 1
    for reason, record in first.items():
        trace = trace_context.of_record(record)
        _log.warning(
            "sent to the dead letters",
            extra={
                "why": reason,
                "topic": record.topic,
                "partition": record.partition,
                "offset": record.offset,
                "count": counts[reason],
                "trace": trace.trace if trace else None,
            },
        )
