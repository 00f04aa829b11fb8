"""Where somebody waits for a place, from the view of demand.

While that is folded anew it knows of some and not of others: what is known is told, for to draw the areas again as it grows would move
them within their quarter of an hour.
"""

import asyncio
from dataclasses import dataclass

from services.adapters.view.port import ReadableDemand


@dataclass(frozen=True, slots=True)
class WaitingLists:
    """The waiting lists of the country."""

    demand: ReadableDemand
    partitions: int

    async def regions(self) -> set[str]:
        """Tell the regions in which a waiting list is open; ViewUnavailableError."""
        looks = await asyncio.gather(*(self.demand.look(partition) for partition in range(self.partitions)))
        return {case.region for look in looks for case in look.open if case.kind == "entry" and case.region}
