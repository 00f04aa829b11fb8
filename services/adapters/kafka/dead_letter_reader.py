"""Dead letters as they stand in their topic: the source of each, and why it was refused. Their bytes may hold anything."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from services.adapters import rfc3339

# A longer offset or reason was not written by Plek
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter. `time` is that of the broker (ms); the other texts come from its headers, and are safe to print."""

    time: int
    reason: str
    topic: str
    partition: str
    offset: str
    key: bytes | None
    value: bytes | None

    def line(self, *, with_bytes: bool) -> str:
        """Return the letter as a line for a user."""
        line = f"{rfc3339.show_ms(self.time)}  {self.reason:<22} {self.topic}/{self.partition}@{self.offset}"
        return f"{line}  {_printable(self.key)}  {_printable(self.value)}" if with_bytes else line

    def document(self, *, with_bytes: bool) -> dict[str, Any]:
        """Return the letter as JSON; with its bytes it is a line of a recording, which `plek emit` can send again."""
        document: dict[str, Any] = {"time": rfc3339.show_ms(self.time), "reason": self.reason, "topic": self.topic}
        document |= {"partition": _number(self.partition), "offset": _number(self.offset)}
        return {**document, **_bytes_member("key", self.key), **_bytes_member("raw", self.value)} if with_bytes else document


def read_letter(record: Any) -> Letter:
    """Return the letter of a record of the topic; its headers may have been written by any program."""
    headers = {name: value for name, value in record.headers or () if value is not None}
    reason, topic, partition, offset = (_header(headers.get(name)) for name in ("reason", "topic", "partition", "offset"))
    return Letter(record.timestamp, reason, topic, partition, offset, record.key, record.value)


def latest(letters: Iterable[Letter], limit: int) -> list[Letter]:
    """Return the last letters in the order of their times."""
    return sorted(letters, key=lambda letter: letter.time)[-limit:] if limit else []


def _header(value: bytes | None) -> str:
    return "unknown" if value is None else _printable(value)[:_LONGEST]


def _printable(value: bytes | None) -> str:
    """Return bytes as text in which a terminal finds no command."""
    if value is None:
        return "none"
    text = value.decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _bytes_member(name: str, value: bytes | None) -> dict[str, str | None]:
    """Return bytes as a line of a recording has them."""
    try:
        return {name: None if value is None else value.decode()}
    except UnicodeDecodeError:
        return {f"{name}_hex": (value or b"").hex()}


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() else text
