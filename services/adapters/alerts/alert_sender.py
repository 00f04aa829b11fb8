"""Appends alerts to `plek.alarms`, or to the outbox on disk while Kafka is away: what was acknowledged to a caller is not lost."""

import logging
from dataclasses import dataclass

from services.adapters.alerts.alert_record import Alert, encode_alert
from services.adapters.durable_log import DurableLog
from services.adapters.kafka.ports import LogRecord
from services.adapters.kafka.topics import Topics
from services.adapters.outbox import OutboxError

_log = logging.getLogger(__name__)

QUEUE = "alarms"
"""The queue of the outbox: demand that waits must not wait behind alerts, nor make a case uncertain."""


@dataclass(frozen=True, slots=True)
class AlertSender:
    """Sends the alerts of one process."""

    topics: Topics
    durable: DurableLog

    async def send(self, alert: Alert) -> None:
        """Append an alert, or queue it on disk; never refused. Where the disk takes nothing either, the audit log alone has it."""
        try:
            await self.durable.append_or_queue([LogRecord(self.topics.alarms, alert.id.encode(), encode_alert(alert))])
        except OutboxError:
            _log.error("neither the log nor the disk takes an alert")
