"""Log in, come back with what was typed, choose a language, log out."""

import secrets
from typing import Final

from starlette.responses import Response

from services.web.pages import words
from services.web.pages.language import COOKIE, LANGUAGES
from services.web.pages.visit import Visit
from services.web.session.login import LoginError
from services.web.session.session import session_of

HOME: Final = {
    "worker": "/tonight",
    "shelter": "/shelter",
    "coordinator": "/regions",
    "analyst": "/figures",
    "auditor": "/audit",
    "operator": "/parts",
}
_YEAR_S: Final = 366 * 86_400


async def home(visit: Visit) -> Response:
    """Show a person's own first page; without a session where to find help, and the log-in."""
    if visit.session is None:
        return visit.render("home.html")
    return visit.redirect(HOME[visit.session.role])


async def accessibility(visit: Visit) -> Response:
    """Show what was looked at so that everyone can use the pages, and what was not."""
    return visit.render("accessibility.html")


async def login(visit: Visit) -> Response:
    """Send the person to the issuer."""
    try:
        address, flow = await visit.site.login.begin()
    except LoginError:
        return visit.render_problem(503, visit.say(words.PROBLEMS["issuer-away"]))
    before = visit.site.cookies.flow(visit.request) or {}
    response = visit.redirect(address)
    visit.site.cookies.set_flow(response, flow | {"to": _local(visit.request.query_params.get("to")), "draft": before.get("draft")})
    return response


async def callback(visit: Visit) -> Response:
    """Take the issuer's answer; the session begins here, with a cookie that no page before it has set."""
    site, flow = visit.site, visit.site.cookies.flow(visit.request)
    if not flow or not flow["state"]:
        return visit.redirect("/")
    try:
        token = await site.login.finish(flow, visit.request.query_params)
        session = session_of(token, site.role_claim, secrets.token_urlsafe(16), site.now())
    except (LoginError, ValueError):
        response = visit.render_problem(403, visit.say("Inloggen is niet gelukt. Probeer het nog een keer."))
        # What was typed waits for the next log-in; this one can't be finished any more
        site.cookies.set_flow(response, {"draft": flow.get("draft"), "state": "", "verifier": "", "to": flow["to"]})
        return response
    visit.session = session
    draft = flow.get("draft")
    # A page and no redirect: after one a browser holds back a cookie that is for our own pages only (SameSite=Strict)
    response = visit.render("kept.html", draft=draft, login=False) if draft else visit.render("welcome.html", to=_local(flow["to"]))
    site.cookies.set_session(response, session)
    site.cookies.end_flow(response)
    return response


async def logout(visit: Visit) -> Response:
    """Take the token back everywhere, and end the session in this browser, with all that it has kept of the pages."""
    if visit.session:
        await visit.site.client.post(visit.token, "/v1/logout")
    visit.session = None
    response = visit.render("logged_out.html")
    visit.site.cookies.end_session(visit.request, response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


async def choose_language(visit: Visit) -> Response:
    """Remember a language in this browser."""
    chosen = visit.request.path_params["language"]
    response = visit.redirect(_local(visit.request.query_params.get("to")))
    if chosen in LANGUAGES:
        response.set_cookie(COOKIE, chosen, max_age=_YEAR_S, path="/", secure=True, httponly=True, samesite="lax")
    return response


def _local(to: str | None) -> str:
    """Return a path of our own pages; the first page for anything else, also what a browser would read as another host."""
    fine = to and to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable() and "\\" not in to
    return to if fine and to else "/"
