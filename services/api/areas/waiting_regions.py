"""Regions with an open waiting list, from the view of demand.

While that view is rebuilt it knows some lists and not others: the known ones are used, for to count the areas again as it grows would
change their counts within a quarter of an hour.
"""

import asyncio
from dataclasses import dataclass

from services.adapters.view.ports import ReadableDemand


@dataclass(frozen=True, slots=True)
class WaitingLists:
    """The waiting lists of the country."""

    demand: ReadableDemand
    partitions: int

    async def open(self) -> set[tuple[str, str]]:
        """Return the regions, each with the kind of unit that a household there waits for; ViewUnavailableError."""
        snapshots = await asyncio.gather(*(self.demand.read_partition(partition) for partition in range(self.partitions)))
        entries = [case for snapshot in snapshots for case in snapshot.open if case.kind == "entry" and case.region]
        return {(case.region or "", case.start.data["kind"] if case.start else "") for case in entries}
