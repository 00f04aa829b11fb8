"""Law: a route that does not say who may ask it is not there, and no route answers anybody whom it has not let in.

Two locks, for one is forgotten. A route of an app can't be made without a word on who is let in: such a service does not start. And a good
answer that leaves one where no token was looked at, or no turn was taken, is kept in the house, whoever made that route and in which way.

Nor does a route that only shows something answer another question than it was asked: a parameter it does not document is refused.
"""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Scope

from services.adapters.identity import Caller, Identity
from services.adapters.problems import ErrorItem, ProblemError
from services.adapters.rates import Asked

OPEN: Final = "x-open-to-anybody"
"""In OpenAPI: why no token is asked for."""
UNMETERED: Final = "x-unmetered"
"""In OpenAPI: why a caller may ask as often as she likes."""
BEARER: Final[dict[str, Any]] = {"security": [{"bearer": []}]}
"""Declares, in a route's `openapi_extra`, that only callers are let in; which of them, its handler says."""


def open_to_anybody(why: str) -> dict[str, Any]:
    """Declare, in a route's `openapi_extra`, that no token is asked for."""
    return {OPEN: why}


def unmetered(why: str) -> dict[str, Any]:
    """Declare, in a route's `openapi_extra`, that nobody waits for her turn."""
    return {UNMETERED: why}


async def let_in(request: Request, identity: Identity, asked: Asked | None = "call") -> Caller:
    """Verify the token of a request, and take the caller's turn; ProblemError as `Identity.caller`."""
    caller = await identity.caller(request.headers.get("authorization"), asked)
    request.state.role, request.state.metered = caller.role, asked is not None
    return caller


class DeclaredRoute(APIRoute):
    """A route that says who is let in; ValueError when it does not, or says both."""

    def __init__(self, path: str, endpoint: Any, **more: Any) -> None:
        declared = more.get("openapi_extra") or {}
        if (declared.get("security") == BEARER["security"]) == (OPEN in declared):
            raise ValueError(f"{path} does not say who may ask it: BEARER or open_to_anybody of services/adapters/access.py")
        super().__init__(path, endpoint, **more)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        handle = super().get_route_handler()
        if self.methods != {"GET"} or not self.path.startswith("/v1/"):
            return handle
        stated = (self.openapi_extra or {}).get("parameters", ())
        known = {each["name"] for each in stated if each["in"] == "query"} | {each.alias for each in self.dependant.query_params}

        async def checked(request: Request) -> Response:
            if not known.issuperset(request.query_params):
                # Its name is not repeated: it may be anything
                detail = f"a parameter that is none of {', '.join(sorted(known))}" if known else "no parameter is known here"
                raise ProblemError("invalid", errors=[ErrorItem(None, "query", "unknown_parameter", detail)])
            return await handle(request)

        return checked


def was_let_in(scope: Scope) -> bool:
    """Say whether whoever asks this was let in, as its route says."""
    declared, state = getattr(scope.get("route"), "openapi_extra", None) or {}, scope.get("state", {})
    return OPEN in declared or ("security" in declared and "role" in state and (state["metered"] or UNMETERED in declared))
