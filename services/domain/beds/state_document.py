"""The whole state in one document, in the form of the tapes' expected results: from snapshots and holds at a `now` (ms)."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any

from services.domain.beds.holds import HoldFacts
from services.domain.beds.shelter_snapshot import NOTHING, Counts, ShelterSnapshot, count, double_occupied, undeclared_units
from services.domain.beds.staleness import StalenessLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionPart:
    """The state of one partition: its clock (ms), its shelters, its holds (each with its shelter), the number of its dead letters."""

    clock: int
    shelters: Iterable[ShelterSnapshot]
    holds: Iterable[tuple[str, HoldFacts]]
    dead_letters: int


def state_document(parts: Iterable[PartitionPart], now: int, limits: StalenessLimits) -> dict[str, Any]:
    """Return the state of all partitions, each at the reader's `now` (ms), never below its own clock (contract, section 4)."""
    shelters: dict[str, Any] = {}
    holds: dict[str, Any] = {}
    regions: dict[str, Counts] = {}
    dead_letters = 0
    for part in parts:
        read_at = max(now, part.clock)
        dead_letters += part.dead_letters
        holds |= {f"{shelter}/{hold.hold}": _hold(hold, read_at) for shelter, hold in part.holds}
        for shelter in part.shelters:
            counts, overflow = count(shelter, read_at, limits)
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


def _shelter(shelter: ShelterSnapshot, counts: Counts, overflow: Counts) -> dict[str, Any]:
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


def _hold(hold: HoldFacts, now: int) -> dict[str, Any]:
    return {"status": hold.status_at(now), "unit": hold.unit, "reason": hold.reason}
