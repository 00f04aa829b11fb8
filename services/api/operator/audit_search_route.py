"""`GET /v1/audit/search`: the audit log by person, object, event and time, the newest first, and the last check of its chains.

The search is of the log itself, in steps that are bounded: an answer says how far back it looked, and where the next one goes on. What was
searched for is recorded once it was found: a value that is no id of Plek never stands in the log. A shelter is found by its pseudonym
alone: the id of one finds nothing, or the search would show which pseudonym belongs to it.
"""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final, cast

from fastapi import Depends, FastAPI
from pydantic import Field

from services.adapters import rfc3339
from services.adapters.audit.backward_search import AuditFinds, AuditQuery, read_record, search
from services.adapters.audit.reader import AuditLog
from services.adapters.audit.records import HAPPENINGS, Happening, Object
from services.adapters.clock import Stopwatch
from services.adapters.http.call import Call
from services.adapters.http.query_number import MOST, number_parameter, query_number
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.problem_details import ErrorItem, ProblemError
from services.adapters.view.last_checks import AuditCheck, LastChecks
from services.adapters.view.ports import ViewUnavailableError
from services.api.operator.audit_route import audit_record
from services.api.operator.auditor_view import AuditorView, ShownObject
from services.api.operator.models import AuditRecord
from services.api.read_model.answer_models import AnswerModel
from services.domain.durations import NS_PER_MS

_LIMIT: Final = number_parameter("limit", 1, 200, "How many records at most", default=50)
_BEFORE: Final = number_parameter("before", 0, MOST, "Only records below this place; `next` of the answer before")


def _text(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": {"type": "string", **schema}}


_USER: Final = _text("user", "The pseudonym of a person", pattern="^[0-9a-f]{32}$")
_OBJECT: Final = _text(
    "object",
    "The id of what was read or decided on; of a shelter, an organisation and a region the pseudonym",
    pattern="^[A-Za-z0-9._:-]{1,64}$",
)
_EVENT: Final = _text("event", "The event", enum=sorted(HAPPENINGS))
_SINCE: Final = _text("since", "Only what the log took at this time or later", format="date-time")
_UNTIL: Final = _text("until", "Only what the log took before this time", format="date-time")
_SEARCH: Final = RoutePolicy(
    roles=("auditor",),
    audit="audit-shown",
    parameters=(_USER, _OBJECT, _EVENT, _SINCE, _UNTIL, _BEFORE, _LIMIT),
    errors=("data-unavailable",),
)


class ChainCheck(AnswerModel):
    """What the last `plek audit verify` found."""

    at: str
    records: int = Field(description="How many records from the first on are as they were written")
    chains: int
    broken_at: int | None = Field(description="The place of the first record that is not; null where all are")
    how: str | None = Field(description="Why not")


class AuditSearchAnswer(AnswerModel):
    """What was found, the newest first."""

    records: list[AuditRecord]
    next: int | None = Field(description="`before` of the next search, which goes on where this one ended; null where all was looked at")
    searched_to: str | None = Field(description="How far back this search looked; null where there was nothing to look at")
    end: int = Field(description="Where the log ended when it was searched")
    last_check: ChainCheck | None = Field(description="Null where none was made since Redis was last emptied, or while Redis is away")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSearch:
    """Searches the audit log for an auditor."""

    log: AuditLog
    checks: LastChecks
    seconds: Stopwatch
    view: AuditorView

    async def read(self, call: Call[None]) -> AuditSearchAnswer:
        """Return what was found; ProblemError 400 for a query that is none, 503 while the log can't be read."""
        query, before, limit = self._query(call), query_number(call.request, _BEFORE), query_number(call.request, _LIMIT) or 0
        try:
            last, found = await asyncio.gather(self.log.last(), search(self.log, query, before, limit, self.seconds))
        except LogUnavailableError as away:
            raise ProblemError("data-unavailable") from away
        call.describe(*self._searched(query, found), what=(*_filters(query), *self.view.disclosed()))
        return AuditSearchAnswer(
            records=[audit_record(link, self.view) for link in found.records],
            next=found.next,
            searched_to=None if found.reached is None else rfc3339.show_ms(found.reached),
            end=last.offset + 1 if last else 0,
            last_check=_shown(await self._last_check()),
        )

    async def _last_check(self) -> AuditCheck | None:
        try:
            return (await self.checks.read()).audit
        except ViewUnavailableError:
            return None

    def _query(self, call: Call[None]) -> AuditQuery:
        """Read what is searched for; ProblemError 400."""
        since, until = _time(call, _SINCE), _time(call, _UNTIL)
        return AuditQuery(
            user=_stated(call, _USER),
            object=_stated(call, _OBJECT),
            event=cast("Happening | None", _stated(call, _EVENT)),
            since=since or 0,
            until=until,
            is_object=self.view.matches,
        )

    def _searched(self, query: AuditQuery, found: AuditFinds) -> Iterator[Object]:
        """Yield who and what was searched for, where it was found: of a shelter its pseudonym, as it was searched for."""
        record = read_record(found.records[0]) if found.records else None
        if record and query.user:
            yield "user", query.user
        if record and query.object:
            yield from {_recorded(each) for each in self.view.objects(record) if query.object in (each.id, each.pseudonym)}


def _stated(call: Call[None], parameter: dict[str, Any]) -> str | None:
    """Read a parameter; None where it is not stated, ProblemError 400 when it is not of its form."""
    name, schema = parameter["name"], parameter["schema"]
    stated = call.request.query_params.getlist(name)
    if not stated:
        return None
    if len(stated) != 1 or not re.search(schema.get("pattern", ""), stated[0], re.ASCII) or stated[0] not in schema.get("enum", stated):
        raise ProblemError("invalid", errors=[ErrorItem(None, name, "bad_format", parameter["description"])])
    return stated[0]


def _time(call: Call[None], parameter: dict[str, Any]) -> int | None:
    """Read a parameter that is a time, in ms; None where it is not stated, ProblemError 400."""
    stated = _stated(call, parameter)
    try:
        return None if stated is None else rfc3339.parse(stated) // NS_PER_MS
    except ValueError as wrong:
        raise ProblemError("invalid", errors=[ErrorItem(None, parameter["name"], "bad_format", "a time as RFC 3339 has it")]) from wrong


def _filters(query: AuditQuery) -> Iterator[str]:
    """Yield by what was searched: names of parameters, and the event, which is a code of ours."""
    stated = {"user": query.user, "object": query.object, "since": query.since or None, "until": query.until}
    yield from (name for name, value in stated.items() if value is not None)
    if query.event:
        yield query.event


def _recorded(searched: ShownObject) -> Object:
    return ("pseudonym", searched.pseudonym) if searched.pseudonym else (searched.kind, searched.id)


def _shown(check: AuditCheck | None) -> ChainCheck | None:
    if check is None:
        return None
    at = rfc3339.show_ms(check.at)
    return ChainCheck(at=at, records=check.records, chains=check.chains, broken_at=check.broken_at, how=check.how)


def add_audit_search(app: FastAPI, searches: AuditSearch) -> None:
    """Add the route."""

    @app.get(
        "/v1/audit/search",
        tags=["audit"],
        summary="The audit log by person, object, event and time",
        description="The newest first. A search by person or object reads the log back for a second at most: an answer may have fewer"
        " records than `limit`, or none, and yet a `next`.",
    )
    async def search_audit_log(call: Annotated[Call[None], Depends(_SEARCH)]) -> AuditSearchAnswer:
        return await searches.read(call)
