"""Records of an intake topic."""

from collections.abc import Sequence
from dataclasses import dataclass

TOPIC = "plek.intake.org-1"


@dataclass
class Row:
    """A record as a Kafka client hands it over."""

    key: bytes | None
    value: bytes | None
    offset: int
    topic: str = TOPIC
    headers: Sequence[tuple[str, bytes | None]] = ()
    partition: int = 0
    timestamp: int = 1_700_000_000_000
