"""The alerts of the last 90 days, for the coordinators of their regions. An alert holds no name and no pseudonym.

Every API process follows the compacted topic `plek.alarms`, which survives a wiped Redis, and keeps its alerts in memory. An alert that was
raised in a process is listed and sent to its subscribers there at once, also while Kafka is away; the others have it within a second.

What happens repeatedly (broken glass of a person within an hour) is one alert with one `id`: it is in the list once, in its latest state,
and subscribers are notified at the first and then at most once a minute.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from services.adapters.alerts.alert_record import Alert, decode_alert
from services.adapters.alerts.alert_sender import AlertSender
from services.adapters.clock import Clock
from services.adapters.kafka.compacted_topic import FollowedTopic, KeyedRecord
from services.api.limits.alert_table import AlertTable, Notified

Notify = Callable[[Sequence[Alert]], None]


def _drop(_: Sequence[Alert]) -> None:
    """Notify of nothing: there is no subscriber yet."""


@dataclass(slots=True, kw_only=True)
class AlertLog:
    """The alerts that one process knows: those of the topic, and those it raised itself."""

    topic: FollowedTopic
    sender: AlertSender
    now: Clock
    notify: Notify = _drop
    """Called with every new alert."""
    _table: AlertTable = field(default_factory=AlertTable)
    _notified: Notified = field(default_factory=Notified)

    def __post_init__(self) -> None:
        self.topic.listen(self._hear)

    @property
    def complete(self) -> bool:
        """Return whether the topic was read to its end."""
        return self.topic.ready

    async def add(self, alert: Alert) -> None:
        """Keep an alert, notify of it, and make it durable; never refused."""
        self._take(alert, is_news=True)
        await self.sender.send(alert)

    def newest(self, regions: frozenset[str] | None = None) -> list[Alert]:
        """Return the alerts of some regions, or all, the newest first."""
        return self._table.newest(regions, self.now())

    def _hear(self, record: KeyedRecord) -> None:
        alert = decode_alert(record.value)
        if alert:  # what was there before this process followed is listed, and no news
            self._take(alert, is_news=record.is_new)

    def _take(self, alert: Alert, *, is_news: bool) -> None:
        if self._table.take(alert) and is_news and self._notified.is_news(alert):
            self.notify([alert])
