"""The trace context: taken over in the form of the standard only, and in the log nowhere but beside facts."""

from dataclasses import dataclass

import pytest

from services.adapters.observability import trace_context
from services.adapters.observability.trace_context import TraceContext, following, of_record, read

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GOOD = f"00-{TRACE}-{PARENT}-01".encode()


@dataclass
class Read:
    """A Kafka record, as far as its headers go."""

    headers: tuple[tuple[str, bytes | None], ...]


@pytest.mark.parametrize(
    ("sent", "sampled"),
    [
        (GOOD, True),
        (f"00-{TRACE}-{PARENT}-00".encode(), False),
        (f"00-{TRACE}-{PARENT}-03".encode(), True),
        (f"cc-{TRACE}-{PARENT}-01-what-comes-later".encode(), True),
    ],
)
def test_a_header_of_the_standard_is_read(sent: bytes, *, sampled: bool) -> None:
    """Trace id, parent id and the flag are read; fields that a later version adds are ignored."""
    assert read(sent) == TraceContext(TRACE, PARENT, sampled)


@pytest.mark.parametrize(
    "sent",
    [
        None,
        b"",
        GOOD.upper(),
        GOOD + b"-more",
        GOOD + b" ",
        GOOD + b"\n",
        f"ff-{TRACE}-{PARENT}-01".encode(),
        f"00-{'0' * 32}-{PARENT}-01".encode(),
        f"00-{TRACE}-{'0' * 16}-01".encode(),
        f"00-{TRACE[:-1]}-{PARENT}-01".encode(),
        f"00-{TRACE}-{PARENT}-1".encode(),
        b"CANARY-Fatima",
        f"cc-{TRACE}-{PARENT}-01-{'x' * 300}".encode(),
    ],
)
def test_anything_else_is_as_if_it_had_not_been_sent(sent: bytes | None) -> None:
    """A header that is not in the form of the standard is not read, and its request begins a trace of its own."""
    assert read(sent) is None
    with following([] if sent is None else [sent]) as made:
        assert read(made.header.encode()) == made
        assert made.trace != TRACE


def test_a_request_is_a_step_of_the_trace_that_it_names() -> None:
    """The trace id stays, the parent id is new, and after the request there is no trace."""
    with following([GOOD]) as context:
        assert (context.trace, context.sampled) == (TRACE, True)
        assert context.parent != PARENT
        assert trace_context.fact_headers() == (("traceparent", context.header.encode()),)
    assert (trace_context.current(), trace_context.fact_headers()) == (None, ())


def test_two_headers_name_no_trace() -> None:
    """Of two headers neither is believed."""
    with following([GOOD, GOOD]) as context:
        assert context.trace != TRACE


def test_the_headers_of_a_record_are_read_alike() -> None:
    """A record has the trace of its one header of that name and form; a record without headers has none."""
    assert of_record(Read((("traceparent", GOOD), ("other", b"x")))) == TraceContext(TRACE, PARENT, sampled=True)
    assert of_record(Read((("traceparent", b"CANARY"),))) is None
    assert of_record(Read((("traceparent", None),))) is None
    assert of_record(Read((("traceparent", GOOD), ("traceparent", GOOD)))) is None
    assert of_record(object()) is None
