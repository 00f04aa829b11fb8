"""`GET /v1/me/trail`: the caller's own looks and acts, as the audit log has them, the newest first.

It must disclose nothing that the caller has not seen: the log names the shelter of a hold that was refused, and of what was asked for and
not shown. So a worker's trail has the ids that the worker was given and no shelter, a refusal has no object, and no record has its place in
the log. Alarms are no part of it: who misuses Plek must not read which look raised one.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI
from pydantic import Field

from services.adapters import rfc3339
from services.adapters.audit.backward_search import AuditQuery, read_record, search
from services.adapters.audit.reader import AuditLog
from services.adapters.auth.authentication import Caller
from services.adapters.clock import Clock, Stopwatch
from services.adapters.http.call import Call
from services.adapters.http.query_number import number_parameter, query_number
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.http.sealed_tokens import LONGEST, SealedTokens
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.problem_details import ErrorItem, ProblemError
from services.adapters.roles import ROLES
from services.api.operator.auditor_view import AuditorView
from services.api.read_model.answer_models import AnswerModel
from services.domain.durations import DAY_MS

# As long as alarms are kept: what a person may be asked about, that person can look up
_DAYS: Final = 90
_LIMIT: Final = number_parameter("limit", 1, 200, "How many records at most", default=50)
_NEXT: Final = {
    "name": "next",
    "in": "query",
    "required": False,
    "description": "`next` of the page before",
    "schema": {"type": "string", "pattern": f"^[A-Za-z0-9_-]{{1,{LONGEST}}}$"},
}
_TRAIL: Final = RoutePolicy(roles=ROLES, audit="trail-shown", parameters=(_LIMIT, _NEXT), errors=("data-unavailable",))
_KIND: Final = "trail"
# Of a hold, a fallback and a waiting-list entry a worker holds the id; a search has a sealed one, and a shelter none
_OF_WORKERS: Final = frozenset({"hold", "fallback", "entry"})


class TrailObject(AnswerModel):
    """What a record is about, by type and id."""

    type: str
    id: str


class TrailRecord(AnswerModel):
    """One look or act of the caller."""

    at: str = Field(description="When it happened")
    event: str = Field(description="As in the audit log")
    action: str = Field(description="`C`reate, `R`ead, `U`pdate, `D`elete, `E`xecute")
    outcome: str = Field(description="`success`, `refused` or `failed`")
    role: str
    purpose: str
    objects: list[TrailObject] = Field(description="Of a refusal none; of a worker those whose id the worker was given")
    what: list[str] = Field(description="Details, as codes; of a refusal none")


class TrailAnswer(AnswerModel):
    """A page of the caller's own looks and acts."""

    user: str = Field(description="The caller's pseudonym in the audit log: by it an auditor finds these records")
    records: list[TrailRecord]
    next: str | None = Field(description="For the records before these; null where all of the last 90 days were looked at")
    searched_to: str | None = Field(description="How far back the log was looked at for this page; null where it had nothing more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """Reads the looks and acts of a caller."""

    log: AuditLog
    seals: SealedTokens
    now: Clock
    seconds: Stopwatch
    view: AuditorView
    """How an auditor's own records are shown: what the auditor searched for by its pseudonym stays one."""

    async def read(self, call: Call[None]) -> TrailAnswer:
        """Return a page; ProblemError 503 when the log can't be read."""
        user = call.audit.pseudonyms.audited(call.caller.sub)
        limit, before = query_number(call.request, _LIMIT) or 0, self._before(call, user)
        query = AuditQuery(user=user, since=self.now() - _DAYS * DAY_MS, hidden=frozenset({"alarm-raised"}))
        try:
            found = await search(self.log, query, before, limit, self.seconds)
        except LogUnavailableError as away:
            raise ProblemError("data-unavailable") from away
        records = filter(None, map(read_record, found.records))
        return TrailAnswer(
            user=user,
            records=[self._record(record, call.caller) for record in records],
            next=None if found.next is None else self.seals.seal(_KIND, [user, found.next]),
            searched_to=None if found.reached is None else rfc3339.show_ms(found.reached),
        )

    def _record(self, record: dict[str, Any], caller: Caller) -> TrailRecord:
        return _record((self.view.show(record) if caller.role == "auditor" else None) or record, caller)

    def _before(self, call: Call[None], user: str) -> int | None:
        """Return where a page begins; ProblemError 400 when its token is none of the caller's."""
        stated = call.request.query_params.getlist("next")
        if not stated:
            return None
        match self.seals.open(_KIND, stated[0]) if len(stated) == 1 and len(stated[0]) <= LONGEST else None:
            case [str(owner), int(before)] if owner == user:
                return before
        raise ProblemError("invalid", errors=[ErrorItem(None, "next", "bad_format", "the `next` of a page of this caller")])


def _record(record: dict[str, Any], caller: Caller) -> TrailRecord:
    succeeded = record["outcome"] == "success"
    of_worker = "worker" in (record["role"], caller.role)
    return TrailRecord(
        **{name: record[name] for name in ("at", "event", "action", "outcome", "role", "purpose")},
        objects=[
            TrailObject(type=each["type"], id=each["id"])
            for each in record["objects"]
            if succeeded and (each["type"] in _OF_WORKERS or not of_worker)
        ],
        what=record["what"] if succeeded else [],
    )


def add_trail(app: FastAPI, trail: Trail) -> None:
    """Add the route."""

    @app.get(
        "/v1/me/trail",
        tags=["me"],
        summary="What the caller looked at and did",
        description="Of the last 90 days, the newest first. The log is searched for a second at most: a page may have fewer records than"
        " `limit`, or none, and yet a `next`. Looking here is an entry of the audit log too.",
    )
    async def read_trail(call: Annotated[Call[None], Depends(_TRAIL)]) -> TrailAnswer:
        return await trail.read(call)
