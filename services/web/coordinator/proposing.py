"""What a coordinator proposes and confirms: a new shelter, a changed one, units."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from starlette.responses import Response

from services.web.clients.plek_client import Answer
from services.web.pages import words
from services.web.pages.visit import Visit

_LISTS: Final = ("audience", "services")
_MOST_UNITS: Final = 40
_TEXTS: Final = ("shelter", "name", "organisation", "region", "security", "intake_phone")


async def new(visit: Visit) -> Response:
    """Show the form of a new shelter."""
    return _form(visit, audience=["women"])


def _form(visit: Visit, status: int = 200, problem: str = "", errors: Sequence[Any] = (), **chosen: list[str]) -> Response:
    """Return the form of a new shelter, with what was typed and chosen in it."""
    kept = {name: visit.texts(name) for name in (*_LISTS, "features")}
    return visit.render("coordinator/new.html", status, sent=dict(visit.form), chosen=kept | chosen, problem=problem, errors=errors)


async def propose(visit: Visit) -> Response:
    """Propose a new shelter, with its units."""
    try:
        units = _units(visit)
    except ValueError:
        return _form(visit, 400, visit.say(words.PROBLEMS["invalid"]))
    answer = await visit.post("/v1/shelters", _registration(visit))
    if not answer.ok:
        return _form(visit, answer.shown_as, visit.problem_text(answer), answer.body.get("errors", ()))
    added = await visit.site.client.post(visit.token, f"/v1/shelters/{visit.text('shelter')}/units", {"units": units}) if units else None
    return visit.render(
        "coordinator/proposed.html", answer=answer.body, units=added.body if added else None, refused=_refusal(visit, added)
    )


def _refusal(visit: Visit, answer: Answer | None) -> str:
    return visit.problem_text(answer) if answer and not answer.ok else ""


def _registration(visit: Visit) -> dict[str, Any]:
    age = visit.text("max_son_age")
    return {
        **{name: visit.text(name) for name in _TEXTS},
        **{name: visit.texts(name) for name in _LISTS},
        "languages": visit.text("languages").lower().replace(",", " ").split(),
        "max_son_age": int(age) if age.isdigit() else None,
    }


def _units(visit: Visit) -> list[dict[str, Any]]:
    """Return so many units of one kind, numbered after those that there are; ValueError for what is no number."""
    number, first = int(visit.text("units") or 0), int(visit.text("first") or 1)
    return [
        {
            "unit": f"u{first + each}",
            "kind": visit.text("kind"),
            "max_adults": int(visit.text("max_adults") or 1),
            "max_children": int(visit.text("max_children") or 0),
            "beds": int(visit.text("beds") or 1),
            "features": visit.texts("features"),
        }
        for each in range(min(number, _MOST_UNITS))
    ]


async def add_units(visit: Visit) -> Response:
    """Declare more units of a shelter."""
    try:
        units = _units(visit)
    except ValueError:
        return visit.render_problem(400, visit.say(words.PROBLEMS["invalid"]), "/regions")
    return _after(visit, await visit.post(f"/v1/shelters/{visit.text('shelter')}/units", {"units": units}))


async def withdraw_unit(visit: Visit) -> Response:
    """Withdraw a unit."""
    return _after(visit, await visit.post(f"/v1/shelters/{visit.text('shelter')}/units/{visit.text('unit')}/withdrawal", {}))


async def change(visit: Visit) -> Response:
    """Propose another telephone number, or change what needs no second person."""
    stated = {name: visit.text(name) for name in ("name", "intake_phone") if visit.text(name)}
    return _after(visit, await visit.site.client.patch(visit.token, f"/v1/shelters/{visit.text('shelter')}/registration", stated))


async def decide(visit: Visit) -> Response:
    """Confirm or reject what another has proposed, with the units of a new shelter that are shown beside it."""
    verb = visit.request.path_params["verb"]
    if verb not in {"confirm", "reject", "withdraw"}:
        return visit.render_problem(404, visit.say(words.PROBLEMS["not-found"]), "/regions")
    for proposal in (visit.request.path_params["proposal"], *visit.texts("together")):
        answer = await visit.post(f"/v1/proposals/{quote(proposal, safe='')}/{verb}", {"reason": "mistake"} if verb == "reject" else {})
        if not answer.ok:
            return visit.problem(answer, back="/regions")
    return visit.redirect(f"/regions?said={verb}")


def _after(visit: Visit, answer: Answer) -> Response:
    if not answer.ok:
        return visit.problem(answer, back="/regions")
    return visit.render("coordinator/proposed.html", answer=answer.body, units=None, refused="")
