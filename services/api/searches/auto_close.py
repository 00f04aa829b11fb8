"""Ends searches that no worker has ended: a day later they are logged as ended with an unknown outcome.

Guarantees: the id of such an end follows from its search alone, so that it counts once, however many processes log it (D1); it happened
when the day was over, so that an end that a worker stated before is the one that counts (D3). Open searches are read from the view.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from services.adapters.clock import Clock
from services.adapters.observability.metrics import Metrics
from services.adapters.problem_details import ProblemError
from services.adapters.view.case_documents import Stated
from services.adapters.view.ports import DemandSnapshot, ReadableDemand, ViewUnavailableError
from services.api.publishing.event_publisher import API, EventPublisher
from services.api.searches.sealed_offers import SEARCH_MS
from services.domain.durations import NS_PER_MS
from services.domain.events.catalog import Event, SearchEnded

# No request waits for it.
_LOOK_S: Final = 60.0
# So many fit in one acknowledgement; the others are ended at the next snapshot.
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoClose:
    """All that ending them takes."""

    demand: ReadableDemand
    partitions: int
    sending: EventPublisher
    now: Clock
    metrics: Metrics

    async def run_forever(self) -> None:
        """End what is due, until cancelled."""
        while True:
            with suppress(ProblemError, ViewUnavailableError):  # the log or the view is away: at the next round
                await self.end()
            await asyncio.sleep(_LOOK_S)

    async def end(self) -> None:
        """End every search that is a day old; ProblemError or ViewUnavailableError when the log or the view is away."""
        for partition in range(self.partitions):
            due = self._due(await self.demand.read_partition(partition))
            if due:
                await self.sending.send(*due)
                self.metrics.count("plek_searches_unended_total", len(due))

    def _due(self, snapshot: DemandSnapshot) -> list[Event]:
        """Make the ends that are due; none while the partition is on its way to the end of the log, where they may stand already."""
        if snapshot.position is None or snapshot.position.rebuilding or snapshot.halted:
            return []
        over = (self.now() - SEARCH_MS) * NS_PER_MS
        due = [(case.key, case.start) for case in snapshot.open if case.kind == "search" and case.start and case.start.time <= over]
        return [self._ended(search, start) for search, start in due[:_AT_ONCE]]

    def _ended(self, search: str, start: Stated) -> Event:
        said = SearchEnded(search=search, outcome="unknown", occurred_at=start.time + SEARCH_MS * NS_PER_MS)
        attempt = self.sending.pseudonyms.attempt("", "search-unended", search)
        return self.sending.event(attempt, API, start.data["region"], said)
