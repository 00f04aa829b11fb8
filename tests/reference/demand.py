"""What a log of demand events means: D1 to D4, from the list of uncorrected events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.reference.facts import happened, of, recorded
from tests.reference.log import Record, read, uncorrected
from tests.reference.parse import REGIONS, Event

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

# The group in the result, the type that starts, the type that ends.
KINDS: Final = (
    ("searches", "search-made", "search-ended"),
    ("fallbacks", "fallback-started", "fallback-ended"),
    ("entries", "waiting-list-joined", "waiting-list-left"),
)


def demand_result(records: Sequence[Record], regions: Collection[str] = REGIONS) -> dict[str, Any]:
    """Return per group and id `start` (its data or null), `ended`, `outcome`, `occurred_at` of the end (nanoseconds since 1970).

    An id of which nothing stands is left out.
    """
    log = read(records, "demand", regions)
    found: dict[str, Any] = {group: {} for group, _, _ in KINDS}
    for key, entries in log.entries.items():
        facts = uncorrected(entries)
        for group, start, end in KINDS:
            if of(facts, start, end):
                found[group][key] = _shown(of(facts, start), of(facts, end))
    return {**found, "dead_letters": log.dead_letters}


def _shown(starts: list[Event], ends: list[Event]) -> dict[str, Any]:
    """D2, D3: the last start and the first end count."""
    start = max(reversed(starts), key=recorded) if starts else None  # of equals the one logged last
    end = min(ends, key=happened) if ends else None
    return {
        "start": start and start.data,
        "ended": end is not None,
        "outcome": end and end.data["outcome"],
        "occurred_at": end and end.occurred_at,
    }
