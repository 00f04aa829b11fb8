"""Law: nothing is appended before the topics were found to be as they ought to be: what is acknowledged on others may be lost.

That holds for the start. A setting that somebody changes while a service runs stands in its log and in a metric, and stops nothing: what
can't be appended at all is lost for certain.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from services.adapters.brokers import Brokers
from services.adapters.metrics import Metrics
from services.adapters.topic_admin import TopicsError
from services.adapters.topics import check_topics

_log = logging.getLogger(__name__)

_AGAIN_S = 600.0
_RETRY_S = 5.0
# Before the first time that all is right somebody waits for it
_WAIT_S = 0.5


@dataclass(slots=True)
class TopicWatch:
    """Looks at the start and now and then; each fault is a line in the log."""

    brokers: Brokers
    prefix: str
    partitions: int
    metrics: Metrics
    _right: asyncio.Event = field(default_factory=asyncio.Event)
    _told: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether the topics were right once since the start."""
        return self._right.is_set()

    def before(self, work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """Let something run as soon as the topics are right, and never before."""

        async def waiting() -> None:
            await self._right.wait()
            await work()

        return waiting

    async def keep(self) -> None:
        """Look until cancelled."""
        while True:
            found = await self._look()
            if found == []:
                self._right.set()
            pause_s = _RETRY_S if found is None else _AGAIN_S
            await asyncio.sleep(pause_s if self.passed else _WAIT_S)

    async def _look(self) -> list[str] | None:
        """Look once; None when Kafka does not say."""
        try:
            found = await check_topics(self.brokers, self.prefix, self.partitions)
        except TopicsError:
            return None
        self.metrics.set("plek_setup_faults", len(found), part="topics")
        for line in found if found != self._told else ():
            _log.warning("a topic is not as it ought to be" if self.passed else "waiting", extra={"why": line})
        self._told = found
        return found
