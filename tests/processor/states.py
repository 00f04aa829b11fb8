"""The state in a view, in the form of the tapes' expected results."""

from typing import Any

from services.adapters.view.ports import ReadableView
from services.domain.beds.staleness import StalenessLimits
from services.domain.beds.state_document import state_document


async def state(view: ReadableView, now: int, partitions: int = 1, limits: StalenessLimits | None = None) -> dict[str, Any]:
    """Return the state of the whole view at `now` (ms)."""
    looks = [await view.read_partition(number) for number in range(partitions)]
    return state_document((look.part for look in looks), now, limits or StalenessLimits())
