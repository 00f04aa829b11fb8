"""The truth in the form of what the registry shows, to be held against it at an instant (milliseconds)."""

from collections import Counter
from typing import Any

from services.adapters import instants
from services.simulator.casebook import Began, Casebook
from services.simulator.truth import House, Promise, Room, Truth

_STATES = ("occupied", "closed", "held", "paused", "unknown", "free")


def document(truth: Truth, now: int) -> dict[str, Any]:
    """Show every shelter, hold and region as the registry must show them at `now`. Nothing here is ever refused at the door."""
    shelters, holds = dict[str, Any](), dict[str, Any]()
    regions: dict[str, Counter[str]] = {}
    for name, house in sorted(truth.houses.items()):
        counts = _states(house, now, overflow=False)
        shelters[name] = {
            "region": house.region,
            "counts": _counts(counts),
            "overflow": _counts(_states(house, now, overflow=True)),
            "anomalies": _anomalies(house),
        }
        holds |= {f"{name}/{hold}": _promise(promise, now) for hold, promise in house.promises.items()}
        if house.region is not None:
            regions.setdefault(house.region, Counter()).update(counts)
    return {
        "shelters": shelters,
        "holds": dict(sorted(holds.items())),
        "dead_letters": 0,
        "regions": {region: _counts(counts) for region, counts in sorted(regions.items())},
        "national": _counts(sum(regions.values(), Counter())),
    }


def demand(book: Casebook) -> dict[str, Any]:
    """Show who is put up and who waits, as the API must list them to a worker of every region, and how many cases ended how."""
    counts: Counter[str] = Counter()
    for (kind, _), case in book.cases.items():
        if began := case.began:
            counts.update(f"{scope}:{kind}:{case.outcome}" for scope in ("national", f"region:{began.region}"))
    return {
        "fallbacks": [{"fallback": key, **_begun(began)} for key, began in book.now("fallback")],
        "entries": _placed(book.now("entry")),
        "counts": dict(counts),
    }


def _placed(entries: list[tuple[str, Began]]) -> list[dict[str, Any]]:
    places: Counter[tuple[str, str | int]] = Counter()
    told = []
    for key, began in entries:
        queue = began.region, began.shown["kind"]
        places[queue] += 1
        told.append({"entry": key, **_begun(began), "position": places[queue]})
    return told


def _begun(began: Began) -> dict[str, Any]:
    return {"region": began.region, **began.shown, "occurred_at": instants.show(began.said[0] * instants.NS_PER_MS)}


def national(truth: Truth, now: int) -> Counter[str]:
    """Count the units of the nation by state, without overflow."""
    return sum((_states(house, now, overflow=False) for house in truth.houses.values()), Counter())


def _states(house: House, now: int, *, overflow: bool) -> Counter[str]:
    unknown = house.unknown(now)
    return Counter(
        _state(house, room, now, unknown=unknown)
        for room in house.rooms.values()
        if room.declared is not None and room.declared.overflow == overflow
    )


def _state(house: House, room: Room, now: int, *, unknown: bool) -> str:
    if room.inside:
        return "occupied"
    if room.shut:
        return "closed"
    if room.promise and room.promise.live(now):
        return "held"
    if house.paused:
        return "paused"
    return "unknown" if unknown else "free"


def _counts(states: Counter[str]) -> dict[str, int]:
    return {"capacity": states.total(), **{state: states[state] for state in _STATES}}


def _anomalies(house: House) -> dict[str, Any]:
    reported = house.discrepancy
    return {
        "double_occupied": sorted(unit for unit, room in house.rooms.items() if len(room.inside) > 1),
        "undeclared_unit": sorted(unit for unit, room in house.rooms.items() if room.inside and room.declared is None),
        "discrepancy": None if reported is None else {"reported": reported[0], "computed": reported[1]},
    }


def _promise(promise: Promise, now: int) -> dict[str, Any]:
    expired = promise.status == "granted" and now >= promise.until
    return {"status": "expired" if expired else promise.status, "unit": promise.unit, "reason": promise.reason}
