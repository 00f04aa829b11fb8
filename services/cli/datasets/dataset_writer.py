"""The log of a world that is not live, written at any speed: each record has the time at which its country logged it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from services.adapters.codec.event_codec import EventCodec, encode, key_of
from services.adapters.config.settings import Settings
from services.adapters.kafka.log_reader import Log
from services.adapters.kafka.topic_admin import TopicsError
from services.adapters.kafka.topics import Topics, create_topics
from services.cli.clients.connection import event_codec, settings_of
from services.cli.events.kafka_sender import KafkaSender, SentRecord
from services.cli.events.send_summary import SendSummary
from services.cli.events.throttle import Throttle
from services.domain.events.catalog import Event
from services.local.dataset_directory import checked_name
from services.local.user_error import UserError

_UNLIMITED: Final = Throttle(None, lambda: 0.0)


def settings_of_world(data: Path | None, name: str) -> Settings:
    """Return the settings of a world beside the running instance, or beside what the environment names. Raises UserError."""
    return settings_of(data, "kafka").model_copy(update={"prefix": checked_name(name)})


@dataclass(frozen=True, slots=True)
class DatasetWriter:
    """The log of one world: its two truth topics and its dead letters."""

    settings: Settings
    codec: EventCodec

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Return the writer of the world of these settings."""
        return cls(settings, event_codec(settings))

    @property
    def topics(self) -> Topics:
        """The names of its topics."""
        return Topics(self.settings.prefix)

    async def make_topics(self) -> None:
        """Make its topics where they are missing. Raises UserError."""
        try:
            await create_topics(self.settings.brokers, self.settings.prefix, self.settings.partitions)
        except TopicsError as error:
            raise UserError(str(error)) from error

    async def count_records(self) -> int:
        """Return the number of records in its truth topics. Raises LogUnavailableError."""
        total = 0
        for topic in (self.topics.bed_events, self.topics.demand_events):
            async with Log(self.settings.brokers, topic) as log:
                total += sum(bounds.end - bounds.start for bounds in (await log.ends(range(self.settings.partitions))).values())
        return total

    def record(self, event: Event, at: int) -> SentRecord:
        """Return the record of an event that was logged at an instant (ms)."""
        return SentRecord(self.topics.truth(self.codec.topic_of(event)), key_of(event).encode(), encode(event), at)

    async def append(self, records: Iterable[SentRecord], advance: Callable[[int], None], summary: SendSummary) -> None:
        """Append records in order, and wait until all are acknowledged. Raises UserError where they are not."""
        await KafkaSender(self.settings.brokers, _UNLIMITED, advance, summary).send(records)
