"""What a view shows, in the form of the tapes' expected results."""

from typing import Any

from services.adapters.view.port import ReadableView
from services.domain.freshness import Limits
from services.domain.result import state_document


async def state(view: ReadableView, now: int, partitions: int = 1, limits: Limits | None = None) -> dict[str, Any]:
    """Read the whole view at `now` (ms)."""
    looks = [await view.look(number) for number in range(partitions)]
    return state_document(
        (shelter for look in looks for shelter in look.shelters.values()),
        ((shelter, hold) for look in looks for (shelter, _), hold in look.holds.items()),
        sum(look.position.dead_letters for look in looks if look.position),
        max([now, *(look.position.clock for look in looks if look.position)]),
        limits or Limits(),
    )
