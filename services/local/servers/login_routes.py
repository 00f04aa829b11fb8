"""The log-in of the local issuer: a page to choose a person from, and the exchange of a code for a token. It serves loopback only."""

import secrets
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from jinja2 import Environment

from services.adapters.clock import now_ms, seconds
from services.adapters.config.loopback import on_loopback
from services.local.identity.login_codes import LoginCodes, LoginRequest
from services.local.identity.people import PEOPLE
from services.local.identity.tokens import Person, Role, TokenIssuer
from services.local.user_error import UserError

_HOURS: Final = 12.0
_SEE_OTHER: Final = 303
_PAGE: Final = "default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self' {client}; frame-ancestors 'none'; base-uri 'none'"


def add_login(app: FastAPI, tokens: TokenIssuer) -> None:
    """Add the routes."""
    codes = LoginCodes(seconds)
    page = Environment(autoescape=True).from_string(files(__package__).joinpath("login_page.html").read_text("utf-8"))

    @app.get("/authorize")
    def choose(request: Request) -> Response:
        asked = _asked(request.query_params)
        if asked is None:
            return JSONResponse({"error": "invalid_request"}, 400)
        nonce = secrets.token_urlsafe(16)
        policy = _PAGE.format(nonce=nonce, client=_origin(asked.redirect_uri))
        headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        return HTMLResponse(page.render(people=PEOPLE, roles=[role.value for role in Role], nonce=nonce), headers=headers)

    @app.post("/authorize")
    async def chosen(request: Request) -> Response:
        asked, form = _asked(request.query_params), await request.form()
        person = _person({name: value for name, value in form.items() if isinstance(value, str)})
        if asked is None or person is None:
            return JSONResponse({"error": "invalid_request"}, 400)
        back = urlencode({"code": codes.issue(asked, person), "state": asked.state, "iss": tokens.issuer})
        return RedirectResponse(f"{asked.redirect_uri}?{back}", _SEE_OTHER)

    @app.post("/token")
    async def exchange(request: Request) -> Response:
        form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        redeemed = codes.redeem(*(form.get(name, "") for name in ("code", "client_id", "redirect_uri", "code_verifier")))
        if form.get("grant_type") != "authorization_code" or redeemed is None:
            return JSONResponse({"error": "invalid_grant"}, 400, headers={"Cache-Control": "no-store"})
        return JSONResponse(_tokens(tokens, *redeemed), headers={"Cache-Control": "no-store"})


def _asked(query: Mapping[str, str]) -> LoginRequest | None:
    """Read the request of a client; None for one that no code may be made for: an address beyond loopback, or without a challenge."""
    redirect_uri, challenge = query.get("redirect_uri", ""), query.get("code_challenge", "")
    fine = query.get("response_type") == "code" and query.get("code_challenge_method") == "S256" and challenge
    if not fine or not on_loopback(redirect_uri):
        return None
    return LoginRequest(
        client_id=query.get("client_id", ""),
        redirect_uri=redirect_uri,
        state=query.get("state", ""),
        nonce=query.get("nonce", ""),
        code_challenge=challenge,
    )


def _person(form: Mapping[str, str]) -> Person | None:
    """Return the person that was chosen, or described; None for none, and for one who could see nothing."""
    number = form.get("person", "")
    if number.isdigit() and int(number) < len(PEOPLE):
        return PEOPLE[int(number)].person
    try:
        person = Person(
            role=Role(form.get("role", "")),
            subject=form.get("subject", "") or "somebody",
            shelters=tuple(form.get("shelters", "").split()),
            regions=tuple(form.get("regions", "").split()),
            desk=form.get("desk") or None,
        )
        person.check()
    except (ValueError, UserError):
        return None
    return person


def _tokens(tokens: TokenIssuer, asked: LoginRequest, person: Person) -> dict[str, Any]:
    access, now = tokens.token(person, now_ms(), _HOURS), now_ms() // 1_000
    claims = {"iss": tokens.issuer, "aud": asked.client_id, "sub": person.subject, "iat": now, "exp": now + 600, "nonce": asked.nonce}
    return {"access_token": access, "token_type": "Bearer", "expires_in": int(_HOURS * 3_600), "id_token": tokens.keys.sign(claims)}


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
