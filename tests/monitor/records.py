"""Records as a Kafka client has them, made of bytes."""

from dataclasses import dataclass

HOUR = 3_600_000
# The last hour of January 2023, in UTC
JANUARY = 1_675_206_000_000


@dataclass(slots=True)
class MadeRecord:
    """One record of the log."""

    offset: int
    timestamp: int
    key: bytes | None = b"berk"
    value: bytes | None = b"{}"


def run(start: int, count: int, timestamp: int = JANUARY, every: int = 1_000) -> list[MadeRecord]:
    """Make records that follow on each other."""
    return [MadeRecord(start + number, timestamp + number * every, value=b"%d" % (start + number)) for number in range(count)]
