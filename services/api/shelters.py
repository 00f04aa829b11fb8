"""`GET /v1/shelters` and `/v1/shelters/{id}`: a shelter sees its own, a coordinator those of her regions, an operator all.

Not yours and not existing are one answer. Households are shown to their own shelter only.
"""

from collections.abc import Iterable
from typing import Any, Final

from fastapi import FastAPI, Request, Response

from services.adapters.access import BEARER
from services.adapters.audit.gate import noted
from services.adapters.audit.records import shelters
from services.adapters.identity import Caller
from services.adapters.problems import ProblemError, documented
from services.adapters.view.port import Look
from services.adapters.web import answer
from services.adapters.wire import plain
from services.api.reading import AT_LEAST, Read, Reading
from services.api.shapes import ShelterAnswer, SheltersAnswer
from services.api.standing import position_of, seen_at, shown, shown_ns
from services.domain.freshness import Limits, freshness
from services.domain.holds import Hold
from services.domain.picture import ShelterPicture, UnitPicture, state_of
from services.domain.result import Part, state_document

_SEES: Final = ("shelter", "coordinator", "operator")


def add_shelters(app: FastAPI, reading: Reading) -> None:
    """Add the routes."""

    @app.get(
        "/v1/shelters",
        tags=["shelters"],
        summary="The shelters of the caller, with their units",
        response_model=None,
        responses={200: {"model": SheltersAnswer}, **_DOCUMENTED},
        openapi_extra=_EXTRA,
    )
    async def get_shelters(request: Request) -> Response:
        return await _shelters(reading, request)

    @app.get(
        "/v1/shelters/{shelter}",
        tags=["shelters"],
        summary="One shelter, with its units",
        response_model=None,
        responses={200: {"model": ShelterAnswer}, **_DOCUMENTED},
        openapi_extra=_EXTRA,
    )
    async def get_shelter(request: Request, shelter: str) -> Response:
        return await _shelter(reading, request, shelter)


async def _shelters(reading: Reading, request: Request) -> Response:
    caller = await reading.caller(request, *_SEES)
    own = [reading.partition(shelter) for shelter in caller.shelters] if caller.role == "shelter" else None
    read = await reading.read(request, own)
    told = _told(reading, read, {"shelters": (documents := _documents(reading, caller, read))})
    await reading.audit.note(request, caller, "shelters-shown", objects=shelters(each["shelter"] for each in documents))
    return told


async def _shelter(reading: Reading, request: Request, shelter: str) -> Response:
    caller = await reading.caller(request, *_SEES)
    if caller.role == "shelter" and shelter not in caller.shelters:
        await reading.audit.refused(request, caller)
        raise ProblemError("not-yours")
    read = await reading.read(request, [reading.partition(shelter)])
    [look] = read.looks
    found = look.shelters.get(shelter)
    # Which one was asked for is noted where there is such a one, and never otherwise: it is what somebody typed
    objects = shelters([shelter] if found else [])
    if found and sees(caller, found):
        told = _told(reading, read, {"shelter": _document(reading, caller, read, look, found)})
        await reading.audit.note(request, caller, "shelters-shown", objects=objects)
        return told
    read.standing.insist(read.now, reading.patience)  # a half view can't say that there is nothing
    await reading.audit.refused(request, caller, *objects)
    raise ProblemError("not-yours")


_EXTRA: Final = {**BEARER, "parameters": [AT_LEAST], **noted("shelters-shown")}
_DOCUMENTED: Final = documented("invalid", "unauthenticated", "not-yours", "issuer-away", "phone", "rebuilding")


def _told(reading: Reading, read: Read, body: dict[str, Any]) -> Response:
    if read.looks:
        read.standing.insist(read.now, reading.patience)
    head: dict[str, Any] = {
        **reading.named(read.now),
        "as_of": shown(read.standing.as_of if read.looks else read.now),
        "degraded": bool(read.looks) and read.standing.degraded(read.now, reading.patience),
    }
    if read.at_least is not None:
        head["at_least_reached"] = read.at_least
    return answer(head | body)


def _documents(reading: Reading, caller: Caller, read: Read) -> list[dict[str, Any]]:
    listed = [(look, shelter) for look in read.looks for shelter in look.shelters.values() if sees(caller, shelter)]
    return [_document(reading, caller, read, look, shelter) for look, shelter in sorted(listed, key=lambda pair: pair[1].shelter)]


def _document(reading: Reading, caller: Caller, read: Read, look: Look, shelter: ShelterPicture) -> dict[str, Any]:
    return document(look, shelter, seen_at(look, read.now), reading.limits, households=caller.role == "shelter")


def sees(caller: Caller, shelter: ShelterPicture) -> bool:
    """Say whether a caller may see a shelter."""
    match caller.role:
        case "shelter":
            return shelter.shelter in caller.shelters
        case "coordinator":
            return shelter.region in caller.regions
        case role:
            return role == "operator"


def document(look: Look, shelter: ShelterPicture, now: int, limits: Limits, *, households: bool) -> dict[str, Any]:
    """Write a shelter as it is at `now` (ms), with or without the households in it."""
    paused = shelter.paused
    waiting = [hold for (where, _), hold in look.holds.items() if where == shelter.shelter and hold.live(now) and not hold.accepted]
    return {
        "shelter": shelter.shelter,
        "registration": plain(shelter.registration) if shelter.registration else None,
        **state_document([Part(clock=now, shelters=[shelter], holds=[], dead_letters=0)], now, limits)["shelters"][shelter.shelter],
        "freshness": freshness(shelter.heard_at, now, limits),
        "heard_at": shown(shelter.heard_at),
        "paused": {"reason": paused.reason, "expected_until": shown_ns(paused.expected_until)} if paused else None,
        "units": [_unit(unit, shelter, now, limits, households=households) for unit in _in_order(shelter.units.values())],
        "holds_waiting": [_hold(hold) for hold in sorted(waiting, key=lambda hold: (hold.until, hold.hold))],
        "position": position_of(look),
    }


def _in_order(units: Iterable[UnitPicture]) -> list[UnitPicture]:
    return sorted(units, key=lambda unit: unit.unit)


def _unit(unit: UnitPicture, shelter: ShelterPicture, now: int, limits: Limits, *, households: bool) -> dict[str, Any]:
    held = unit.held if unit.held and now < unit.held.until else None
    written: dict[str, Any] = {
        "unit": unit.unit,
        "declared": unit.declared,
        "state": state_of(unit, paused=shelter.paused is not None, unknown=shelter.unknown(now, limits), now=now),
        "kind": unit.kind,
        "overflow": unit.overflow,
        "max_adults": unit.max_adults,
        "max_children": unit.max_children,
        "beds": unit.beds,
        "features": unit.features,
        "closed": {"reason": unit.closed.reason, "expected_until": shown_ns(unit.closed.expected_until)} if unit.closed else None,
        "held": {"hold": held.hold, "until": shown(held.until)} if held else None,
    }
    if households:
        written["stays"] = [
            {
                "stay": stay.stay,
                "adults": stay.adults,
                "children": stay.children,
                "since": shown_ns(stay.since),
                "expected_at": shown_ns(stay.expected_at),
            }
            for stay in unit.stays
        ]
    return written


def _hold(hold: Hold) -> dict[str, Any]:
    return {
        "hold": hold.hold,
        "unit": hold.unit,
        "desk": hold.desk,
        "adults": hold.adults,
        "children": hold.children,
        "requested_at": shown(hold.requested_at),
        "until": shown(hold.until),
    }
