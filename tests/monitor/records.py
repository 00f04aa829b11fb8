"""Records as a Kafka client hands them over, made of bytes."""

from dataclasses import dataclass

HOUR = 3_600_000
# The last hour of January 2023, in UTC
JANUARY = 1_675_206_000_000


@dataclass(frozen=True, slots=True)
class Made:
    """One record of the log."""

    offset: int
    timestamp: int
    key: bytes | None = b"berk"
    value: bytes | None = b"{}"


def run(start: int, count: int, timestamp: int = JANUARY, every: int = 1_000) -> list[Made]:
    """Make records that follow on each other."""
    return [Made(start + number, timestamp + number * every, value=b"%d" % (start + number)) for number in range(count)]
