"""The trace context of a request (W3C Trace Context, level 1): taken from its header `traceparent`, or made.

Its trace id is in every log line of the request, in the answer and in the headers of the facts that the request appends. Guarantees: what
is sent is taken over only in the one form of the standard, 32 and 16 hexadecimal digits, and nothing else of it is. What must never be
done: a search, a hold or a case gets no trace id in the log, because one id would link a search to the hold and the stay that follow.
"""

import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, NamedTuple

HEADER: Final = "traceparent"
# Section 3.2: version, trace id, parent id, flags. A later version may add fields behind them; version ff is forbidden
_FORM: Final = re.compile(rb"(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_LONGEST: Final = 256
_SAMPLED: Final = 1


class TraceContext(NamedTuple):
    """A trace, and the step of it that this process is in."""

    trace: str
    parent: str
    sampled: bool = False

    @property
    def header(self) -> str:
        """Return the value of the header `traceparent`."""
        return f"00-{self.trace}-{self.parent}-{int(self.sampled):02x}"


_current: Final[ContextVar[TraceContext | None]] = ContextVar("trace", default=None)


def read(sent: bytes | None) -> TraceContext | None:
    """Return what a header says; None where it is not in the form of the standard: then it is as if it had not been sent."""
    found = _FORM.fullmatch(sent) if sent is not None and len(sent) <= _LONGEST else None
    if found is None:
        return None
    version, trace, parent, flags, more = found.groups()
    if not int(trace, 16) or not int(parent, 16) or (version == b"00" and more):
        return None
    return TraceContext(trace.decode(), parent.decode(), bool(int(flags, 16) & _SAMPLED))


@contextmanager
def following(sent: Sequence[bytes]) -> Iterator[TraceContext]:
    """Be in the trace that the only header of a request names, or else in a new one."""
    given = read(sent[0]) if len(sent) == 1 else None
    trace = given.trace if given else secrets.token_hex(16)
    context = TraceContext(trace, secrets.token_hex(8), given.sampled if given else False)
    before = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(before)


def current() -> TraceContext | None:
    """Return the trace context of the request that is answered now; None outside a request."""
    return _current.get()


def fact_headers() -> tuple[tuple[str, bytes], ...]:
    """Return the headers of a fact that the request of this moment appends."""
    context = current()
    return ((HEADER, context.header.encode()),) if context else ()


def of_record(record: Any) -> TraceContext | None:
    """Return the trace context in the headers of a Kafka record; a record of a recorded log has no headers."""
    headers: Iterable[tuple[str, bytes | None]] = getattr(record, "headers", None) or ()
    sent = [value for name, value in headers if name == HEADER]
    return read(sent[0]) if len(sent) == 1 else None
