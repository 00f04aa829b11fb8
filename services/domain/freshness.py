"""How old a number is (contract R9): heard of less than 8 h ago is fresh, less than 24 h ageing, else unknown. Milliseconds."""

from dataclasses import dataclass
from typing import Literal

HOUR_MS = 3_600_000
Freshness = Literal["fresh", "ageing", "unknown"]


@dataclass(frozen=True, slots=True)
class Limits:
    """When a shelter turns ageing and unknown, in milliseconds since it was last heard of (both are settings)."""

    ageing_ms: int = 8 * HOUR_MS
    unknown_ms: int = 24 * HOUR_MS


def speaks_for(source: str, shelter: str) -> bool:
    """Say whether a source is a desk or system of the shelter itself: only those count as hearing of it (R9)."""
    return source.startswith(f"urn:plek:shelter:{shelter}:")


def freshness(heard_at: int | None, now: int, limits: Limits) -> Freshness:
    """Tell how fresh a shelter is at `now`; never heard of is unknown. Both times in milliseconds since 1970."""
    if heard_at is None or now - heard_at >= limits.unknown_ms:
        return "unknown"
    return "fresh" if now - heard_at < limits.ageing_ms else "ageing"
