"""Tapes: what is read of a line, and what is said of one that can't be read."""

import io
from pathlib import Path

import pytest

from services.commands.tape import Line, Tape, members, opened, read_line
from services.local.trouble import Trouble

EVENT = '{"specversion":"1.0","id":"x"}'


def of(text: str) -> tuple[bytes | None, bytes | None, bool, bool]:
    """Read a line: its key and value, whether it named its key, whether it is fit for a batch."""
    line = read_line(1, text)
    return line.key, line.value, line.keyed, line.whole


@pytest.mark.parametrize(
    ("text", "key", "value", "keyed", "whole"),
    [
        ('{"key":"berk","event":{"a": 1}}', b"berk", b'{"a": 1}', True, True),
        ('{"event":{"a":1},"key":"berk","dead":true}', b"berk", b'{"a":1}', True, True),
        ('{ "key" : "berk" , "event" : {"n":1e2,"m":2.0,"n":1} }', b"berk", b'{"n":1e2,"m":2.0,"n":1}', True, True),
        ('{"key":"é","event":{"a":"é"}}', "é".encode(), '{"a":"é"}'.encode(), True, True),
        ('{"key":"berk","event":{"a":"\\ud800"}}', b"berk", b'{"a":"\\ud800"}', True, True),
        ('{"key":"berk","event":{"x":NaN}}', b"berk", b'{"x":NaN}', True, True),
        ('{"key":"berk","event":{"x":' + "9" * 5_000 + "}}", b"berk", b'{"x":' + b"9" * 5_000 + b"}", True, True),
        ('{"key":"berk","raw":"\\u0000}"}', b"berk", b"\x00}", True, False),
        ('{"key":"berk","raw":null}', b"berk", None, True, False),
        ('{"key":null,"raw_hex":"ff00"}', None, b"\xff\x00", True, False),
        ('{"key_hex":"ff","event":{}}', b"\xff", b"{}", True, True),
        (EVENT, None, EVENT.encode(), False, True),
        ('{"type":"x"}', None, b'{"type":"x"}', False, True),
        ('{"specversion":"1.0","key":"an extension","raw":7}', None, b'{"specversion":"1.0","key":"an extension","raw":7}', False, True),
        ("{}", None, b"{}", False, True),
    ],
)
def test_bytes_are_handed_on_as_they_stand(text: str, key: bytes | None, value: bytes | None, keyed: bool, whole: bool) -> None:  # noqa: FBT001
    """Neither numbers nor spaces, escapes or repeated members of an event are written anew."""
    assert of(text) == (key, value, keyed, whole)


def test_the_time_of_a_record_is_kept() -> None:
    """`ts` in seconds is the timestamp in milliseconds, for topics that take it."""
    assert read_line(1, '{"key":"a","event":{},"ts":1772409600.25}').timestamp == 1_772_409_600_250
    assert read_line(1, '{"key":"a","event":{},"ts":7}').timestamp == 7_000


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x", "not a JSON object"),
        ("[1]", "not a JSON object"),
        ('{"key":"a","event":{}', "not a JSON object"),
        ('{"key":"a","event":}', "not JSON from column 20 on"),
        ('{"a":1}{"b":2}', "more than one JSON object"),
        ('{"a":1} x', "more than one JSON object"),
        ('{"key":"a"}', "a line of a tape has one of"),
        ('{"event":{}}', "a line of a tape has one of"),
        ('{"key":"a","event":{},"raw":"x"}', "a line of a tape has one of"),
        ('{"key":"a","event":[]}', '"event" is no JSON object'),
        ('{"key":7,"event":{}}', '"key" is no text'),
        ('{"key":"a","raw":7}', '"raw" is no text'),
        ('{"key":"a","raw":"\\ud800"}', "half a surrogate"),
        ('{"key":"a","raw_hex":"xy"}', "not hexadecimal"),
        ('{"key":"a","event":{},"ts":"now"}', '"ts" is no number'),
        ('{"key":"a","event":{},"ts":-1}', '"ts" is no number'),
        ('{"x":' + "[" * 5_000 + "]" * 5_000 + "}", "nested too deeply"),
    ],
)
def test_a_bad_line_is_named(text: str, says: str) -> None:
    """One clear sentence with the file and the number of the line, which counts empty lines too."""
    tape = Tape(io.BytesIO(f"{EVENT}\n\n{text}\n".encode()), "some.jsonl")
    with pytest.raises(Trouble, match=r"some\.jsonl, line 3: ") as trouble:
        tape.check()
    assert says in str(trouble.value)
    assert str(trouble.value).endswith("Nothing was sent")
    assert trouble.value.code == 2


def test_bytes_that_are_no_text_are_a_bad_line() -> None:
    """A tape is UTF-8; bytes that are not stand in it as hexadecimal."""
    with pytest.raises(Trouble, match="line 1: not UTF-8 text"):
        Tape(io.BytesIO(b'{"key":"\xff"}\n'), "x").check()


def test_a_tape_is_read_as_often_as_wanted(tmp_path: Path) -> None:
    """It is checked to its end first, and read again to be sent."""
    path = tmp_path / "tape"
    path.write_text(f'{EVENT}\n\n{{"key":"a","raw":"x"}}', "utf-8")
    with opened(str(path)) as tape:
        assert tape.check() == 2
        assert [line.number for line in tape] == [1, 3]
        assert next(iter(tape)) == Line(1, None, EVENT.encode(), keyed=False, whole=True)


def test_a_file_that_is_not_there_is_said_in_one_line() -> None:
    """Not a traceback, and exit code 2."""
    with pytest.raises(Trouble, match="nowhere can't be read: No such file"), opened("/nowhere"):
        pass


def test_a_repeated_member_is_the_last() -> None:
    """As RFC 8259 leaves it and the contract says."""
    assert members('{"a":1,"a":2}') == {"a": (2.0, "2")}
