"""Watches that the topics are as they ought to be: at start, and now and then, for a setting can be changed while a service runs."""

import asyncio
import logging
from dataclasses import dataclass

from services.adapters.brokers import Brokers
from services.adapters.topics import TopicsError, check_topics

_log = logging.getLogger(__name__)

_AGAIN_S = 600.0
_RETRY_S = 5.0


@dataclass(slots=True)
class TopicWatch:
    """Writes each wrong setting into the log, a line each."""

    brokers: Brokers
    prefix: str
    partitions: int

    async def keep(self) -> None:
        """Look until cancelled."""
        while True:
            pause_s = await self._look()
            await asyncio.sleep(pause_s)

    async def _look(self) -> float:
        """Look once, and tell when to look again (seconds)."""
        try:
            found = await check_topics(self.brokers, self.prefix, self.partitions)
        except TopicsError:
            return _RETRY_S
        for line in found:
            _log.warning("a topic is not as it ought to be", extra={"what": line})
        return _AGAIN_S
