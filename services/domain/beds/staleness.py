"""Age of a shelter (contract R9): heard of less than 8 h ago is fresh, less than 24 h ageing, else unknown. Milliseconds."""

from dataclasses import dataclass
from typing import Literal

from services.domain.durations import DAY_MS, HOUR_MS

Freshness = Literal["fresh", "ageing", "unknown"]


@dataclass(frozen=True, slots=True)
class StalenessLimits:
    """When a shelter turns ageing and unknown, in milliseconds since it was last heard of (both are settings)."""

    ageing_ms: int = 8 * HOUR_MS
    unknown_ms: int = DAY_MS


def speaks_for(source: str, shelter: str) -> bool:
    """Return whether a source is a desk or system of the shelter itself: only those count as hearing of it (R9)."""
    return source.startswith(f"urn:plek:shelter:{shelter}:")


def freshness(heard_at: int | None, now: int, limits: StalenessLimits) -> Freshness:
    """Return how fresh a shelter is at `now`; never heard of is unknown. Both times in milliseconds since 1970."""
    if heard_at is None or now - heard_at >= limits.unknown_ms:
        return "unknown"
    return "fresh" if now - heard_at < limits.ageing_ms else "ageing"
