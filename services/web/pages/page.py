"""How a request becomes a page: who may see it, whether the form is one of ours, and what happens when the session is over.

Guarantees: a page that is not public has a session of one of its roles; a form is acted on only with its token, and one of another site is
not even kept; nothing that was typed is lost when the session has ended meanwhile.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.adapters.roles import Role
from services.web.pages.visit import Site, Visit, visit_of
from services.web.session.cookies import SESSION
from services.web.session.form_tokens import is_form_token
from services.web.session.session import Session

Handler = Callable[[Visit], Awaitable[Response]]
# More than any form of ours has
_MOST_FIELDS: Final = 200
REFRESH: Final = "x-refresh"
"""The header of what a page asks by itself, to show what has changed."""
_WAITS: Final = "granted"
# What a browser says of a form that a page of ours sent, or the person anew, or nothing where it is old (Fetch Metadata, section 2.3)
_OUR_SITE: Final = frozenset({"", "same-origin", "none"})


def page(site: Site, path: str, handler: Handler, *roles: Role, post: bool = False, files: int = 0) -> Route:
    """Return the route of a page for these roles; without roles for anyone. With `post` it takes a form, and shows nothing else."""

    async def answer(request: Request) -> Response:
        visit = visit_of(site, request)
        if post and request.headers.get("sec-fetch-site", "") not in _OUR_SITE:
            # Not even kept: after a log-in it would be offered as if the person had typed it
            return visit.render_problem(403, visit.say("Dit formulier kwam van een andere site. Er is niets verstuurd."))
        visit.form = await request.form(max_files=files, max_fields=_MOST_FIELDS) if post else request.query_params
        refused = await _refusal(visit, roles) if roles else None
        if refused is None and post and visit.session is not None and not is_form_token(visit.session, visit.form.get("form_token")):
            refused = visit.render("kept.html", 403, draft=_draft_of(visit), login=False)
        response = refused or await handler(visit)
        if refused is None and post and visit.token_refused:
            refused = response = _begin_again(visit)
        await request.close()  # a file that was sent
        # What a page asks by itself shows no person at the screen
        acts = REFRESH not in request.headers
        if roles and refused is None and acts and visit.session and not _sets_session(response):
            site.cookies.set_session(response, visit.session.active(site.now()))
        return response

    return Route(path, answer, methods=["POST"] if post else ["GET"])


def _sets_session(response: Response) -> bool:
    return any(each.startswith(f"{SESSION}=") for each in response.headers.getlist("set-cookie"))


async def _refusal(visit: Visit, roles: tuple[Role, ...]) -> Response | None:
    """Return what a person sees who may not see the page; None for one who may."""
    session = visit.session
    if session is None:
        return _begin_again(visit)
    if session.idle(visit.site.now()) and not await _waits(visit, session):
        is_shown = session.locks and visit.request.method == "GET"
        return visit.render("locked.html", 401, waiting=await _waiting(visit, session)) if is_shown else _begin_again(visit)
    if session.role not in roles:
        return visit.render_problem(403, visit.say("Deze pagina is niet voor uw rol."))
    return None


async def _waiting(visit: Visit, session: Session) -> list[str]:
    """Return the holds that wait for an answer, so that a locked screen can say that there are some; nothing else of them is shown."""
    if session.role == "coordinator":
        answer = await visit.get("/v1/waiting-holds")
        return [hold["hold"] for hold in answer.body.get("holds", ())]
    answer = await visit.get("/v1/shelters")
    return [hold["hold"] for shelter in answer.body.get("shelters", ()) for hold in shelter["holds_waiting"]]


async def _waits(visit: Visit, session: Session) -> bool:
    """Return whether a hold of a worker waits for its shelter: then the worker waits too, and is not idle."""
    if session.role != "worker":
        return False
    answer = await visit.get("/v1/holds")
    return any(hold["mine"] and hold["status"] == _WAITS and not hold["accepted"] for hold in answer.body.get("holds", ()))


def _begin_again(visit: Visit) -> Response:
    """Return the way to the log-in; what was typed is kept in the sealed cookie of the log-in, in this browser alone."""
    request = visit.request
    if REFRESH in request.headers:  # of what no person typed nothing is kept
        return visit.render("kept.html", 401, draft={"path": request.url.path, "fields": []}, login=True, fits=True)
    if request.method == "GET":
        there = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return visit.redirect(f"/login?to={quote(there, safe='')}")
    draft = _draft_of(visit)
    flow = {"draft": draft, "state": "", "verifier": "", "to": "/"}
    response = visit.render("kept.html", 401, draft=draft, login=True, fits=visit.site.cookies.fits(flow), taken_back=visit.token_refused)
    visit.site.cookies.set_flow(response, flow)
    return response


def _draft_of(visit: Visit) -> dict[str, Any]:
    """Return what was typed, and where it was to go."""
    return {"path": visit.request.url.path, "fields": visit.sent_fields()}
