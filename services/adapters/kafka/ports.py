"""What every log guarantees of an append: in order, acknowledged or an error, nothing in between."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class LogUnavailableError(Exception):
    """The log did not acknowledge in time: the records may be there, or not. Sending them again changes nothing (R1)."""


class TooLargeError(Exception):
    """A record is larger than the log accepts; nothing was appended."""


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A record to append: its topic, its key, which decides the partition, its value and headers."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class LogPosition(NamedTuple):
    """The position of a record in its topic."""

    partition: int
    offset: int


def largest_offsets(positions: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Return the largest offset of each partition among positions (partition, offset)."""
    largest: dict[int, int] = {}
    for partition, offset in positions:
        largest[partition] = max(offset, largest.get(partition, 0))
    return largest


class AppendableLog(Protocol):
    """A log that records are appended to."""

    @property
    def ready(self) -> bool:
        """Whether the log answers."""

    async def append(self, records: Sequence[LogRecord]) -> list[LogPosition]:
        """Append in order, and return the position of each once all are acknowledged; LogUnavailableError, TooLargeError."""
