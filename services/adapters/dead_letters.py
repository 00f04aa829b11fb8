"""Dead letters (contract R13): the original key and bytes, with reason, topic, partition and offset as headers."""

from typing import Protocol

from services.adapters.checks import Code
from services.adapters.log_port import Record

# A record of the largest size a topic takes, with its headers, must still fit: one that could not be put aside would stop its partition.
LARGEST_BYTES = 2_097_152
# Only a topic that was not set up as ours are has larger ones. They are cut, not kept waiting: the whole stands where it was read.
_MOST_BYTES, _MOST_KEY_BYTES = 2_000_000, 1_000


class Received(Protocol):
    """A record as a Kafka client hands it over."""

    @property
    def topic(self) -> str:
        """Where it was read."""

    @property
    def partition(self) -> int:
        """Where it was read."""

    @property
    def offset(self) -> int:
        """Where it was read."""

    @property
    def key(self) -> bytes | None:
        """The key as it was sent."""

    @property
    def value(self) -> bytes | None:
        """The value as it was sent."""


def dead_letter(topic: str, received: Received, reason: Code) -> Record:
    """Make the dead letter of a record, for the topic of dead letters."""
    place: dict[str, str | int] = {"reason": reason, "topic": received.topic, "partition": received.partition, "offset": received.offset}
    key, value = received.key, received.value
    size = len(key or b"") + len(value or b"")
    if size > _MOST_BYTES:
        place["cut_from"] = size
        key = key and key[:_MOST_KEY_BYTES]
        value = value and value[: _MOST_BYTES - _MOST_KEY_BYTES]
    headers = tuple((name, str(said).encode()) for name, said in place.items())
    return Record(topic=topic, key=key, value=value, headers=headers)
