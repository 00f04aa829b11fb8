"""Law: an answer that ought to be in the audit log and is not does not leave the house.

Every route says what it is noted as, or why it is not noted; a test walks all of them. Who forgets to call `note` gets a fault.
"""

from contextlib import suppress
from typing import Any, Final

from fastapi import Request
from starlette.types import Scope

from services.adapters.audit.records import Entry, Happening, Object, Outcome
from services.adapters.audit.writer import Writer
from services.adapters.clock import Clock
from services.adapters.identity import Caller
from services.adapters.log_port import LogUnavailableError
from services.adapters.problems import Kind, ProblemError
from services.adapters.pseudonym import Pseudonyms

NOTED: Final = "x-audit"
"""In OpenAPI: what a call is noted as."""
UNNOTED: Final = "x-not-audited"
"""In OpenAPI: why a call is not noted."""


def noted(happening: Happening) -> dict[str, Any]:
    """Declare, in a route's `openapi_extra`, what its answers are noted as."""
    return {NOTED: happening}


def unnoted(why: str) -> dict[str, Any]:
    """Declare, in a route's `openapi_extra`, why its answers need not be noted."""
    return {UNNOTED: why}


class Audit:
    """Notes what the callers of one service do; `away` is what they are told when that can't be written."""

    def __init__(self, writer: Writer, pseudonyms: Pseudonyms, now: Clock, away: Kind = "phone") -> None:
        self.writer, self.pseudonyms, self._now, self._away = writer, pseudonyms, now, away

    async def note(
        self,
        request: Request,
        caller: Caller,
        happening: Happening,
        *,
        objects: tuple[Object, ...] = (),
        what: tuple[str, ...] = (),
        outcome: Outcome = "success",
    ) -> None:
        """Write down what a caller is about to see or to do; ProblemError 503 when that fails, and then she must not."""
        entry = self.entry(caller, happening, objects=objects, what=what, outcome=outcome)
        try:
            await self.writer.note(entry)
        except LogUnavailableError as away:
            raise ProblemError(self._away) from away
        request.state.noted = True

    async def tried(self, request: Request, caller: Caller, happening: Happening, **more: Any) -> None:
        """Write down what was done, and must be done also when that can't be written: a household in a hotel is logged all the same."""
        if self.writer.ready:
            with suppress(ProblemError):
                await self.note(request, caller, happening, **more)
        request.state.noted = True

    async def refused(self, request: Request, caller: Caller, *objects: Object) -> None:
        """Write down that a caller was refused; she is refused all the same when that fails."""
        declared: dict[str, Any] = getattr(request.scope.get("route"), "openapi_extra", None) or {}
        if NOTED in declared:
            with suppress(ProblemError):
                await self.note(request, caller, declared[NOTED], objects=objects, outcome="refused")

    def entry(self, caller: Caller, happening: Happening, **more: Any) -> Entry:
        """Make the entry of something a caller does now, to be written by whoever keeps it."""
        return Entry.by(caller, self.pseudonyms.audited(caller.sub), self._now(), happening, **more)


def was_noted(scope: Scope) -> bool:
    """Say whether this was noted, if its route says that it must be."""
    declared = getattr(scope.get("route"), "openapi_extra", None) or {}
    return NOTED not in declared or bool(scope.get("state", {}).get("noted"))
