"""Searches that nobody has ended: a day later they are logged as ended, and how is unknown. Till then they are hers to go on with.

Laws: the id of such an end follows from its search alone, so that it counts once whichever API says it how often (D1); it happened when the
day was over, so that an end somebody said before that is the one that counts (D3). What is open is what the view shows: no memory of ours.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from services.adapters.clock import Clock
from services.adapters.instants import NS_PER_MS
from services.adapters.metrics import Metrics
from services.adapters.problems import ProblemError
from services.adapters.view.cases import Stated
from services.adapters.view.port import DemandLook, ReadableDemand, ViewUnavailableError
from services.api.offers import SEARCH_MS
from services.api.sending import API, Sending
from services.domain.events import Event, SearchEnded

# Nobody waits for it.
_LOOK_S: Final = 60.0
# So many fit in one acknowledgement; the others are ended at the next look.
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Unended:
    """All that ending them takes."""

    demand: ReadableDemand
    partitions: int
    sending: Sending
    now: Clock
    metrics: Metrics

    async def keep(self) -> None:
        """End what is due, until cancelled."""
        while True:
            with suppress(ProblemError, ViewUnavailableError):  # the log or the view is away: at the next look
                await self.end()
            await asyncio.sleep(_LOOK_S)

    async def end(self) -> None:
        """End every search that is a day old; ProblemError or ViewUnavailableError when the log or the view is away."""
        for partition in range(self.partitions):
            due = self._due(await self.demand.look(partition))
            if due:
                await self.sending.send(*due)
                self.metrics.count("plek_searches_unended_total", len(due))

    def _due(self, look: DemandLook) -> list[Event]:
        """Make the ends that are due; none while the partition is on its way to the end of the log, where they may stand already."""
        if look.position is None or look.position.rebuilding or look.halted:
            return []
        over = (self.now() - SEARCH_MS) * NS_PER_MS
        due = [(case.key, case.start) for case in look.open if case.kind == "search" and case.start and case.start.time <= over]
        return [self._ended(search, start) for search, start in due[:_AT_ONCE]]

    def _ended(self, search: str, start: Stated) -> Event:
        said = SearchEnded(search=search, outcome="unknown", occurred_at=start.time + SEARCH_MS * NS_PER_MS)
        attempt = self.sending.pseudonyms.attempt("", "search-unended", search)
        return self.sending.event(attempt, API, start.data["region"], said)
