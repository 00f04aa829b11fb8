"""Pictures and holds as the JSON documents of the view, and back without loss. Equal state, equal bytes.

Instants out of events are written as text: nanoseconds of a year after 2262 are more than a JSON reader need take.
"""

from dataclasses import fields
from typing import Any

import orjson

from services.adapters import instants
from services.adapters.wire import plain
from services.domain.events import ShelterRegistered
from services.domain.holds import Hold
from services.domain.picture import Closing, Discrepancy, Held, Paused, ShelterPicture, StayShown, UnitPicture


def shelter_document(shelter: ShelterPicture) -> bytes:
    """Write a shelter without its units."""
    return _dump(
        {
            "registration": plain(shelter.registration) if shelter.registration else None,
            "heard_at": shelter.heard_at,
            "paused": _until(shelter.paused),
            "discrepancy": shelter.discrepancy._asdict() if shelter.discrepancy else None,
        }
    )


def read_shelter(shelter: str, document: bytes) -> ShelterPicture:
    """Read a shelter, its units still to be added."""
    read = orjson.loads(document)
    registration, paused, discrepancy = read["registration"], read["paused"], read["discrepancy"]
    return ShelterPicture(
        shelter=shelter,
        registration=ShelterRegistered(**{name: _frozen(value) for name, value in registration.items()}) if registration else None,
        heard_at=read["heard_at"],
        paused=Paused(paused["reason"], _instant(paused["expected_until"])) if paused else None,
        discrepancy=Discrepancy(**discrepancy) if discrepancy else None,
    )


def unit_document(unit: UnitPicture) -> bytes:
    """Write a unit."""
    written = {name: getattr(unit, name) for name in _UNIT_MEMBERS}
    return _dump(written | {"stays": [_stay(stay) for stay in unit.stays], "closed": _until(unit.closed)})


_UNIT_MEMBERS = tuple(field.name for field in fields(UnitPicture))


def read_unit(document: bytes) -> UnitPicture:
    """Read a unit."""
    read = orjson.loads(document)
    read["features"] = tuple(read["features"])
    read["stays"] = tuple(_read_stay(stay) for stay in read["stays"])
    read["closed"] = Closing(closed["reason"], _instant(closed["expected_until"])) if (closed := read["closed"]) else None
    read["held"] = Held(**read["held"]) if read["held"] else None
    return UnitPicture(**read)


def hold_document(hold: Hold) -> bytes:
    """Write a hold."""
    return _dump(hold)


def read_hold(document: bytes) -> Hold:
    """Read a hold."""
    return Hold(**orjson.loads(document))


def read_shelters(shelters: dict[str, bytes], units: dict[str, bytes]) -> dict[str, ShelterPicture]:
    """Read the pictures of a partition, units in byte order, from the fields of its two hashes."""
    pictures = {shelter: read_shelter(shelter, document) for shelter, document in shelters.items()}
    for name in sorted(units):
        shelter, unit = name.split("/")
        pictures[shelter].units[unit] = read_unit(units[name])
    return pictures


def read_holds(holds: dict[str, bytes]) -> dict[tuple[str, str], Hold]:
    """Read the holds of a partition by (shelter, hold)."""
    return {(shelter, hold): read_hold(document) for name, document in holds.items() for shelter, hold in [name.split("/")]}


def _stay(stay: StayShown) -> dict[str, Any]:
    return {
        "stay": stay.stay,
        "adults": stay.adults,
        "children": stay.children,
        "since": instants.show(stay.since),
        "expected_at": _shown(stay.expected_at),
    }


def _read_stay(read: dict[str, Any]) -> StayShown:
    return StayShown(**read | {"since": instants.parse(read["since"]), "expected_at": _instant(read["expected_at"])})


def _until(stopped: Closing | Paused | None) -> dict[str, Any] | None:
    return {"reason": stopped.reason, "expected_until": _shown(stopped.expected_until)} if stopped else None


def _shown(instant: int | None) -> str | None:
    return None if instant is None else instants.show(instant)


def _instant(text: str | None) -> int | None:
    return None if text is None else instants.parse(text)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _dump(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
