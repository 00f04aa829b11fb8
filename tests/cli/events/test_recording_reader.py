"""Recordings: the bytes of a line, and the message for a malformed one."""

import io
from pathlib import Path

import pytest

from services.cli.events.recording_reader import RecordedLine, Recording, open_recording, parse_line, split_members
from services.local.user_error import UserError

EVENT = '{"specversion":"1.0","id":"x"}'


def parsed(text: str) -> tuple[bytes | None, bytes | None, bool, bool]:
    """Return key and value of a line, whether it named its key, and whether it may go in a batch."""
    line = parse_line(1, text)
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
    """Numbers, spaces, escapes and repeated members of an event stay as they are in the file."""
    assert parsed(text) == (key, value, keyed, whole)


def test_the_time_of_a_record_is_kept() -> None:
    """`ts` in seconds is the timestamp in milliseconds, for topics that take it."""
    assert parse_line(1, '{"key":"a","event":{},"ts":1772409600.25}').timestamp == 1_772_409_600_250
    assert parse_line(1, '{"key":"a","event":{},"ts":7}').timestamp == 7_000


@pytest.mark.parametrize(
    "file",
    [
        '{"a":1}\n{"key":"k","event":{"b": 2}}\n',
        '\ufeff{"a":1}\r\n\r\n{"key":"k","event":{"b": 2}}',
        '[{"a":1},{"key":"k","event":{"b": 2}}]',
        '\ufeff\r\n[\r\n  {"a":1}\r\n  , {"key":"k","event":{"b": 2}}\r\n]\r\n',
    ],
)
def test_a_mark_carriage_returns_and_an_array_are_taken(file: str) -> None:
    """A byte order mark, CRLF and a JSON array give the same lines, each with its bytes as they stand."""
    tape = Recording(io.BytesIO(file.encode()), "some.json")
    assert tape.check() == 2
    assert [(line.key, line.value) for line in tape] == [(None, b'{"a":1}'), (b"k", b'{"b": 2}')]


@pytest.mark.parametrize("file", ["[]", " [ ] ", "", "\ufeff", "\r\n"])
def test_a_file_may_have_no_lines(file: str) -> None:
    """An empty array and an empty file have none."""
    assert Recording(io.BytesIO(file.encode()), "some.json").check() == 0


@pytest.mark.parametrize(
    ("file", "fault"),
    [
        ('[{"a":1},]', "element 1: no comma"),
        ('[{"a":1} {"b":2}]', "element 1: no comma"),
        ('[{"a":1}', "element 1: no comma"),
        ('[{"a":1},7]', "element 2: not a JSON object"),
        ('[{"a":1}] x', "element 1: more than one JSON array"),
        ("[" * 5_000, "element 1: nested too deeply"),
        ("[", "element 1: not JSON"),
    ],
)
def test_a_malformed_array_is_named(file: str, fault: str) -> None:
    """A malformed array ends the command with the number of the element and what is wrong, and nothing was sent."""
    with pytest.raises(UserError) as error:
        Recording(io.BytesIO(file.encode()), "some.json").check()
    assert fault in str(error.value)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x", "not a JSON object"),
        ("[1]", "not a JSON object"),
        ('{"key":"a","event":{}', "not a JSON object"),
        ('{"key":"a","event":}', "not JSON from column 20 on"),
        ('{"a":1}{"b":2}', "more than one JSON object"),
        ('{"a":1} x', "more than one JSON object"),
        ('{"key":"a"}', "a line of a recording has one of"),
        ('{"event":{}}', "a line of a recording has one of"),
        ('{"key":"a","event":{},"raw":"x"}', "a line of a recording has one of"),
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
def test_a_malformed_line_is_named(text: str, fault: str) -> None:
    """A malformed line ends the command with the file, the number of the line, empty ones counted, and what is wrong."""
    tape = Recording(io.BytesIO(f"{EVENT}\n\n{text}\n".encode()), "some.jsonl")
    with pytest.raises(UserError, match=r"some\.jsonl, line 3: ") as error:
        tape.check()
    assert fault in str(error.value)
    assert str(error.value).endswith("Nothing was sent")
    assert error.value.code == 2


def test_bytes_that_are_no_text_are_a_bad_line() -> None:
    """A line that is not UTF-8 is malformed: other bytes stand in a tape as hexadecimal."""
    with pytest.raises(UserError, match="line 1: not UTF-8 text"):
        Recording(io.BytesIO(b'{"key":"\xff"}\n'), "x").check()


def test_a_recording_can_be_read_again(tmp_path: Path) -> None:
    """A recording is checked to its end, and then read again from its start."""
    path = tmp_path / "tape"
    path.write_text(f'{EVENT}\n\n{{"key":"a","raw":"x"}}', "utf-8")
    with open_recording(str(path)) as tape:
        assert tape.check() == 2
        assert [line.number for line in tape] == [1, 3]
        assert next(iter(tape)) == RecordedLine(1, None, EVENT.encode(), keyed=False, whole=True)


def test_a_missing_file_is_one_line() -> None:
    """A file that can't be read ends the command with one line and exit code 2."""
    with pytest.raises(UserError, match="nowhere can't be read: No such file"), open_recording("/nowhere"):
        pass


def test_a_repeated_member_is_the_last() -> None:
    """Of a repeated member the last counts, as the contract has it."""
    assert split_members('{"a":1,"a":2}') == {"a": (2.0, "2")}
