"""Composes the pages. Nothing connects before it is asked for: the pages answer, and say so, whatever is away."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.resources import files
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from services.adapters.clock import now_ms
from services.adapters.config.settings import Settings
from services.adapters.http.security_headers import SecurityHeaders, completed
from services.adapters.regions import read_regions
from services.adapters.roles import ROLES
from services.web.analyst import figures, publish_pages, report_pages, snapshot_pages
from services.web.clients.plek_client import PlekClient
from services.web.coordinator import overview, proposing
from services.web.headers import page_headers
from services.web.live import live
from services.web.oversight import audit_pages, parts, trail
from services.web.pages import login_pages, words
from services.web.pages.page import page
from services.web.pages.templates import Templates
from services.web.pages.visit import Site, Visit, visit_of
from services.web.session.cookies import SessionCookies
from services.web.session.login import Login
from services.web.shelter import acts, browser_notices, spreadsheet_pages, today
from services.web.worker import emergencies, find_pages, holding, tonight


def create_app(settings: Settings) -> Starlette:
    """Return the pages of these settings."""
    issuer = urlsplit(settings.issuer)
    return pages_of(_site(settings), f"{issuer.scheme}://{issuer.netloc}")


def pages_of(site: Site, issuer: str) -> Starlette:
    """Return the pages that stand on a site; `issuer` is the origin that the log-in leads to."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await site.client.close()

    rooms = (_public, _worker, _shelter, _coordinator, _figures, _oversight, _plumbing)
    routes = [route for room in rooms for route in room(site)]
    middleware = [Middleware(SecurityHeaders, fields=page_headers(issuer))]
    handlers = {status: _handler(site, show) for status, show in ((404, _missing), (405, _unasked))}
    return Starlette(routes=routes, lifespan=lifespan, middleware=middleware, exception_handlers=handlers | {500: _faults(site, issuer)})


_Handler = Callable[[Request, Exception], Awaitable[Response]]


def _handler(site: Site, show: Callable[[Visit], Response]) -> _Handler:
    """Return what answers where no page does: with what `show` makes of the request."""

    async def answer(request: Request, _: Exception) -> Response:
        return show(visit_of(site, request))

    return answer


def _faults(site: Site, issuer: str) -> _Handler:
    """Return what answers after a fault of ours. Starlette has it outside of every middleware, so it states the header fields itself."""

    async def answer(request: Request, _: Exception) -> Response:
        response = _fault(visit_of(site, request))
        response.raw_headers = completed(response.raw_headers, page_headers(issuer))
        return response

    return answer


def _missing(visit: Visit) -> Response:
    return visit.render_problem(404, visit.say(words.PROBLEMS["not-found"]))


def _unasked(visit: Visit) -> Response:
    """Return what follows where the address of a sent form is opened, by the choice of a language for one: the first page of the person."""
    if visit.request.method == "GET":
        return visit.redirect("/")
    return visit.render_problem(405, visit.say(words.PROBLEMS["not-found"]))


def _fault(visit: Visit) -> Response:
    """Return what a person sees after a fault of ours: never a blank page, and where the numbers are."""
    return visit.render_problem(500, visit.say(words.PROBLEMS["internal-error"]))


def _site(settings: Settings) -> Site:
    key = settings.web_key.get_secret_value() if settings.web_key else None
    secret = settings.web_client_secret.get_secret_value() if settings.web_client_secret else None
    ports = (settings.api_port, settings.gateway_port, settings.monitor_port)
    return Site(
        client=PlekClient.at(*map(settings.reached_by_pages, ports), authority=settings.web_behind_ca_file),
        cookies=SessionCookies(key, now_ms),
        login=Login(issuer=settings.issuer, client=settings.web_client, client_secret=secret, redirect_uri=f"{settings.pages}/login/done"),
        templates=Templates(),
        regions=read_regions(settings.regions),
        now=now_ms,
        role_claim=settings.role_claim,
        practice=settings.web_practice,
    )


def _public(site: Site) -> list[BaseRoute]:
    return [
        page(site, "/", login_pages.home),
        page(site, "/accessibility", login_pages.accessibility),
        page(site, "/login", login_pages.login),
        page(site, "/login/done", login_pages.callback),
        page(site, "/language/{language}", login_pages.choose_language),
        page(site, "/logout", login_pages.logout, post=True),
        page(site, "/duty", emergencies.duty, "worker", "shelter", "coordinator", "operator"),
    ]


def _worker(site: Site) -> list[BaseRoute]:
    return [
        page(site, "/tonight", tonight.tonight, "worker"),
        page(site, "/find", find_pages.find, "worker"),
        page(site, "/find", find_pages.offers, "worker", post=True),
        page(site, "/offers/{search}", find_pages.kept_offers, "worker"),
        page(site, "/refine", find_pages.refine, "worker", post=True),
        page(site, "/hold", holding.hold, "worker", post=True),
        page(site, "/holds/{hold}", holding.held, "worker"),
        page(site, "/holds/{hold}/release", holding.release, "worker", post=True),
        page(site, "/holds/{hold}/extend", holding.extend, "worker", post=True),
        page(site, "/holds/{hold}/take-over", holding.take_over, "worker", post=True),
        page(site, "/hotel", emergencies.hotel, "worker"),
        page(site, "/hotel", emergencies.log_hotel, "worker", post=True),
        page(site, "/hotel/{case}/end", emergencies.end_hotel, "worker", post=True),
        page(site, "/hotel/{case}/undo", emergencies.undo_hotel, "worker", post=True),
        page(site, "/waiting", emergencies.waiting, "worker"),
        page(site, "/waiting", emergencies.join_waiting, "worker", post=True),
        page(site, "/waiting/{case}/leave", emergencies.leave_waiting, "worker", post=True),
        page(site, "/waiting/{case}/undo", emergencies.undo_waiting, "worker", post=True),
    ]


def _shelter(site: Site) -> list[BaseRoute]:
    return [
        page(site, "/shelter", today.choose, "shelter"),
        page(site, "/shelter/notices", browser_notices.show_key, "shelter"),
        page(site, "/shelter/notices", browser_notices.subscribe, "shelter", post=True),
        page(site, "/shelter/notices/stop", browser_notices.stop, "shelter", post=True),
        page(site, "/shelter/{number:int}", today.today, "shelter"),
        page(site, "/shelter/{number:int}/history", today.history, "shelter"),
        page(site, "/shelter/{number:int}/bring-in", spreadsheet_pages.choose_file, "shelter"),
        page(site, "/shelter/{number:int}/bring-in", spreadsheet_pages.preview, "shelter", post=True, files=1),
        page(site, "/shelter/{number:int}/bring-in/send", spreadsheet_pages.send, "shelter", post=True),
        page(site, "/shelter/{number:int}/bring-in/{kind}", spreadsheet_pages.template, "shelter"),
        page(site, "/shelter/{number:int}/unit/{unit}", today.unit, "shelter"),
        page(site, "/shelter/{number:int}/undo/{event}", acts.undo, "shelter", post=True),
        page(site, "/shelter/{number:int}/holds/{hold}/accept", acts.accept, "shelter", post=True),
        page(site, "/shelter/{number:int}/holds/{hold}/decline", acts.decline, "shelter", post=True),
        page(site, "/shelter/{number:int}/{act}", acts.send, "shelter", post=True),
    ]


def _coordinator(site: Site) -> list[BaseRoute]:
    return [
        page(site, "/regions", overview.regions, "coordinator"),
        page(site, "/regions/new", proposing.new, "coordinator"),
        page(site, "/regions/new", proposing.propose, "coordinator", post=True),
        page(site, "/regions/open", overview.shelter, "coordinator", post=True),
        page(site, "/regions/units", proposing.add_units, "coordinator", post=True),
        page(site, "/regions/units/withdraw", proposing.withdraw_unit, "coordinator", post=True),
        page(site, "/regions/change", proposing.change, "coordinator", post=True),
        page(site, "/proposals/{proposal}/{verb}", proposing.decide, "coordinator", post=True),
    ]


def _figures(site: Site) -> list[BaseRoute]:
    return [
        page(site, "/figures", figures.explorer, "analyst", "operator"),
        page(site, "/figures/file/{form}", figures.download, "analyst", "operator"),
        page(site, "/snapshots", snapshot_pages.snapshots, "analyst", "operator"),
        page(site, "/report", report_pages.report, "analyst", "operator"),
        page(site, "/report/{year}/{language}", report_pages.report_page, "analyst", "operator"),
        page(site, "/publish", publish_pages.draft, "analyst", "operator"),
        page(site, "/publish/confirm", publish_pages.confirm, "analyst", "operator", post=True),
        page(site, "/publish", publish_pages.publish, "analyst", "operator", post=True),
        page(site, "/published", figures.published),
    ]


def _oversight(site: Site) -> list[BaseRoute]:
    return [
        page(site, "/parts", parts.parts, "operator"),
        page(site, "/audit", audit_pages.records, "auditor"),
        page(site, "/audit", audit_pages.records, "auditor", post=True),
        page(site, "/audit/openings", audit_pages.ask, "auditor", post=True),
        page(site, "/trail", trail.trail, *ROLES),
    ]


def _plumbing(site: Site) -> list[BaseRoute]:
    async def stream(request: Request) -> Response:
        return await live(site, request)

    async def ready(_: Request) -> Response:
        return JSONResponse({"status": "ok", "parts": {}})

    static = files("services.web").joinpath("static")
    script = static.joinpath("sw.js").read_text("utf-8")

    async def worker_script(_: Request) -> Response:
        # At the root: a service worker keeps what lies below its own path
        return Response(script, media_type="text/javascript")

    return [
        Route("/live", stream),
        Route("/sw.js", worker_script),
        Route("/healthz", ready),
        Route("/readyz", ready),
        Mount("/static", StaticFiles(directory=str(static))),
    ]
