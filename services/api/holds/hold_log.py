"""Appends what desks and shelters say of holds, and reads what the log decided of them (R10, R11).

The same change of a hold, sent again, is the same event, also by another worker of the desk or the shelter (R1).
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.kafka.ports import LogPosition
from services.adapters.kafka.topics import partition_of
from services.adapters.problem_details import ProblemError
from services.adapters.view.ports import ReadableView, ViewUnavailableError
from services.adapters.view.position_tracker import PositionTracker
from services.api.holds.hold_documents import VisibleHold
from services.api.publishing.event_publisher import WORKER, EventPublisher, desk_of
from services.api.read_model.country_cache import CountryCache, CountrySnapshot
from services.api.read_model.hold_index import HoldIndex
from services.domain.beds.holds import HoldFacts
from services.domain.events.catalog import HoldAccepted, HoldDeclined, HoldExtended, HoldReleased, UnitClosed

# Decisions take milliseconds; after this something is down, and a worker with a household at the desk must know.
DECIDED_S: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLog:
    """The log of holds, and the view that shows its decisions. `patience_s` is how long a decision is waited for."""

    view: ReadableView
    moves: PositionTracker
    partitions: int
    mirror: CountryCache
    index: HoldIndex
    sending: EventPublisher
    pseudonyms: Pseudonyms
    patience_s: float = DECIDED_S

    async def publish(self, change: HoldReleased | HoldExtended) -> bool:
        """Append what a worker says of a hold, and return whether the view shows it. ProblemError 503 `kafka-away`."""
        attempt = self.pseudonyms.attempt(change.shelter, type(change).__name__, change.hold)
        event = self.sending.event(attempt, WORKER, change.shelter, change)
        return await self.sending.shown([event], await self.sending.send(event), self.patience_s)

    async def publish_response(self, shelter: str, hold: str, said: list[HoldAccepted | HoldDeclined | UnitClosed]) -> HoldFacts | None:
        """Append what a shelter answers; return what the hold is then, None where that is not known yet. ProblemError 503 `kafka-away`."""
        attempt = self.pseudonyms.attempt(shelter, "answer", hold)
        events = [self.sending.event(attempt, desk_of(shelter), shelter, data) for data in said]
        visible = await self.sending.shown(events, await self.sending.send(*events), self.patience_s)
        return await self.decision(shelter, hold) if visible else None

    async def decision(self, shelter: str, hold: str) -> HoldFacts | None:
        """Read a hold; None when it is not decided, or the view can't be read."""
        with suppress(ViewUnavailableError):
            return await self.view.hold(partition_of(shelter.encode(), self.partitions), shelter, hold)
        return None

    async def decided(self, shelter: str, hold: str, position: LogPosition) -> tuple[VisibleHold, CountrySnapshot] | None:
        """Wait until the view shows a request; return what was decided, and all that was so then; None as `decision`."""
        if not await self.moves.wait_until({position.partition: position.offset}, self.patience_s):
            return None
        with suppress(ProblemError):
            country = await self.mirror.follow()
            # Of a partition that is being rebuilt the mirror has nothing, and from a processor of an older version not all
            decision = self._mirrored(shelter, hold) or await self.decision(shelter, hold)
            return (VisibleHold(shelter, decision, mine=True), country) if decision else None
        return None

    def _mirrored(self, shelter: str, hold: str) -> HoldFacts | None:
        return next((facts for where, facts in self.index.of(hold) if where == shelter), None)
