"""What the view shows of the shelters that events are about: their owners, their units, their holds, and what looks wrong beside them.

Guarantees: a view that is away, rebuilding or too old is never taken for an empty one. Then a fact is accepted as not checked.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.adapters.clock import Clock
from services.adapters.view.partition_cache import SnapshotReader
from services.adapters.view.ports import ViewUnavailableError
from services.adapters.view.position_tracker import PositionTracker
from services.domain.beds.fact_warnings import NOT_CHECKED, ExpectedShelter, WarningCode, check, expect
from services.domain.events.catalog import DEMAND_EVENTS, Event
from services.gateway.ownership import OwnershipLookup


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelterStates:
    """Reads shelters from a view; one that is older than `unavailable_ms` knows nothing."""

    view: SnapshotReader
    tracker: PositionTracker
    partitions: int
    unavailable_ms: int
    now: Clock

    def lookup(self) -> OwnershipLookup:
        """Return a lookup for one request."""
        return OwnershipLookup(self.view, self.partitions, self.now() - self.unavailable_ms)

    async def expected(self, shelter: str) -> ExpectedShelter | None:
        """Return a shelter as it is shown now; None where that can't be known."""
        return await self._expected(shelter, self.lookup())

    async def warnings(self, events: Sequence[Event]) -> list[tuple[WarningCode, ...]]:
        """Return what looks wrong about each event of a request beside what the view shows, and beside the events before it."""
        lookup, shelters = self.lookup(), dict[str, ExpectedShelter | None]()
        found = list[tuple[WarningCode, ...]]()
        for event in events:
            if isinstance(event.data, DEMAND_EVENTS):
                found.append(())
                continue
            if event.subject not in shelters:
                shelters[event.subject] = await self._expected(event.subject, lookup)
            expected = shelters[event.subject]
            found.append(NOT_CHECKED if expected is None else check(expected, event))
        return found

    async def _expected(self, shelter: str, lookup: OwnershipLookup) -> ExpectedShelter | None:
        # While Redis hangs each read would wait for its time to be over; the tracker has noticed by then
        if not self.tracker.up:
            return None
        try:
            shown, holds = await lookup.state(shelter)
        except ViewUnavailableError:
            return None
        return expect(shelter, shown, holds, self.now())
