"""The whole state in one document: the form of the tapes' expected results, from pictures and holds at a `now` (ms)."""

from collections.abc import Iterable
from typing import Any

from services.domain.freshness import Limits
from services.domain.holds import Hold
from services.domain.picture import NOTHING, Counts, ShelterPicture, count, double_occupied, undeclared_units


def state_document(
    shelters: Iterable[ShelterPicture], holds: Iterable[tuple[str, Hold]], dead_letters: int, now: int, limits: Limits
) -> dict[str, Any]:
    """Put shelters, holds (with the shelter of each) and sums together as the tapes' expected results have them."""
    regions: dict[str, Counts] = {}
    listed: dict[str, Any] = {}
    for shelter in sorted(shelters, key=lambda shelter: shelter.shelter):
        counts, overflow = count(shelter, now, limits)
        listed[shelter.shelter] = _shelter(shelter, counts, overflow)
        if shelter.region is not None:
            regions[shelter.region] = regions.get(shelter.region, NOTHING).plus(counts)
    national = NOTHING
    for counts in regions.values():
        national = national.plus(counts)
    return {
        "shelters": listed,
        "holds": {f"{shelter}/{hold.hold}": _hold(hold, now) for shelter, hold in sorted(holds, key=lambda pair: (pair[0], pair[1].hold))},
        "dead_letters": dead_letters,
        "regions": {region: counts._asdict() for region, counts in sorted(regions.items())},
        "national": national._asdict(),
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
