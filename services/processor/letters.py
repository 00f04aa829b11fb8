"""Sends what the fold refused to the dead letters, acknowledged before the fence counts it."""

from collections.abc import Sequence

from services.adapters.dead_letters import Received, dead_letter
from services.adapters.log_port import AppendableLog
from services.adapters.metrics import Metrics
from services.adapters.wire import Refused


class DeadLetters:
    """The dead letters of one world."""

    def __init__(self, log: AppendableLog, topic: str, metrics: Metrics) -> None:
        self._log, self._topic, self._metrics = log, topic, metrics

    async def send(self, refused: Sequence[tuple[Received, Refused]]) -> None:
        """Append them; LogUnavailableError when they were not all acknowledged."""
        await self._log.append([dead_letter(self._topic, record, why.reason) for record, why in refused])
        for record, why in refused:
            self._metrics.count("plek_dead_letters_total", topic=record.topic, reason=why.reason)
