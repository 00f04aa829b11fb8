"""Find a place, and the offers: where, how far, which kind, what it has, how old."""

from typing import Any, Final
from uuid import uuid4

from starlette.datastructures import FormData
from starlette.responses import Response

from services.web.clients.plek_client import Answer
from services.web.pages.visit import Visit
from services.web.worker.need import NeedFields, read_need

LIMITED: Final = "too-many"
"""The kind of problem of a limit that is reached."""


async def find(visit: Visit) -> Response:
    """Show the form of a household, empty or filled in with what another page carries over."""
    need = read_need(visit)
    if not need.unread:
        need.line = ""  # the fields say it all now; a line left standing would overrule what is changed in them
    return _form(visit, need)


def _form(visit: Visit, need: NeedFields, problem: Answer | None = None) -> Response:
    status = problem.shown_as if problem else 200
    text = visit.problem_text(problem) if problem else ""
    errors = problem.body.get("errors", ()) if problem else ()
    return visit.render("worker/find.html", status, need=need, problem=text, errors=errors, again_of="")


async def refine(visit: Visit) -> Response:
    """Show the form of a search that was made, to change it and ask again: that counts as no new search."""
    need = read_need(visit)
    return visit.render("worker/find.html", need=need, problem="", errors=(), again_of=visit.text("again_of"))


async def offers(visit: Visit) -> Response:
    """Ask where the household can go, and show the offers."""
    need = read_need(visit)
    if need.unread:
        return _form(visit, need)
    answer = await visit.post("/v1/searches", _search(visit, need))
    if answer.kind == LIMITED:
        carried = [*need.fields(), *((name, visit.text(name)) for name in ("again_of", "call_first", "more") if visit.text(name))]
        return show_limit(visit, answer, "/find", carried)
    if not answer.ok:
        return _form(visit, need, answer)
    name = str(uuid4())[:8]
    response = visit.redirect(f"/offers/{name}")
    asked = [(field, value) for field, value in visit.sent_fields() if value]
    try:
        visit.site.cookies.set_search(visit.request, response, visit.signed_in, name, asked)
    except ValueError:  # shown all the same, without an address to come back to
        return show_offers(visit, need, answer.body)
    return response


async def kept_offers(visit: Visit) -> Response:
    """Show the offers of a search that was made: the same request with the same key has the same answer, and costs nothing."""
    fields = visit.site.cookies.search(visit.request, visit.signed_in, visit.request.path_params["search"])
    if fields is None:
        return visit.redirect("/find")
    visit.form = FormData([(name, value) for name, value in fields])
    need = read_need(visit)
    answer = await visit.post("/v1/searches", _search(visit, need))
    return show_offers(visit, need, answer.body) if answer.ok else _form(visit, need, answer)


def _search(visit: Visit, need: NeedFields) -> dict[str, Any]:
    optional = {name: visit.text(name) for name in ("again_of", "break_glass") if visit.text(name)}
    flags = {name: True for name in ("call_first", "more") if visit.text(name)}
    return need.household() | optional | flags | ({"near": need.near} if need.near else {})


def show_limit(visit: Visit, answer: Answer, to: str, carried: list[tuple[str, str]]) -> Response:
    """Return the page of a limit, with when there is one more, and the way past it: one tap with a reason sends `carried` again."""
    return visit.render(
        "worker/limit.html",
        429,
        to=to,
        carried=carried,
        again_at=answer.body.get("again_at"),
        text=visit.problem_text(answer),
    )


def show_offers(visit: Visit, need: NeedFields, body: dict[str, Any], problem: str = "") -> Response:
    """Return the page of offers; where there is none, what nearly fits and what to do next."""
    return visit.render("worker/offers.html", need=need, answer=body, problem=problem, carried=need.fields())
