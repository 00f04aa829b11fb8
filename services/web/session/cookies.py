"""The cookies of the pages: the session, and for ten minutes what a log-in has begun. Both are sealed: the browser can read neither.

The prefix `__Host-` binds a cookie to this one host over TLS (a browser counts loopback as such). No list of sessions is kept: what is in
the cookie is all there is, so a session ends with its cookie, with its token, and with the process where no key is set.
"""

import secrets
from dataclasses import asdict
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from services.adapters.clock import Clock
from services.adapters.http.sealed_tokens import SealedTokens
from services.domain.durations import MINUTE_MS
from services.web.session.session import Session

SESSION: Final = "__Host-plek"
FLOW: Final = "__Host-plek-login"
SEARCH: Final = "__Host-plek-search-"
"""The first part of the name of a search's cookie; the rest is the name of the search in the address."""
# A browser sends all of them with every request, and a proxy takes 16 kB of header fields
_MOST_SEARCHES: Final = 4
_FLOW_MS: Final = 10 * MINUTE_MS
# What every browser takes of one cookie (RFC 6265, section 6.1), with its name and attributes
MOST_BYTES: Final = 3_900


class SessionCookies:
    """Seals sessions into cookies, and opens them."""

    def __init__(self, key: str | None, now: Clock) -> None:
        """Take the key that all processes of the pages share; without one a key of this process."""
        self._seals, self._now = SealedTokens(bytes.fromhex(key) if key else secrets.token_bytes(32)), now

    def session(self, request: Request) -> Session | None:
        """Return the session of a request; None without one, and once it is over."""
        found = self._seals.open("session", request.cookies.get(SESSION, ""))
        try:
            session = Session(**found | {"shelters": tuple(found["shelters"]), "regions": tuple(found["regions"])}) if found else None
        except (TypeError, KeyError):  # sealed by another version of the pages
            return None
        return session if session and not session.over(self._now()) else None

    def set_session(self, response: Response, session: Session) -> None:
        """Set the cookie of a session; ValueError for one that no browser would keep."""
        sealed = self._seals.seal("session", asdict(session))
        if len(sealed) > MOST_BYTES:
            raise ValueError("the token is too long for a cookie")
        response.set_cookie(SESSION, sealed, path="/", secure=True, httponly=True, samesite="strict")

    def end_session(self, request: Request, response: Response) -> None:
        """Remove the cookie of the session, and those of what was searched in it."""
        for name in (SESSION, *_searches(request)):
            _remove(response, name)

    def search(self, request: Request, session: Session, name: str) -> list[list[str]] | None:
        """Return the fields of a search that this person made in this browser; None for another, and once its offers are over."""
        found = self._seals.open(_kind_of_search(session), request.cookies.get(f"{SEARCH}{name}", ""))
        return found if isinstance(found, list) else None

    def set_search(self, request: Request, response: Response, session: Session, name: str, fields: list[tuple[str, str]]) -> None:
        """Keep the fields of a search for as long as its offers hold: no address names a household, and *back* shows the offers.

        ValueError for fields that no browser would keep. The oldest searches go: browsers send the first made first (RFC 6265, 5.4).
        """
        sealed = self._seals.seal(_kind_of_search(session), fields)
        if len(sealed) > MOST_BYTES:
            raise ValueError("the search is too long for a cookie")
        for old in _searches(request)[: -(_MOST_SEARCHES - 1)]:
            _remove(response, old)
        response.set_cookie(f"{SEARCH}{name}", sealed, path="/", max_age=_FLOW_MS // 1_000, secure=True, httponly=True, samesite="strict")

    def flow(self, request: Request) -> dict[str, Any] | None:
        """Return what this browser's log-in has begun with; None without one, and after ten minutes."""
        found = self._seals.open("flow", request.cookies.get(FLOW, ""))
        return found if isinstance(found, dict) and self._now() - found["began"] < _FLOW_MS else None

    def fits(self, flow: dict[str, Any]) -> bool:
        """Return whether a browser keeps the whole of what a log-in begins with, with what was typed."""
        return len(self._sealed_flow(flow)) <= MOST_BYTES

    def set_flow(self, response: Response, flow: dict[str, Any]) -> None:
        """Set the cookie of a log-in; what was typed is left out where it is too long."""
        sealed = self._sealed_flow(flow if self.fits(flow) else flow | {"draft": None})
        # The issuer's answer comes from another site, and must find it
        response.set_cookie(FLOW, sealed, path="/", max_age=_FLOW_MS // 1_000, secure=True, httponly=True, samesite="lax")

    def _sealed_flow(self, flow: dict[str, Any]) -> str:
        return self._seals.seal("flow", flow | {"began": self._now()})

    def end_flow(self, response: Response) -> None:
        """Remove the cookie of a log-in."""
        response.delete_cookie(FLOW, path="/", secure=True, httponly=True, samesite="lax")


def _kind_of_search(session: Session) -> str:
    return f"search of {session.person}"


def _searches(request: Request) -> list[str]:
    return [name for name in request.cookies if name.startswith(SEARCH)]


def _remove(response: Response, name: str) -> None:
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="strict")
