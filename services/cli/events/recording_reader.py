"""Recordings: a JSON object a line, each with its bytes exactly as they stand in the file. No event is checked here.

A JSON array of such objects is taken too, and a byte order mark and carriage returns, as programs on Windows write them.

A line of a recording has `{"key": …, "event": {…}}`, or `"raw": "…"` for bytes that are no event; `key_hex` and `raw_hex` hold bytes that
are no UTF-8, and null is none at all. `ts` is the time of the record in seconds, for topics that take it. A line without all these is an
event.
"""

import json
import re
import shutil
import sys
import tempfile
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from services.local.user_error import UserError

# Standard input is kept, so that it can be checked to its end before anything is sent: in memory up to this size
_SPOOL_BYTES: Final = 64 * 2**20
# More than a mark and the empty lines that a program writes before an array
_HEAD_BYTES: Final = 1_024
_LINE_MEMBERS: Final = frozenset({"key", "key_hex", "event", "raw", "raw_hex"})
_NAME: Final = re.compile(r'[ \t\r\n]*("(?:[^"\\]|\\.)*")[ \t\r\n]*:[ \t\r\n]*')
_NEXT: Final = re.compile(r"[ \t\r\n]*([,}])[ \t\r\n]*")
_FIRST: Final = re.compile(r"[ \t\r\n]*\[[ \t\r\n]*")
# Before the bracket that ends the array nothing is taken
_NEXT_ELEMENT: Final = re.compile(r"[ \t\r\n]*(?:,[ \t\r\n]*(?=[^\]])|(?=\]))")
_END: Final = re.compile(r"[ \t\r\n]*$")
_EMPTY: Final = re.compile(r"\{[ \t\r\n]*\}")
# Numbers are not read, and Python refuses to make an integer of very many digits
_DECODE: Final = json.JSONDecoder(parse_int=float).raw_decode


@dataclass(frozen=True, slots=True)
class RecordedLine:
    """One record to send. `keyed`: the line named its key. `whole`: its value is one JSON object, so it may go in a batch."""

    number: int
    key: bytes | None
    value: bytes | None
    keyed: bool
    whole: bool
    timestamp: int | None = None


class Recording:
    """The lines of a file, which can be read more than once."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file, self._name = file, name

    def __iter__(self) -> Iterator[RecordedLine]:
        """Yield the lines from the start. Raises UserError at a malformed one."""
        self._file.seek(0)
        head = self._file.read(_HEAD_BYTES)
        start = len(BOM_UTF8) if head.startswith(BOM_UTF8) else 0
        self._file.seek(start)
        if head[start:].lstrip().startswith(b"["):
            yield from self._elements()
            return
        for number, text in enumerate(self._file, 1):
            if text.strip():
                yield self._parse(number, text)

    def _elements(self) -> Iterator[RecordedLine]:
        """Yield the elements of an array, each with the text it stands in."""
        number = 0
        try:
            text = self._file.read().decode()
            at = _after(_FIRST, text, 0)
            while not text.startswith("]", at):
                number += 1
                _, end = _DECODE(text, at)
                yield parse_line(number, text[at:end])
                at = _after(_NEXT_ELEMENT, text, end)
            _after(_END, text, at + 1)
        except (ValueError, RecursionError) as error:
            raise UserError(f"{self._name}, element {number}: {_fault(error)}. Nothing was sent", code=2) from error

    def check(self) -> int:
        """Read to the end, and return the number of lines. Raises UserError at the first malformed one, so that no half is sent."""
        return sum(1 for _ in self)

    def _parse(self, number: int, text: bytes) -> RecordedLine:
        try:
            return parse_line(number, text.decode().strip())
        except (ValueError, RecursionError) as error:
            raise UserError(f"{self._name}, line {number}: {_fault(error)}. Nothing was sent", code=2) from error


@contextmanager
def open_recording(name: str) -> Iterator[Recording]:
    """Yield the recording of a file, or of standard input for `-`. Raises UserError when it can't be opened."""
    if name == "-":
        with tempfile.SpooledTemporaryFile(_SPOOL_BYTES) as spool:
            shutil.copyfileobj(sys.stdin.buffer, spool)
            yield Recording(spool, "standard input")
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115  closed below: only a failure to open it becomes a UserError
    except OSError as error:
        raise UserError(f"{name} can't be read: {error.strerror}", code=2) from error
    with file:
        yield Recording(file, name)


def parse_line(number: int, text: str) -> RecordedLine:
    """Return one line. Raises ValueError with one clear sentence when it is neither an event nor a line of a recording."""
    members = split_members(text)
    if "specversion" in members or not _LINE_MEMBERS & members.keys():
        return RecordedLine(number, None, text.encode(), keyed=False, whole=True)
    values = [name for name in ("event", "raw", "raw_hex") if name in members]
    keys = [name for name in ("key", "key_hex") if name in members]
    if len(values) != 1 or len(keys) != 1:
        raise ValueError('a line of a recording has one of "key" and "key_hex", and one of "event", "raw" and "raw_hex"')
    key, value = (_to_bytes(name, *members[name]) for name in (keys[0], values[0]))
    timestamp = _to_timestamp(members["ts"][0]) if "ts" in members else None
    return RecordedLine(number, key, value, keyed=True, whole=values[0] == "event", timestamp=timestamp)


def split_members(text: str) -> dict[str, tuple[Any, str]]:
    """Return the members of a JSON object, each as value and as the text it stands in; of a repeated one the last.

    Raises ValueError when it is no JSON object.
    """
    if not text.startswith("{"):
        raise ValueError("not a JSON object")
    if _EMPTY.fullmatch(text):
        return {}
    members: dict[str, tuple[Any, str]] = {}
    at, separator = 1, ","
    while separator == ",":
        name = _NAME.match(text, at)
        if name is None:
            raise ValueError("not a JSON object")
        value, end = _DECODE(text, name.end())
        members[json.loads(name[1])] = (value, text[name.end() : end])
        following = _NEXT.match(text, end)
        if following is None:
            raise ValueError("not a JSON object")
        at, separator = following.end(), following[1]
    if at != len(text):
        raise ValueError("more than one JSON object")
    return members


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Return where what stands between the elements of an array ends. Raises ValueError when something else stands there."""
    found = pattern.match(text, at)
    if found is None:
        raise ValueError("more than one JSON array" if pattern is _END else "no comma and no end of the array after it")
    return found.end()


def _to_bytes(name: str, value: Any, text: str) -> bytes | None:
    if name == "event":
        if type(value) is not dict:
            raise ValueError('"event" is no JSON object: for other bytes there is "raw"')
        return text.encode()
    if value is None:
        return None
    if type(value) is not str:
        raise ValueError(f'"{name}" is no text')
    return bytes.fromhex(value) if name.endswith("_hex") else value.encode()


def _to_timestamp(value: Any) -> int | None:
    if value is None:
        return None
    if type(value) is not float or not 0 <= value < 2**40:
        raise ValueError('"ts" is no number of seconds since 1970')
    return round(value * 1_000)


def _fault(error: ValueError | RecursionError) -> str:
    """Return what is wrong, without a part of the line: the message of the JSON reader repeats it."""
    match error:
        case RecursionError():
            return "nested too deeply"
        case UnicodeDecodeError():
            return "not UTF-8 text"
        case UnicodeEncodeError():
            return 'half a surrogate is no bytes: write them as "raw_hex"'
        case json.JSONDecodeError():
            return f"not JSON from column {error.pos + 1} on"
    return "not hexadecimal" if "fromhex" in str(error) else str(error)
