"""The pages in this process, in front of services that answer what a test says, and of an issuer that is the local one."""

from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.adapters.http.sealed_tokens import SealedTokens
from services.adapters.regions import read_regions
from services.adapters.roles import Role
from services.local.identity.people import PEOPLE
from services.local.identity.signing_keys import SigningKeys
from services.local.servers.oidc_issuer import create_app as create_issuer
from services.web.app import pages_of
from services.web.clients.plek_client import PlekClient
from services.web.pages.templates import Templates
from services.web.pages.visit import Site
from services.web.session.cookies import SESSION, SessionCookies
from services.web.session.login import Login
from services.web.session.session import Session

_KEY = "5e" * 32
ISSUER, WEB = "http://127.0.0.1:8090", "https://localhost"
AGED: dict[str, Any] = {
    "as_of": "2026-11-30T02:00:00.000Z",
    "age_seconds": 1,
    "degraded": False,
    "can_hold": True,
    "duty_list": "/v1/duty-list",
}
Body = dict[str, Any]


@dataclass
class Services:
    """The API, the gateway and the monitor as one: what each call is answered with, and what was asked."""

    answers: dict[str, tuple[int, Body]] = field(default_factory=dict)
    asked: list[tuple[str, str, Any, dict[str, str]]] = field(default_factory=list)
    away: bool = False
    answering: dict[str, Callable[[dict[str, str]], Body]] = field(default_factory=dict)
    """What follows from the parameters of a call, by its path."""
    failing: set[str] = field(default_factory=set)
    """Values of parameters: a call with one of them is not answered."""
    responses: dict[str, Response] = field(default_factory=dict)
    """What is answered as it is: no JSON."""
    parameters: list[dict[str, str]] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    """Entity tags of what follows from parameters, by path."""
    refusal: tuple[int, Body] | None = None
    """What each call is answered with that has no answer of its own."""

    async def handle(self, request: Request) -> Response:
        """Answer a call."""
        content = await request.body()
        self.asked.append((request.method, request.url.path, (await request.json()) if content else None, dict(request.headers)))
        self.parameters.append(dict(request.query_params))
        if self.failing & set(request.query_params.values()):
            return JSONResponse({}, 503)
        if response := self.responses.get(f"{request.method} {request.url.path}"):
            return response
        if answer := self.answering.get(f"{request.method} {request.url.path}"):
            return self._tagged(request, JSONResponse(answer(dict(request.query_params))))
        status, body = self.answers.get(f"{request.method} {request.url.path}", self.refusal or (200, AGED | {"entries": []}))
        return JSONResponse(body, status, media_type="application/json")

    def _tagged(self, request: Request, response: Response) -> Response:
        """Add the entity tag that a test has given to a path; 304 to who has it."""
        tag = self.tags.get(request.url.path)
        if tag:
            response.headers["ETag"] = tag
        return Response(status_code=304) if tag and request.headers.get("if-none-match") == tag else response

    @property
    def bodies(self) -> list[Any]:
        """The bodies that were sent, in order."""
        return [body for method, _, body, _ in self.asked if method != "GET"]


@dataclass
class Browser:
    """A browser that keeps cookies, at the pages; the clock of the pages is `now`."""

    client: httpx.AsyncClient
    issuer: httpx.AsyncClient
    services: Services
    clock: list[int]
    seals: SealedTokens
    app: Starlette

    def set_session(self, session: dict[str, Any]) -> None:
        """Put the cookie of a session into the browser, sealed as the pages seal it."""
        for cookie in [each for each in self.client.cookies.jar if each.name == SESSION]:
            self.client.cookies.jar.clear(cookie.domain, cookie.path, cookie.name)
        self.client.cookies.set(SESSION, self.seals.seal("session", session), domain="localhost.local")

    def login_as(self, person: str, role: Role) -> None:
        """Replace the session by that of another person, as a log-in does; other cookies stay."""
        now = self.clock[0]
        session = Session(token="t", person=person, role=role, shelters=(), regions=(), expires=now + 3_600_000, seen=now, secret="s")
        self.set_session(asdict(session))

    async def login(self, number: int, to: str = "/") -> httpx.Response:
        """Log in as one of the people of a local instance, on the way to a page."""
        sent = await self.client.get("/login", params={"to": to})
        there = urlsplit(sent.headers["location"])
        back = await self.issuer.post(f"/authorize?{there.query}", data={"person": str(number)})
        answer = urlsplit(back.headers["location"])
        assert parse_qs(answer.query)["iss"] == [ISSUER]
        return await self.client.get(f"{answer.path}?{answer.query}")

    async def token(self, path: str) -> str:
        """Return the token of the forms of a page."""
        page = (await self.client.get(path)).text
        return page.partition('name="form_token" value="')[2].partition('"')[0]

    async def send(self, path: str, form: dict[str, Any], shown_on: str = "/duty") -> httpx.Response:
        """Send a form with the token of a page that was shown."""
        return await self.client.post(path, data={"form_token": await self.token(shown_on), **form})


async def _away(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("away", request=request)


@pytest_asyncio.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    """Open a browser that nobody has logged in with."""
    services, clock = Services(), [1_796_000_000_000]
    stub = Starlette(routes=[Route("/{path:path}", services.handle, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])])
    issuer = httpx.ASGITransport(create_issuer(SigningKeys(tmp_path / "issuer"), ISSUER, "plek"))

    class Reached(httpx.AsyncBaseTransport):
        inner = httpx.ASGITransport(stub)

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return await (_away(request) if services.away else self.inner.handle_async_request(request))

    def client() -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=Reached(), base_url="http://plek")

    login = Login(issuer=ISSUER, client="plek-web", client_secret=None, redirect_uri=f"{WEB}/login/done", transport=issuer)
    site = Site(
        client=PlekClient(client(), client(), client(), client()),
        cookies=SessionCookies(_KEY, lambda: clock[0]),
        login=login,
        templates=Templates(),
        regions=read_regions(),
        now=lambda: clock[0],
        role_claim="role",
    )
    app = pages_of(site, ISSUER)
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=WEB) as pages,
        httpx.AsyncClient(transport=issuer, base_url=ISSUER) as at_issuer,
    ):
        yield Browser(pages, at_issuer, services, clock, SealedTokens(bytes.fromhex(_KEY)), app)


@pytest.fixture
def number() -> Callable[[str], int]:
    """Return the number of the first person of a role."""
    return lambda role: next(number for number, each in enumerate(PEOPLE) if each.person.role == role)
