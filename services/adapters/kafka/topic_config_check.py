"""Checks the settings of the topics: no record is appended before they were right once, as an acknowledged record could be lost (ADR 18).

A setting that is changed while a service runs goes to its log and a metric, and stops nothing: what can't be appended is lost for certain.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.topic_admin import TopicsError
from services.adapters.kafka.topics import check_topics
from services.adapters.observability.metrics import Metrics

_log = logging.getLogger(__name__)

_AGAIN_S = 600.0
_RETRY_S = 5.0
# Before all is right for the first time, the service waits for it
_WAIT_S = 0.5


@dataclass(slots=True)
class TopicConfigCheck:
    """Checks at the start and every ten minutes; each fault is a line in the log."""

    brokers: KafkaConnection
    prefix: str
    partitions: int
    metrics: Metrics
    _passed: asyncio.Event = field(default_factory=asyncio.Event)
    _logged: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether the topics were right at one check since the start."""
        return self._passed.is_set()

    def before(self, work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """Return a task that runs `work` as soon as the topics are right, and never before."""

        async def waiting() -> None:
            await self._passed.wait()
            await work()

        return waiting

    async def run_forever(self) -> None:
        """Check until cancelled."""
        while True:
            faults = await self._check()
            if faults == []:
                self._passed.set()
            pause_s = _RETRY_S if faults is None else _AGAIN_S
            await asyncio.sleep(pause_s if self.passed else _WAIT_S)

    async def _check(self) -> list[str] | None:
        """Return the faults; None without Kafka."""
        try:
            faults = await check_topics(self.brokers, self.prefix, self.partitions)
        except TopicsError:
            return None
        self.metrics.set("plek_setup_faults", len(faults), part="topics")
        for line in faults if faults != self._logged else ():
            _log.warning("a topic is not as it must be" if self.passed else "waiting", extra={"why": line})
        self._logged = faults
        return faults
