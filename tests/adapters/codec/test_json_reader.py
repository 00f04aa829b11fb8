"""The reader of JSON of RFC 8259: what it reads and what it refuses, one row a text."""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.adapters.codec.json_reader import read_json

HUGE: Final = b"9" * 5_000
READ: Final[list[tuple[bytes, Any]]] = [
    (b"null", None),
    (b" \t\r\n{ } ", {}),
    (b'{"a":1,"a":2}', {"a": 2}),
    (b'{"a":{"b":1},"a":{}}', {"a": {}}),
    (b'{"\\u0061":1,"a":2}', {"a": 2}),
    (b"-0", 0),
    (b"1.0", 1.0),
    (b"1e2", 100.0),
    (b"9007199254740993", 9_007_199_254_740_993),
    (b'"\\u0000"', "\x00"),
    (b'"\\/"', "/"),
    ('"é😀"'.encode(), "é😀"),
    (b'"\\ud83d\\ude00"', "😀"),
    (b'["\\ud83d\\ude00","\\ud800"]', ["😀", "\ud800"]),
    (b'{"\\udfff":1}', {"\udfff": 1}),
    (b"1e400", float("inf")),
    (b"-1e400", float("-inf")),
    (HUGE, float("inf")),
    (b"-" + HUGE, float("-inf")),
    (b"[" * 500 + b"]" * 500, None),
    (b"[" * 499 + b'"\\ud800"' + b"]" * 499, None),
    (b'"' + b"[" * 5_000 + b'\\ud800"', "[" * 5_000 + "\ud800"),
]

REFUSED: Final[list[bytes]] = [
    b"",
    b" ",
    b"{",
    b"{}{}",
    b"[1,]",
    b"{'a':1}",
    b'{"a":1 /* no */}',
    b"NaN",
    b'{"a":NaN,"b":"\\ud800"}',
    b"[Infinity]",
    b"-Infinity",
    b"01",
    b"+1",
    b".5",
    b"1.",
    b"0x1",
    b"True",
    b'"\x01"',
    b'"\n"',
    b'"\\x41"',
    b'"\\ud80"',
    b"\xef\xbb\xbf{}",
    '{"a":1}'.encode("utf-16"),
    b'"\xff"',
    b'"\xc0\x80"',
    b'"\xed\xa0\x80"',
    b"\x0b1",
    b"[" * 5_000 + b"]" * 5_000,
    b"[" * 501 + b'"\\ud800"' + b"]" * 501,
    b'{"a":' * 100_000,
]


@pytest.mark.parametrize(("raw", "value"), READ, ids=range(len(READ)))
def test_json_is_read(raw: bytes, value: Any) -> None:
    """All that RFC 8259 allows is read, also what the fast reader refuses; of a repeated member the last counts."""
    read = read_json(raw)
    assert value is None or read == value
    assert type(read) is type(value) or value is None


@pytest.mark.parametrize("raw", REFUSED, ids=range(len(REFUSED)))
def test_what_is_not_json_is_refused(raw: bytes) -> None:
    """What is not JSON in UTF-8 is refused, and so is unlimited nesting."""
    with pytest.raises((ValueError, RecursionError)):
        read_json(raw)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@example(-(10**18) - 1)
@given(VALUES)
def test_both_readers_agree(value: Any) -> None:
    """The slow reader gives the same value for everything that the fast reader reads."""
    slow = json.dumps([value, "\ud800"]).encode()
    assert read_json(json.dumps(value).encode()) == read_json(slow)[0] == value
    assert read_json(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=40))
def test_no_bytes_do_harm(raw: bytes) -> None:
    """Any bytes give a value or a ValueError."""
    try:
        read_json(raw)
    except ValueError:
        return


SPITEFUL: Final[list[bytes]] = [
    b'\\"' * 500_000,
    b'"' + b'\\"' * 500_000,
    b'"\\' * 500_000,
    b'"' * 1_000_001,
    b"[" * 1_000_000,
    b'{"a":' * 200_000,
    b'["\\ud800",' + b"9" * 1_000_000 + b"]",
    b'["\\ud800",0.' + b"0" * 1_000_000 + b"1]",
    b'["\\ud800",' + b"1" * 1_000_000 + b"e-1000000]",
    b'"\\ud800' * 150_000,
]


@pytest.mark.parametrize("raw", SPITEFUL, ids=range(len(SPITEFUL)))
def test_a_spiteful_record_takes_no_longer_than_its_length(raw: bytes) -> None:
    """R13: the next event is not held up: a mebibyte made to be slow is read or refused within a second."""
    began = time.process_time()
    with contextlib.suppress(ValueError):
        read_json(raw)
    assert time.process_time() - began < 1
