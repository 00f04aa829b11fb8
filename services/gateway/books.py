"""What belongs to whom, read from the view: the region and organisation of a shelter, the asker of a hold.

A partition that is being rebuilt, or that nobody folds, does not know; to guess would let one region take over the shelter of another.
"""

from services.adapters.topics import partition_of
from services.adapters.view.port import Look, ReadableView, ViewUnavailableError
from services.domain.events import ShelterRegistered


class ViewBooks:
    """Reads the view as seldom as it can: for one request, or one batch, each partition once."""

    def __init__(self, view: ReadableView, partitions: int, oldest: int) -> None:
        """Take a view that was at the end of the log at `oldest` (ms) or later for one that knows."""
        self._view, self._partitions, self._oldest = view, partitions, oldest
        self._looks: dict[int, Look] = {}

    async def region(self, shelter: str) -> str | None:
        """Tell the region of a shelter; None when it is not registered. ViewUnavailableError when that can't be known."""
        registration = await self.registration(shelter)
        return registration.region if registration else None

    async def registration(self, shelter: str) -> ShelterRegistered | None:
        """Tell how a shelter is registered; None when it is not. ViewUnavailableError when that can't be known."""
        found = (await self._look(shelter)).shelters.get(shelter)
        return found.registration if found else None

    async def asked_by(self, shelter: str, hold: str) -> str | None:
        """Tell who asked for a hold; None when the log has not decided it."""
        found = await self._view.hold(partition_of(shelter.encode(), self._partitions), shelter, hold)
        if found is None:
            await self._look(shelter)  # that there is none can be said by a view that knows
        return found.asked_by if found else None

    async def _look(self, shelter: str) -> Look:
        partition = partition_of(shelter.encode(), self._partitions)
        if partition not in self._looks:
            look = await self._view.look(partition)
            if look.position is None or look.position.rebuilding or look.position.alive_at < self._oldest:
                raise ViewUnavailableError("the view is not at the end of the log")
            self._looks[partition] = look
        return self._looks[partition]
