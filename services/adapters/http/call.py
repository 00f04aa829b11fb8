"""One request that was let in, as its handler sees it: the caller, the body, and the audit entry that goes out with the answer.

The guard of a service lets requests in: it verifies the token, takes a turn of the caller's rate limit, and checks the role. The rate limit
comes before the role: a refusal is an entry of the audit log, and a script must not write those for nothing.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Generic, NoReturn, TypeVar

from fastapi import Request, Response

from services.adapters.audit.recorder import Audit
from services.adapters.audit.records import Happening, Object, Outcome
from services.adapters.auth.authentication import Authentication, Caller
from services.adapters.auth.rate_limits import Balance, CallKind
from services.adapters.http import rate_limit_fields
from services.adapters.problem_details import ErrorItem, Kind, ProblemError
from services.adapters.roles import Role

_KEY: Final = re.compile("[!-~]{1,128}", re.ASCII)

B = TypeVar("B")


@dataclass(slots=True, kw_only=True)
class Call(Generic[B]):
    """A request after its route's policy has let it in. `body` is of the policy's model, and None where the route takes none.

    A handler says what the audit entry is about with `describe`, and the entry is written when the handler has returned; or it writes the
    entry itself with `record`, beside other work or before it.
    """

    request: Request
    caller: Caller
    audit: Audit
    happening: Happening | None
    """The audit event of the route."""
    body: B
    rate: CallKind | None = None
    """The rate limit that a turn was taken of."""
    json: Any = None
    """The JSON value that the body was read from."""
    recorded: bool = False
    _objects: tuple[Object, ...] = ()
    _what: tuple[str, ...] = field(default=())

    @property
    def operation(self) -> str:
        """Return method and path, as they were sent."""
        return f"{self.request.method} {self.request.scope['path']}"

    @property
    def idempotency_key(self) -> str | None:
        """Return the header Idempotency-Key; ProblemError 400 when it is not of its form."""
        key = self.request.headers.get("idempotency-key")
        if key is not None and not _KEY.fullmatch(key):
            raise ProblemError("invalid", errors=[ErrorItem(None, "Idempotency-Key", "bad_format", "1 to 128 visible ASCII characters")])
        return key

    @property
    def at_least(self) -> list[str]:
        """Return the query parameters `atLeast`, unchecked."""
        return self.request.query_params.getlist("atLeast")

    def describe(self, *objects: Object, what: tuple[str, ...] = ()) -> None:
        """State what the entry is about that is written when the handler has returned."""
        self._objects, self._what = objects, what

    async def record(self, *objects: Object, what: tuple[str, ...] = (), outcome: Outcome = "success") -> None:
        """Write the route's audit entry now; ProblemError 503 when it can't be written: then nothing may be done or shown."""
        if self.happening is None:
            raise ValueError("the policy of this route names no audit event")
        await self.audit.write(self.caller, self.happening, objects=objects, what=what, outcome=outcome)
        self.recorded = True

    async def record_if_possible(self, *objects: Object, what: tuple[str, ...] = ()) -> None:
        """Write the entry of what must be done also when it can't be written: a household in a hotel is logged all the same."""
        if self.happening is None:
            raise ValueError("the policy of this route names no audit event")
        await self.audit.write_if_possible(self.caller, self.happening, objects=objects, what=what)
        self.recorded = True

    async def record_as(self, happening: Happening, *objects: Object, what: tuple[str, ...] = ()) -> None:
        """Write another audit event than the route's, instead of it; ProblemError 503 as `record`."""
        await self.audit.write(self.caller, happening, objects=objects, what=what)
        self.recorded = True

    async def record_described(self) -> None:
        """Write the route's audit entry as it was described; ProblemError 503 as `record`."""
        await self.record(*self._objects, what=self._what)

    def not_modified(self, tag: str) -> Response:
        """Return 304 (RFC 9110, section 15.4.5): it shows nothing new, so it is no entry of the audit log."""
        self.recorded = True
        return Response(status_code=304, headers={"ETag": tag})

    async def refuse(self, *objects: Object, kind: Kind = "forbidden", **members: Any) -> NoReturn:
        """Write that the caller was refused, as far as that is possible, and raise the ProblemError.

        Refusals are metered also where no other limit applies: beyond the limit it is ProblemError 429, and nothing is written, or a
        script would fill the audit log.
        """
        guard: RequestGuard = self.request.app.state.guard
        await guard.authentication.meter_refusal(self.caller)
        if self.happening:
            await self.audit.write_refusal(self.caller, self.happening, *objects)
        raise ProblemError(kind, **members)

    def add_balances(self, balances: Iterable[Balance]) -> None:
        """Add what is left of some rate limits to the header fields of the answer."""
        rate_limit_fields.remember(self.request, balances)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestGuard:
    """Lets in the callers of one service, which keeps it in `app.state.guard`; `regions` are the codes that a body may name."""

    authentication: Authentication
    audit: Audit
    regions: frozenset[str] = frozenset()

    async def admit(self, request: Request, roles: Collection[Role], rate: CallKind | None, happening: Happening | None) -> Call[Any]:
        """Return the request as a call without a body; ProblemError 401, 403, 429, or 503 when no token can be verified."""
        caller = await self.authentication.caller(request.headers.get("authorization"), None)
        request.state.role = caller.role
        if rate is not None:
            decision = await self.authentication.turn(caller, rate)
            rate_limit_fields.remember(request, decision.balances)
            if decision.verdict == "refused":
                raise self.authentication.too_often(decision)
        call: Call[Any] = Call(request=request, caller=caller, audit=self.audit, happening=happening, rate=rate, body=None)
        request.state.call = call
        if caller.role not in roles:
            await call.refuse(because="role")
        return call
