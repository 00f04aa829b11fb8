"""Tapes and plain events: a JSON object a line, its bytes handed on exactly as they stand there. Nothing of an event is judged here.

A tape has `{"key": …, "event": {…}}`, or `"raw": "…"` for bytes that are no event; `key_hex` and `raw_hex` hold bytes that are no text,
a null is none at all. `ts` is the time of the record in seconds, for topics that take it. A line without all these is an event.
"""

import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from services.local.trouble import Trouble

# Standard input is kept, to be checked to its end before anything is sent: in memory up to this size
_SPOOL_BYTES = 64 * 2**20
_OF_A_TAPE = frozenset({"key", "key_hex", "event", "raw", "raw_hex"})
_NAME = re.compile(r'[ \t\r\n]*("(?:[^"\\]|\\.)*")[ \t\r\n]*:[ \t\r\n]*')
_NEXT = re.compile(r"[ \t\r\n]*([,}])[ \t\r\n]*")
_EMPTY = re.compile(r"\{[ \t\r\n]*\}")
# Numbers are not looked at, and Python refuses to make a whole number of very many digits
_DECODE = json.JSONDecoder(parse_int=float).raw_decode


@dataclass(frozen=True, slots=True)
class Line:
    """One record to send. `keyed` says that the line named its key; `whole` that its value is one JSON object, fit for a batch."""

    number: int
    key: bytes | None
    value: bytes | None
    keyed: bool
    whole: bool
    timestamp: int | None = None


class Tape:
    """The lines of a file, to be read more than once."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file, self._name = file, name

    def __iter__(self) -> Iterator[Line]:
        """Read from the start; Trouble at a line that is none."""
        self._file.seek(0)
        for number, text in enumerate(self._file, 1):
            if text.strip():
                yield self._line(number, text)

    def check(self) -> int:
        """Read to the end and count the lines; Trouble at the first that is none, so that nothing is half sent."""
        return sum(1 for _ in self)

    def _line(self, number: int, text: bytes) -> Line:
        try:
            return read_line(number, text.decode().strip())
        except UnicodeDecodeError as wrong:
            raise Trouble(f"{self._name}, line {number}: not UTF-8 text. Nothing was sent", code=2) from wrong
        except (ValueError, RecursionError) as wrong:
            what = "nested too deeply" if isinstance(wrong, RecursionError) else _words(wrong)
            raise Trouble(f"{self._name}, line {number}: {what}. Nothing was sent", code=2) from wrong


@contextmanager
def opened(name: str) -> Iterator[Tape]:
    """Open a file, or standard input for `-`. Raises Trouble when that can't be done."""
    if name == "-":
        with tempfile.SpooledTemporaryFile(_SPOOL_BYTES) as spool:
            shutil.copyfileobj(sys.stdin.buffer, spool)
            yield Tape(spool, "standard input")
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115  closed below: only a failure to open it is told here
    except OSError as wrong:
        raise Trouble(f"{name} can't be read: {wrong.strerror}", code=2) from wrong
    with file:
        yield Tape(file, name)


def read_line(number: int, text: str) -> Line:
    """Read one line; ValueError with one clear sentence when it is neither an event nor a line of a tape."""
    found = members(text)
    if "specversion" in found or not _OF_A_TAPE & found.keys():
        return Line(number, None, text.encode(), keyed=False, whole=True)
    values = [name for name in ("event", "raw", "raw_hex") if name in found]
    keys = [name for name in ("key", "key_hex") if name in found]
    if len(values) != 1 or len(keys) != 1:
        raise ValueError('a line of a tape has one of "key" and "key_hex", and one of "event", "raw" and "raw_hex"')
    key = _bytes(keys[0], *found[keys[0]])
    value = _bytes(values[0], *found[values[0]])
    return Line(number, key, value, keyed=True, whole=values[0] == "event", timestamp=_timestamp(*found.get("ts", (None, ""))))


def members(text: str) -> dict[str, tuple[Any, str]]:
    """Read the members of a JSON object, each with the text it was written as; of a repeated one the last. ValueError if it is none."""
    if not text.startswith("{"):
        raise ValueError("not a JSON object")
    if _EMPTY.fullmatch(text):
        return {}
    found: dict[str, tuple[Any, str]] = {}
    at, mark = 1, ","
    while mark == ",":
        name = _NAME.match(text, at)
        if name is None:
            raise ValueError("not a JSON object")
        value, end = _DECODE(text, name.end())
        found[json.loads(name[1])] = (value, text[name.end() : end])
        following = _NEXT.match(text, end)
        if following is None:
            raise ValueError("not a JSON object")
        at, mark = following.end(), following[1]
    if at != len(text):
        raise ValueError("more than one JSON object")
    return found


def _bytes(name: str, value: Any, written: str) -> bytes | None:
    if name == "event":
        if type(value) is not dict:
            raise ValueError('"event" is no JSON object: for other bytes there is "raw"')
        return written.encode()
    if value is None:
        return None
    if type(value) is not str:
        raise ValueError(f'"{name}" is no text')
    if name.endswith("_hex"):
        return bytes.fromhex(value)
    return value.encode()


def _timestamp(value: Any, _written: str) -> int | None:
    if value is None:
        return None
    if type(value) is not float or not 0 <= value < 2**40:
        raise ValueError('"ts" is no number of seconds since 1970')
    return round(value * 1_000)


def _words(wrong: ValueError) -> str:
    """Say what is wrong in words of ours; those of the JSON reader repeat nothing of the line."""
    if isinstance(wrong, UnicodeEncodeError):
        return 'half a surrogate is no bytes: write them as "raw_hex"'
    if isinstance(wrong, json.JSONDecodeError):
        return f"not JSON from column {wrong.pos + 1} on"
    return "not hexadecimal" if "fromhex" in str(wrong) else str(wrong)
