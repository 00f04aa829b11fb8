"""What appending to the log promises, whoever keeps it: in order, acknowledged or an error, nothing in between."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class LogUnavailableError(Exception):
    """The log did not acknowledge in time: what was handed over may be there, or not. To send it again does no harm (R1)."""


class TooLargeError(Exception):
    """A record is larger than the log takes; nothing was appended."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is appended: bytes, to a topic, under a key that decides its partition."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands in its topic."""

    partition: int
    offset: int


class AppendableLog(Protocol):
    """What the gateway appends to."""

    @property
    def ready(self) -> bool:
        """Say whether the log answers."""

    async def append(self, records: Sequence[Record]) -> list[Place]:
        """Append in order, and tell where each stands once all are acknowledged; LogUnavailableError, TooLargeError."""
