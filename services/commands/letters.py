"""Dead letters as they stand in their topic: where each came from, and why it was refused. Its bytes may hold anything."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from services.adapters import instants

# A number too long to be an offset, a reason too long to be one of ours: somebody else wrote it
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class Letter:
    """One of them. `time` is that of the broker (ms), the others are headers, as text that is safe to print."""

    time: int
    reason: str
    topic: str
    partition: str
    offset: str
    key: bytes | None
    value: bytes | None

    def line(self, *, with_bytes: bool) -> str:
        """Write it as a line for people."""
        told = f"{instants.show(self.time * instants.NS_PER_MS)}  {self.reason:<22} {self.topic}/{self.partition}@{self.offset}"
        return f"{told}  {_printable(self.key)}  {_printable(self.value)}" if with_bytes else told

    def document(self, *, with_bytes: bool) -> dict[str, Any]:
        """Write it as JSON; with its bytes it is a line of a tape, which `plek emit` can send again."""
        place: dict[str, Any] = {"time": instants.show(self.time * instants.NS_PER_MS), "reason": self.reason, "topic": self.topic}
        place |= {"partition": _number(self.partition), "offset": _number(self.offset)}
        return {**place, **_member("key", self.key), **_member("raw", self.value)} if with_bytes else place


def letter(record: Any) -> Letter:
    """Read a record of the dead letters, whoever wrote it."""
    headers = {name: value for name, value in record.headers or () if value is not None}
    reason, topic, partition, offset = (_safe(headers.get(name)) for name in ("reason", "topic", "partition", "offset"))
    return Letter(record.timestamp, reason, topic, partition, offset, record.key, record.value)


def latest(letters: Iterable[Letter], limit: int) -> list[Letter]:
    """Return the latest of them in the order of their times."""
    return sorted(letters, key=lambda each: each.time)[-limit:] if limit else []


def _safe(header: bytes | None) -> str:
    return "unknown" if header is None else _printable(header)[:_LONGEST]


def _printable(value: bytes | None) -> str:
    """Escape whatever a terminal would obey."""
    if value is None:
        return "none"
    text = value.decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _member(name: str, value: bytes | None) -> dict[str, str | None]:
    """Write bytes as a line of a tape has them."""
    try:
        return {name: None if value is None else value.decode()}
    except UnicodeDecodeError:
        return {f"{name}_hex": (value or b"").hex()}


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() else text
