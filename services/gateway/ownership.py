"""Who owns a shelter, read from the view: its region and its organisation; and what is in it.

Guarantees: a partition that is being rebuilt, or that no processor folds, answers nothing (ViewUnavailableError): to guess would let one
region take over the shelter of another.
"""

import asyncio
from collections.abc import Mapping

from services.adapters.kafka.topics import partition_of
from services.adapters.view.partition_cache import SnapshotReader
from services.adapters.view.ports import PartitionSnapshot, ViewUnavailableError
from services.domain.beds.holds import HoldFacts
from services.domain.beds.shelter_snapshot import ShelterSnapshot
from services.domain.events.catalog import ShelterRegistered


class OwnershipLookup:
    """Reads each partition once: it is made for one request, or one batch."""

    def __init__(self, view: SnapshotReader, partitions: int, oldest: int) -> None:
        """Take a view that was at the end of the log at `oldest` (ms) or later for one that knows."""
        self._view, self._partitions, self._oldest = view, partitions, oldest
        self._snapshots: dict[int, PartitionSnapshot] = {}

    async def region(self, shelter: str) -> str | None:
        """Return the region of a shelter; None when it is not registered. ViewUnavailableError when that can't be known."""
        registration = await self.registration(shelter)
        return registration.region if registration else None

    async def registration(self, shelter: str) -> ShelterRegistered | None:
        """Return how a shelter is registered; None when it is not. ViewUnavailableError when that can't be known."""
        found, _ = await self.state(shelter)
        return found.registration if found else None

    async def state(self, shelter: str) -> tuple[ShelterSnapshot | None, Mapping[tuple[str, str], HoldFacts]]:
        """Return what is shown of a shelter (None: nothing), and the holds of its partition. ViewUnavailableError."""
        snapshot = await self._snapshot(shelter)
        return snapshot.shelters.get(shelter), snapshot.holds

    async def organisations_in(self, regions: frozenset[str]) -> frozenset[str]:
        """Return the organisations that have a shelter in one of these regions; ViewUnavailableError when that can't be known."""
        snapshots = await asyncio.gather(*map(self._partition, range(self._partitions)))
        registrations = [shelter.registration for snapshot in snapshots for shelter in snapshot.shelters.values()]
        return frozenset(found.organisation for found in registrations if found and found.region in regions)

    async def _snapshot(self, shelter: str) -> PartitionSnapshot:
        return await self._partition(partition_of(shelter.encode(), self._partitions))

    async def _partition(self, partition: int) -> PartitionSnapshot:
        if partition not in self._snapshots:
            snapshot = await self._view.read_partition(partition)
            if snapshot.position is None or snapshot.position.rebuilding or snapshot.position.alive_at < self._oldest:
                raise ViewUnavailableError("the view is not at the end of the log")
            self._snapshots[partition] = snapshot
        return self._snapshots[partition]
