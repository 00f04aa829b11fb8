"""What is left of a user's rate limits in words, from the `RateLimit` field of an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from services.cli.output.clock_text import clock_after

_ITEM: Final = re.compile(r'"([a-z_-]+)"((?:;[a-z]+=[0-9]+)*)', re.ASCII)
_PARAMETER: Final = re.compile(r";([a-z]+)=([0-9]+)", re.ASCII)
# With so few searches left, the time of the next one is shown too
_FEW: Final = 2


def searches_left(headers: Mapping[str, str], now: int) -> str | None:
    """Return what is left of searches and of refinements of this one at `now` (ms); None where the answer has no such limit."""
    limits = {
        name: {key: int(value) for key, value in _PARAMETER.findall(parameters)}
        for name, parameters in _ITEM.findall(headers.get("RateLimit", ""))
    }
    if "search" not in limits:
        return None
    left, next_s = limits["search"].get("r", 0), limits["search"].get("t", 0)
    text = f"You can search {left} more {'time' if left == 1 else 'times'} now"
    if refinement := limits.get("refinement"):
        text += f", and refine this one {refinement.get('r', 0)} more times"
    return text + (f"; one more from {clock_after(next_s, now)}" if left <= _FEW and next_s else "")
