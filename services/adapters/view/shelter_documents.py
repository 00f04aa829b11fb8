"""Writes and reads snapshots of shelters, units and holds as JSON documents of the view, without loss; equal snapshots, equal bytes.

Instants of events are written as text: nanoseconds of a year after 2262 are larger than a JSON reader need accept.
"""

from collections import defaultdict
from dataclasses import fields
from typing import Any

import orjson

from services.adapters import rfc3339
from services.adapters.codec.event_codec import plain
from services.domain.beds.holds import HoldFacts
from services.domain.beds.shelter_snapshot import Closing, Discrepancy, Held, Paused, ShelterSnapshot, StaySnapshot, UnitSnapshot
from services.domain.events.catalog import ShelterRegistered


def shelter_document(shelter: ShelterSnapshot) -> bytes:
    """Write a shelter without its units."""
    return _dump(
        {
            "registration": plain(shelter.registration) if shelter.registration else None,
            "heard_at": shelter.heard_at,
            "paused": _until(shelter.paused),
            "discrepancy": shelter.discrepancy._asdict() if shelter.discrepancy else None,
        }
    )


def read_shelter(shelter: str, document: bytes) -> ShelterSnapshot:
    """Read a shelter, without its units."""
    stored = orjson.loads(document)
    registration, paused, discrepancy = stored["registration"], stored["paused"], stored["discrepancy"]
    return ShelterSnapshot(
        shelter=shelter,
        registration=ShelterRegistered(**{name: _frozen(value) for name, value in registration.items()}) if registration else None,
        heard_at=stored["heard_at"],
        paused=Paused(paused["reason"], _instant(paused["expected_until"])) if paused else None,
        discrepancy=Discrepancy(**discrepancy) if discrepancy else None,
    )


def unit_document(unit: UnitSnapshot) -> bytes:
    """Write a unit."""
    members = {name: getattr(unit, name) for name in _UNIT_MEMBERS}
    return _dump(members | {"stays": [_stay(stay) for stay in unit.stays], "closed": _until(unit.closed)})


_UNIT_MEMBERS = tuple(field.name for field in fields(UnitSnapshot))


def read_unit(document: bytes) -> UnitSnapshot:
    """Read a unit."""
    members = orjson.loads(document)
    members["features"] = tuple(members["features"])
    members["stays"] = tuple(_read_stay(stay) for stay in members["stays"])
    members["closed"] = Closing(closed["reason"], _instant(closed["expected_until"])) if (closed := members["closed"]) else None
    members["held"] = Held(**members["held"]) if members["held"] else None
    return UnitSnapshot(**members)


def hold_document(hold: HoldFacts) -> bytes:
    """Write a hold."""
    return _dump(hold)


def read_hold(document: bytes) -> HoldFacts:
    """Read a hold."""
    return HoldFacts(**orjson.loads(document))


def read_shelters(shelters: dict[str, bytes], units: dict[str, bytes]) -> dict[str, ShelterSnapshot]:
    """Read the shelters of a partition, units in byte order, from the fields of its two hashes."""
    snapshots = {shelter: read_shelter(shelter, document) for shelter, document in shelters.items()}
    for name in sorted(units):
        shelter, unit = name.split("/")
        snapshots[shelter].units[unit] = read_unit(units[name])
    return snapshots


def read_holds(holds: dict[str, bytes]) -> dict[tuple[str, str], HoldFacts]:
    """Read the holds of a partition by (shelter, hold)."""
    return {(shelter, hold): read_hold(document) for name, document in holds.items() for shelter, hold in [name.split("/")]}


def holds_by_shelter(holds: dict[str, bytes]) -> defaultdict[str, list[HoldFacts]]:
    """Read the holds of a partition, those of each shelter together."""
    by_shelter: defaultdict[str, list[HoldFacts]] = defaultdict(list)
    for (shelter, _), hold in read_holds(holds).items():
        by_shelter[shelter].append(hold)
    return by_shelter


def _stay(stay: StaySnapshot) -> dict[str, Any]:
    return {
        "stay": stay.stay,
        "adults": stay.adults,
        "children": stay.children,
        "since": rfc3339.show(stay.since),
        "expected_at": _shown(stay.expected_at),
    }


def _read_stay(read: dict[str, Any]) -> StaySnapshot:
    return StaySnapshot(**read | {"since": rfc3339.parse(read["since"]), "expected_at": _instant(read["expected_at"])})


def _until(stopped: Closing | Paused | None) -> dict[str, Any] | None:
    return {"reason": stopped.reason, "expected_until": _shown(stopped.expected_until)} if stopped else None


def _shown(instant: int | None) -> str | None:
    return None if instant is None else rfc3339.show(instant)


def _instant(text: str | None) -> int | None:
    return None if text is None else rfc3339.parse(text)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _dump(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
