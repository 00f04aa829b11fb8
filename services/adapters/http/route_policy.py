"""What a route requires, stated once: who may call it, how often, what is recorded, which body it takes, which problems it answers with.

Guarantees: a policy says each of these, or why not (ValueError). It is the dependency that the handler takes (`Depends(POLICY)`) and that
enforces it, and it alone describes the route in OpenAPI, in docs/http.md and to the tests. A service with a route without a policy never
starts. A route refuses a parameter that it does not document: misspelt and ignored, it would change the answer.
"""

import inspect
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar, get_args, get_type_hints

from fastapi import FastAPI, Request, Response
from fastapi.params import Depends
from fastapi.routing import APIRoute

from services.adapters.audit.records import Happening
from services.adapters.auth.rate_limits import CallKind
from services.adapters.http.call import Call, RequestGuard
from services.adapters.problem_details import ErrorItem, Kind, ProblemError, problem_responses
from services.adapters.roles import Role
from services.adapters.schemas.components import Components

AT_LEAST: Final[dict[str, Any]] = {
    "name": "atLeast",
    "in": "query",
    "required": False,
    "description": "The `at_least` of an event, once or more: wait shortly until the answer shows it, and say whether it does. An operator"
    " may say `<partition>:<offset>`",
    "schema": {"type": "array", "items": {"type": "string", "pattern": "^([0-9]{1,4}:[0-9]{1,16}|[A-Za-z0-9_-]{1,256})$"}},
}
KEY: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Yours, new for each thing you want: a request sent again with it makes no second one",
    "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
}

T_co = TypeVar("T_co", covariant=True)
Handle = Callable[[Request], Coroutine[Any, Any, Response]]


class RequestBody(Protocol[T_co]):
    """A kind of body: how it is read, and how OpenAPI describes it."""

    async def read(self, request: Request, regions: frozenset[str]) -> tuple[T_co, Any]:
        """Read the body of a request, and the JSON value it was; ProblemError 400 with all that is wrong, 408, 413 or 415."""

    def document(self, regions: frozenset[str], components: Components) -> dict[str, Any]:
        """Return the `requestBody` of OpenAPI; its schemas are added to the components of the document."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoutePolicy:
    """The policy of one route. `errors` are the kinds of problems beside those that follow from the other fields."""

    roles: tuple[Role, ...] = ()
    public: str = ""
    """Why no token is needed, where there are no roles."""
    rate: CallKind | None = "call"
    unlimited: str = ""
    """Why there is no rate limit, where `rate` is None."""
    audit: Happening | None = None
    not_audited: str = ""
    """Why nothing is recorded, where there is no audit event."""
    body: RequestBody[Any] | None = None
    errors: tuple[Kind, ...] = ()
    at_least: bool = False
    idempotency_key: bool = False
    parameters: tuple[dict[str, Any], ...] = ()
    """Other parameters, as OpenAPI describes them; the handler reads them."""

    def __post_init__(self) -> None:
        if bool(self.roles) == bool(self.public):
            raise ValueError("a policy does not say who may call its route: roles or public")
        if bool(self.audit) == bool(self.not_audited):
            raise ValueError("a policy does not say what is recorded: audit or not_audited")
        if self.public and self.audit:
            raise ValueError("a public route knows no caller, so it can have no audit event")
        if self.roles and (self.rate is None) != bool(self.unlimited):
            raise ValueError("a policy does not say how often its route may be called: rate or unlimited")

    async def __call__(self, request: Request) -> Call[Any] | None:
        """Enforce the policy, in this order: token, rate limit, role, body; None for a public route, which knows no caller."""
        if self.public:
            return None
        guard: RequestGuard = request.app.state.guard
        call = await guard.admit(request, self.roles, self.rate, self.audit)
        if self.body is not None:
            call.body, call.json = await self.body.read(request, guard.regions)
        return call

    @property
    def problems(self) -> tuple[Kind, ...]:
        """List every kind of problem that the route answers with, each once."""
        of_caller: tuple[Kind, ...] = ("unauthenticated", "forbidden", "issuer-away") if self.roles else ()
        # Also where no rate is taken: refused requests are metered everywhere
        of_rate: tuple[Kind, ...] = ("too-many",) if self.roles else ()
        of_body: tuple[Kind, ...] = ("invalid", "request-timeout", "too-large", "media-type") if self.body else ()
        of_key: tuple[Kind, ...] = ("invalid", "key-reused") if self.idempotency_key else ()
        of_query: tuple[Kind, ...] = ("invalid",) if self.at_least or self.parameters else ()
        return tuple(dict.fromkeys((*of_caller, *of_rate, *of_body, *of_key, *of_query, *self.errors)))

    @property
    def stated_parameters(self) -> list[dict[str, Any]]:
        """List the parameters beside those of the path, as OpenAPI describes them."""
        return [*((AT_LEAST,) if self.at_least else ()), *((KEY,) if self.idempotency_key else ()), *self.parameters]

    @property
    def responses(self) -> dict[int | str, dict[str, Any]]:
        """Return `responses=` of FastAPI: every problem."""
        return problem_responses(*self.problems)

    @property
    def openapi_extra(self) -> dict[str, Any]:
        """Return `openapi_extra=` of FastAPI, all but the body: that takes the codes of a region file."""
        stated = self.stated_parameters
        return {
            **({"x-open-to-anybody": self.public, "security": []} if self.public else {"security": [{"bearer": []}]}),
            **({"x-unmetered": self.unlimited} if self.unlimited else {}),
            **({"x-audit": self.audit} if self.audit else {"x-not-audited": self.not_audited}),
            **({"parameters": stated} if stated else {}),
        }


class DeclaredRoute(APIRoute):
    """A route with the policy among its dependencies; ValueError when there is none."""

    def __init__(self, path: str, endpoint: Any, **more: Any) -> None:
        self.policy = _policy_of(endpoint, more.get("dependencies") or ())
        more["responses"] = self.policy.responses | (more.get("responses") or {})
        more["openapi_extra"] = self.policy.openapi_extra
        # A member is written where the handler sets it: what is absent is absent, and null is null
        more["response_model_exclude_unset"] = True
        super().__init__(path, endpoint, **more)

    def get_route_handler(self) -> Handle:
        """Return what answers a request."""
        handle = super().get_route_handler()
        if self.policy.audit:
            handle = _recorded(handle)
        return self._with_known_parameters(handle) if self.path.startswith("/v1/") else handle

    def _with_known_parameters(self, handle: Handle) -> Handle:
        stated = {each["name"] for each in self.policy.stated_parameters if each["in"] == "query"}
        known = stated | {each.alias for each in self.dependant.query_params}

        async def checked(request: Request) -> Response:
            if not known.issuperset(request.query_params):
                # Its name is not repeated: it may be anything
                detail = f"a parameter that is none of {', '.join(sorted(known))}" if known else "no parameter is known here"
                raise ProblemError("invalid", errors=[ErrorItem(None, "query", "unknown_parameter", detail)])
            return await handle(request)

        return checked


def _recorded(handle: Handle) -> Handle:
    """Return a handler that writes the audit entry before its response leaves, unless it has written one."""

    async def recorded(request: Request) -> Response:
        response = await handle(request)
        call: Call[Any] = request.state.call
        if not call.recorded:
            await call.record_described()
        return response

    return recorded


def _policy_of(endpoint: Any, dependencies: Any) -> RoutePolicy:
    """Return the policy among the dependencies of a route and of its handler; ValueError unless there is one, of the handler's body."""
    policies = [each.dependency for each in dependencies if isinstance(each.dependency, RoutePolicy)]
    for annotation, dependency in _dependencies_of(endpoint):
        if isinstance(dependency, RoutePolicy):
            model = getattr(dependency.body, "model", None)
            if model is not None and get_args(annotation) != (model,):
                raise ValueError(f"{endpoint.__qualname__} takes another body than its policy states: {annotation}")
            policies.append(dependency)
    if len(policies) != 1:
        raise ValueError(f"{endpoint.__qualname__} has {len(policies)} policies: a route has one (services/adapters/http/route_policy.py)")
    return policies[0]


def _dependencies_of(endpoint: Any) -> Iterator[tuple[Any, Any]]:
    hints = get_type_hints(endpoint, include_extras=True) if inspect.isroutine(endpoint) else {}
    for hint in hints.values():
        annotation, *metadata = get_args(hint) or (hint,)
        yield from ((annotation, each.dependency) for each in metadata if isinstance(each, Depends))


def policies(app: FastAPI) -> Iterator[tuple[str, str, RoutePolicy]]:
    """Yield method, path and policy of every route of an app."""
    for route in app.routes:
        if isinstance(route, DeclaredRoute):
            for method in sorted(route.methods or ()):
                yield method, route.path, route.policy
