"""What a view shows, in the form of the tapes' expected results."""

from typing import Any

from services.adapters.view.port import ReadableView
from services.domain.freshness import Limits
from services.domain.result import state_document


async def state(view: ReadableView, now: int, partitions: int = 1, limits: Limits | None = None) -> dict[str, Any]:
    """Read the whole view at `now` (ms)."""
    looks = [await view.look(number) for number in range(partitions)]
    return state_document((look.part for look in looks), now, limits or Limits())
