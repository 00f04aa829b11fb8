"""The whole state in one document: the form of the tapes' expected results, from pictures and holds at a `now` (ms)."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any

from services.domain.freshness import Limits
from services.domain.holds import Hold
from services.domain.picture import NOTHING, Counts, ShelterPicture, count, double_occupied, undeclared_units


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is seen of one partition: its clock (ms), its shelters, its holds (with the shelter of each), its dead letters."""

    clock: int
    shelters: Iterable[ShelterPicture]
    holds: Iterable[tuple[str, Hold]]
    dead_letters: int


def state_document(parts: Iterable[Part], now: int, limits: Limits) -> dict[str, Any]:
    """Put partitions together as the tapes' expected results have them, each at the reader's `now`, never below its own clock."""
    shelters: dict[str, Any] = {}
    holds: dict[str, Any] = {}
    regions: dict[str, Counts] = {}
    dead_letters = 0
    for part in parts:
        seen_at = max(now, part.clock)
        dead_letters += part.dead_letters
        holds |= {f"{shelter}/{hold.hold}": _hold(hold, seen_at) for shelter, hold in part.holds}
        for shelter in part.shelters:
            counts, overflow = count(shelter, seen_at, limits)
            shelters[shelter.shelter] = _shelter(shelter, counts, overflow)
            if shelter.region is not None:
                regions[shelter.region] = regions.get(shelter.region, NOTHING).plus(counts)
    return {
        "shelters": dict(sorted(shelters.items())),
        "holds": dict(sorted(holds.items())),
        "dead_letters": dead_letters,
        "regions": {region: counts._asdict() for region, counts in sorted(regions.items())},
        "national": reduce(Counts.plus, regions.values(), NOTHING)._asdict(),
    }


def _shelter(shelter: ShelterPicture, counts: Counts, overflow: Counts) -> dict[str, Any]:
    return {
        "region": shelter.region,
        "counts": counts._asdict(),
        "overflow": overflow._asdict(),
        "anomalies": {
            "double_occupied": double_occupied(shelter),
            "undeclared_unit": undeclared_units(shelter),
            "discrepancy": shelter.discrepancy._asdict() if shelter.discrepancy else None,
        },
    }


def _hold(hold: Hold, now: int) -> dict[str, Any]:
    return {"status": hold.status_at(now), "unit": hold.unit, "reason": hold.reason}
