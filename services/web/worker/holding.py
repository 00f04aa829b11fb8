"""Hold an offer; a place that is held: whom to phone, until when, longer, given back."""

from starlette.responses import Response

from services.web.clients.plek_client import Answer
from services.web.pages.visit import Visit
from services.web.worker.find_pages import LIMITED, show_limit, show_offers
from services.web.worker.need import read_need


async def hold(visit: Visit) -> Response:
    """Ask for the place of an offer; where it has just gone, show fresh offers."""
    glass = visit.text("break_glass")
    answer = await visit.post("/v1/holds", {"offer": visit.text("offer")} | ({"break_glass": glass} if glass else {}))
    if answer.ok:
        return visit.redirect(f"/holds/{answer.body['hold']}")
    need = read_need(visit)
    if answer.kind == LIMITED:
        return show_limit(visit, answer, "/hold", [*need.fields(), ("offer", visit.text("offer"))])
    if answer.kind == "taken" and "offers" in answer.body:
        return show_offers(visit, need, answer.body, visit.problem_text(answer))
    return visit.problem(answer, back="/find")


async def held(visit: Visit) -> Response:
    """Show one hold: the number to phone, until when, and what to say."""
    answer = await visit.get(f"/v1/holds/{visit.request.path_params['hold']}")
    if not answer.ok:
        return visit.problem(answer, back="/tonight")
    return visit.render("worker/held.html", hold=answer.body, problem="")


async def release(visit: Visit) -> Response:
    """Give a hold back."""
    answer = await visit.site.client.delete(visit.token, _path(visit))
    return visit.redirect("/tonight?said=released") if answer.ok else await _shown_again(visit, answer)


async def extend(visit: Visit) -> Response:
    """Keep a hold for longer."""
    return await _act(visit, "extend")


async def take_over(visit: Visit) -> Response:
    """Take over the hold of a colleague."""
    return await _act(visit, "take-over")


async def _act(visit: Visit, act: str) -> Response:
    answer = await visit.post(f"{_path(visit)}/{act}")
    return visit.redirect(f"/holds/{visit.request.path_params['hold']}") if answer.ok else await _shown_again(visit, answer)


async def _shown_again(visit: Visit, refused: Answer) -> Response:
    shown = await visit.get(_path(visit))
    if not shown.ok:
        return visit.problem(refused, back="/tonight")
    return visit.render("worker/held.html", refused.shown_as, hold=shown.body, problem=visit.problem_text(refused))


def _path(visit: Visit) -> str:
    return f"/v1/holds/{visit.request.path_params['hold']}"
