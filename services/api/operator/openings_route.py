"""`/v1/audit/openings`: two auditors open a pseudonym, each with a coded reason, and see for a day what it stands for.

The answers name no shelter: an opened one is named where it stands in the audit log.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, FastAPI
from pydantic import Field

from services.adapters import rfc3339
from services.adapters.http.call import Call
from services.adapters.http.request_body import JsonBody
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.problem_details import ProblemError
from services.api.operator.openings import Opening, OpeningReason, Openings, Status
from services.api.read_model.answer_models import AnswerModel
from services.domain.events import value_types as v

Pseudonym = Annotated[str, v.Text("[0-9a-f]{32}", "0123456789abcdef0123456789abcdef")]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningForm:
    """Which pseudonym of an object is to be opened, and why."""

    pseudonym: Pseudonym
    reason: OpeningReason


class OpeningShape(AnswerModel):
    """A pseudonym that waits for a second auditor, or is open."""

    pseudonym: str
    status: Status
    reasons: list[str] = Field(description="Of the first auditor, and of the second")
    own: bool = Field(description="The caller asked for it, or joined")
    asked_at: str
    ends_at: str = Field(description="When it is closed again, or no longer waits")


class OpeningsAnswer(AnswerModel):
    """What waits or is open now, the oldest first."""

    openings: list[OpeningShape]
    complete: bool = Field(description="False while the topic of the requests can't be read to its end")


_READ: Final = RoutePolicy(roles=("auditor",), audit="audit-shown", errors=("data-unavailable",))
_ASK: Final = RoutePolicy(roles=("auditor",), audit="opening-asked", body=JsonBody(OpeningForm), errors=("kafka-away", "data-unavailable"))


@dataclass(frozen=True, slots=True)
class AuditOpenings:
    """Takes the requests of auditors."""

    openings: Openings

    async def ask(self, call: Call[OpeningForm]) -> OpeningShape:
        """Record a request, and then make it; ProblemError 503."""
        by, pseudonym, reason = _person(call), call.body.pseudonym, call.body.reason
        if not self.openings.ready:
            raise ProblemError("kafka-away")
        found = self.openings.find(pseudonym, by)
        joins = found is not None and found.status == "waiting" and found.first.by != by
        await call.record_as("opening-granted" if joins else "opening-asked", ("pseudonym", pseudonym), what=(reason,))
        try:
            made = await self.openings.ask(pseudonym, by, reason)
        except LogUnavailableError as away:
            raise ProblemError("kafka-away") from away
        if made is None:
            raise ProblemError("kafka-away")
        return self._shown(made, by)

    def read(self, call: Call[None]) -> OpeningsAnswer:
        """List what waits or is open."""
        by = _person(call)
        call.describe(what=("openings",))
        return OpeningsAnswer(openings=[self._shown(each, by) for each in self.openings.current()], complete=self.openings.ready)

    def _shown(self, each: Opening, by: str) -> OpeningShape:
        requests = [each.first, *([each.second] if each.second else [])]
        return OpeningShape(
            pseudonym=each.first.pseudonym,
            status=each.status,
            reasons=[request.reason for request in requests],
            own=by in {request.by for request in requests},
            asked_at=rfc3339.show_ms(each.asked_at),
            ends_at=rfc3339.show_ms(each.ends_at(self.openings.for_ms)),
        )


def _person(call: Call[OpeningForm] | Call[None]) -> str:
    return call.audit.pseudonyms.audited(call.caller.sub)


def add_audit_openings(app: FastAPI, openings: AuditOpenings) -> None:
    """Add the routes."""

    @app.get("/v1/audit/openings", tags=["audit"], summary="Which pseudonyms are open, or wait for a second auditor")
    async def list_openings(call: Annotated[Call[None], Depends(_READ)]) -> OpeningsAnswer:
        return openings.read(call)

    @app.post(
        "/v1/audit/openings",
        tags=["audit"],
        summary="Ask to open a pseudonym of the audit log, as the first auditor or the second",
        description="Shelters, organisations and regions are pseudonyms in the audit log until two different auditors have asked for the"
        " same one. A request waits for the second for 7 days. An opening ends by itself, and is for auditors alone.",
    )
    async def open_pseudonym(call: Annotated[Call[OpeningForm], Depends(_ASK)]) -> OpeningShape:
        return await openings.ask(call)
