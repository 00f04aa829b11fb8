"""What a shelter does: in, out, to another unit, close, reopen, pause, count, answer a hold, undo. Each is one call of the gateway."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from starlette.responses import Response

from services.web.pages import words
from services.web.pages.times import instant
from services.web.pages.visit import Visit
from services.web.shelter.today import own_path, shelter_of

Body = dict[str, Any]
_ASKS: Final = frozenset({"held", "which-stay"})


def _people(visit: Visit) -> Body:
    return {name: int(visit.text(name) or 0) for name in ("adults", "children")}


def _when(visit: Visit) -> Body:
    return {"occurred_at": instant(visit.text("occurred_at"))} if visit.text("occurred_at") else {}


def _until(visit: Visit) -> Body:
    return {"expected_until": instant(visit.text("expected_until"))} if visit.text("expected_until") else {}


def _admission(visit: Visit) -> Body:
    hold = {"hold": visit.text("hold")} if visit.text("hold") else {}
    nobodys: Body = {"hold": None} if visit.text("hold") == "none" else {}
    return {"unit": visit.text("unit"), **_people(visit), **_when(visit), **hold, **nobodys}


def _stay(visit: Visit) -> Body:
    return {"stay": visit.text("stay")} if visit.text("stay") else {"unit": visit.text("unit")}


_BODIES: Final[Mapping[str, Callable[[Visit], Body]]] = {
    "admissions": _admission,
    "discharges": lambda visit: {
        **_stay(visit),
        "destination": visit.text("destination"),
        "unit_ready": not visit.text("to_clean"),
        **_when(visit),
    },
    "transfers": lambda visit: {**_stay(visit), "to_unit": visit.text("to_unit"), **_when(visit)},
    "stay-changes": lambda visit: {**_stay(visit), **_people(visit)},
    "closures": lambda visit: {"unit": visit.text("unit"), "reason": visit.text("reason"), **_until(visit)},
    "reopenings": lambda visit: {"unit": visit.text("unit")},
    "counts": lambda visit: {"free": int(visit.text("free"))},
    "pauses": lambda visit: {"reason": visit.text("reason"), **_until(visit)},
    "resumptions": lambda _: {},
}
"""What each form becomes, by the last part of its path."""


async def send(visit: Visit) -> Response:
    """Send what a form says; a held unit and a stay that is not clear are asked about first."""
    shelter, act, back = shelter_of(visit), visit.request.path_params["act"], own_path(visit)
    if act not in _BODIES:
        return visit.render_problem(404, visit.say(words.PROBLEMS["not-found"]), back)
    try:
        body = _BODIES[act](visit)
    except ValueError:
        return visit.render_problem(400, visit.say(words.PROBLEMS["invalid"]), back)
    answer = await visit.post(f"/v1/shelters/{shelter}/{act}", body)
    if answer.kind in _ASKS:
        text = visit.problem_text(answer)
        return visit.render(
            "shelter/ask.html", 409, at=back, act=act, text=text, answer=answer.body, sent=visit.sent_fields("hold", "stay")
        )
    if not answer.ok:
        return visit.problem(answer, back=back)
    return visit.render("shelter/done.html", at=back, answer=answer.body)


async def undo(visit: Visit) -> Response:
    """Take back what was sent, as if it had never been."""
    path = f"/v1/shelters/{shelter_of(visit)}/events/{visit.request.path_params['event']}/undo"
    answer = await visit.post(path, {"reason": visit.text("reason") or "mistake"})
    if not answer.ok:
        return visit.problem(answer, back=own_path(visit))
    return visit.render("shelter/done.html", at=own_path(visit), answer=answer.body)


async def accept(visit: Visit) -> Response:
    """Accept a household for which a unit is held."""
    return await _answer(visit, "accept", None)


async def decline(visit: Visit) -> Response:
    """Decline a household, with a reason."""
    close = {"close_unit": "maintenance"} if visit.text("reason") == "unit_unfit" and visit.text("close") else {}
    return await _answer(visit, "decline", {"reason": visit.text("reason"), **close})


async def _answer(visit: Visit, act: str, body: Body | None) -> Response:
    answer = await visit.post(f"/v1/holds/{visit.request.path_params['hold']}/{act}", body)
    return visit.redirect(f"{own_path(visit)}?said={act}") if answer.ok else visit.problem(answer, back=own_path(visit))
