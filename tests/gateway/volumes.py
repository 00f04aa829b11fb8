"""The count of events a day over a log and a view in memory."""

from pathlib import Path

from services.adapters.alerts.alert_sender import QUEUE, AlertSender
from services.adapters.auth.rate_limits import MemoryRates, Rates
from services.adapters.clock import now_ms, seconds
from services.adapters.durable_log import DurableLog
from services.adapters.kafka.topics import Topics
from services.adapters.observability.metrics import Metrics
from services.adapters.outbox import Outbox
from services.gateway.event_volume import EventVolume
from tests.audited import Audited
from tests.folded import Folded
from tests.twins.memory_log import MemoryLog


def volume_over(
    log: MemoryLog, folded: Folded, audited: Audited, folder: Path, most: int = 5_000, rates: Rates | None = None
) -> EventVolume:
    """Make the count of one gateway; several share `rates`."""
    metrics = Metrics()
    return EventVolume(
        rates=rates or MemoryRates(seconds),
        sender=AlertSender(Topics("plek"), DurableLog(log, Outbox(folder, log, metrics, name=QUEUE))),
        audit=audited.writer,
        view=folded.view,
        partitions=12,
        oldest_ms=60_000,
        most=most,
        now=now_ms,
        metrics=metrics,
    )
