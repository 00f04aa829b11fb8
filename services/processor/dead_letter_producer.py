"""Sends refused records to the dead letters: acknowledged before the fence counts them."""

from collections.abc import Sequence

from services.adapters.codec.event_codec import RefusedEvent
from services.adapters.kafka.dead_letters import Received, dead_letter, log_refused
from services.adapters.kafka.ports import AppendableLog
from services.adapters.observability.metrics import Metrics


class DeadLetterProducer:
    """Appends to the dead letters of one data set."""

    def __init__(self, log: AppendableLog, topic: str, metrics: Metrics) -> None:
        self._log, self._topic, self._metrics = log, topic, metrics

    async def send(self, refused: Sequence[tuple[Received, RefusedEvent]]) -> None:
        """Append refused records; raise LogUnavailableError when they were not all acknowledged."""
        await self._log.append([dead_letter(self._topic, record, why.reason) for record, why in refused])
        log_refused((record, why.reason) for record, why in refused)
        for record, why in refused:
            self._metrics.count("plek_dead_letters_total", topic=record.topic, reason=why.reason)
