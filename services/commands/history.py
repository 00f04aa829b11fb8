"""The log of a world that is not live, written at any speed: each record has the time its country logged it at."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.adapters.log_reader import Log
from services.adapters.settings import Settings
from services.adapters.topic_admin import TopicsError
from services.adapters.topics import Topics, create_topics
from services.adapters.wire import Wire, encode, key_of
from services.commands.by_kafka import KafkaSender, Record
from services.commands.outcome import Outcome
from services.commands.pace import Pace
from services.commands.target import settings_of, wire_of
from services.domain.events import Event
from services.local.trouble import Trouble
from services.local.worlds import checked

# As fast as it goes: no clock is looked at
_AT_ONCE: Final = Pace(None, lambda: 0.0)


def settings_for(data: Path | None, name: str) -> Settings:
    """Return the settings of a world beside the running instance, or beside what the environment names. Raises Trouble."""
    return settings_of(data, "kafka").model_copy(update={"prefix": checked(name)})


@dataclass(frozen=True, slots=True)
class History:
    """The log of one world: its two truth topics and its dead letters."""

    settings: Settings
    wire: Wire

    @classmethod
    def of(cls, settings: Settings) -> "History":
        """Make it."""
        return cls(settings, wire_of(settings))

    @property
    def topics(self) -> Topics:
        """The names of its topics."""
        return Topics(self.settings.prefix)

    async def begin(self) -> None:
        """Make its topics where they are missing. Raises Trouble."""
        try:
            await create_topics(self.settings.brokers, self.settings.prefix, self.settings.partitions)
        except TopicsError as wrong:
            raise Trouble(str(wrong)) from wrong

    async def size(self) -> int:
        """Count the records of its truth topics; LogUnavailableError."""
        total = 0
        for topic in (self.topics.bed_events, self.topics.demand_events):
            async with Log(self.settings.brokers, topic) as log:
                total += sum(each.end - each.start for each in (await log.ends(range(self.settings.partitions))).values())
        return total

    def record(self, event: Event, at: int) -> Record:
        """Make the record of an event that was logged at an instant (ms)."""
        return Record(self.topics.truth(self.wire.topic_of(event)), key_of(event).encode(), encode(event), at)

    async def append(self, records: Iterable[Record], advance: Callable[[int], None], outcome: Outcome) -> None:
        """Append records in order, all acknowledged. Raises Trouble when that does not happen."""
        await KafkaSender(self.settings.brokers, _AT_ONCE, advance, outcome).send(records)
