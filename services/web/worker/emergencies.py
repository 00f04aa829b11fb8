"""A hotel or another emergency solution, the waiting list, and the duty list: what to do when nothing fits."""

from typing import Any
from uuid import uuid4

from starlette.responses import Response

from services.web.pages.times import instant
from services.web.pages.visit import Visit
from services.web.worker.need import NeedFields, read_need


async def hotel(visit: Visit) -> Response:
    """Show the form of a hotel, filled in with the household."""
    return _hotel(visit, read_need(visit))


def _hotel(visit: Visit, need: NeedFields, *, problem: str = "", fitting: str = "", status: int = 200) -> Response:
    values = {"accommodation": visit.text("accommodation") or "hotel", "reason": visit.text("reason"), "since": visit.text("since")}
    return visit.render(
        "worker/hotel.html",
        status,
        need=need,
        key=visit.text("key") or str(uuid4()),
        problem=problem,
        fitting=fitting,
        carried=need.fields(),
        **values,
    )


async def log_hotel(visit: Visit) -> Response:
    """Log a hotel; where something fits after all, ask first."""
    need = read_need(visit)
    try:
        since = {"occurred_at": instant(visit.text("since"))} if visit.text("since") else {}
    except ValueError:
        return _hotel(visit, need, problem=visit.say("Vul de datum en tijd helemaal in."), status=400)
    body: dict[str, Any] = (
        need.household()
        | since
        | {
            "accommodation": visit.text("accommodation"),
            "reason": visit.text("reason"),
            "ask_first": not visit.text("anyway"),
        }
    )
    answer = await visit.post("/v1/fallbacks", body)
    if not answer.ok:
        return _hotel(visit, need, problem=visit.problem_text(answer), status=answer.shown_as)
    if answer.body.get("status") == "not_logged":
        return _hotel(visit, need, fitting=answer.body["fitting_now"])
    return visit.redirect(f"/tonight?said=hotel-{answer.body['status']}&case={answer.body['fallback']}")


async def end_hotel(visit: Visit) -> Response:
    """Log how a stay in a hotel ended."""
    return await _change(visit, "fallbacks", "end", {"outcome": visit.text("outcome")}, "hotel-ended")


async def undo_hotel(visit: Visit) -> Response:
    """Take back a hotel that was logged by mistake, or its end."""
    return await _change(visit, "fallbacks", "correct", _undo(visit), "undone")


async def waiting(visit: Visit) -> Response:
    """Show the form of a waiting list, filled in with the household."""
    return visit.render("worker/waiting.html", need=read_need(visit), problem="")


async def join_waiting(visit: Visit) -> Response:
    """Put a household on the waiting list of a kind."""
    need = read_need(visit)
    people = {name: need.household()[name] for name in ("adults", "men", "children", "oldest_son_age")}
    answer = await visit.post("/v1/waiting-list", people | {"kind": visit.text("kind")})
    if not answer.ok:
        return visit.render("worker/waiting.html", answer.shown_as, need=need, key=visit.text("key"), problem=visit.problem_text(answer))
    return visit.redirect(f"/tonight?said=waiting&case={answer.body['entry']}")


async def leave_waiting(visit: Visit) -> Response:
    """Take a household off the waiting list, with how it ended."""
    return await _change(visit, "waiting-list", "leave", {"outcome": visit.text("outcome")}, "left")


async def undo_waiting(visit: Visit) -> Response:
    """Take back that a household was put on the waiting list, or taken off it."""
    return await _change(visit, "waiting-list", "correct", _undo(visit), "undone")


def _undo(visit: Visit) -> dict[str, str]:
    return {"undo": "end" if visit.text("undo") == "end" else "start", "reason": "mistake"}


async def _change(visit: Visit, of: str, act: str, body: dict[str, str], said: str) -> Response:
    """Change an open case; the next page says so, and how to take it back."""
    case = visit.request.path_params["case"]
    answer = await visit.post(f"/v1/{of}/{case}/{act}", body)
    return visit.redirect(f"/tonight?said={said}&case={case}") if answer.ok else visit.problem(answer, back="/tonight")


async def duty(visit: Visit) -> Response:
    """Show whom to phone in each region, and from when the list is."""
    answer = await visit.get("/v1/duty-list")
    if not answer.ok:
        return visit.problem(answer, back="/")
    entries = answer.body["entries"]
    return visit.render("duty.html", entries=entries, as_of=answer.body["as_of"])
