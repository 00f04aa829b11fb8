"""`GET /v1/audit`: the audit log for the auditor, a page at a time, as it stands in the log; the request itself is recorded before that."""

import re
from typing import Annotated, Final

import orjson
from fastapi import Depends, FastAPI, Request

from services.adapters import rfc3339
from services.adapters.audit.hash_chain import ChainLink
from services.adapters.audit.reader import AuditLog
from services.adapters.http.call import Call
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.problem_details import ErrorItem, ProblemError
from services.api.operator.models import AuditAnswer, AuditRecord

_MOST: Final = 1_000
_USUAL: Final = 100
_NUMBER: Final = re.compile("[0-9]{1,16}", re.ASCII)
_PARAMETERS: Final = (
    {
        "name": "from",
        "in": "query",
        "required": False,
        "description": "The place of the first record; `next` of the page before",
        "schema": {"type": "integer", "minimum": 0, "maximum": 10**16 - 1, "default": 0},
    },
    {
        "name": "limit",
        "in": "query",
        "required": False,
        "description": "How many records at most",
        "schema": {"type": "integer", "minimum": 1, "maximum": _MOST, "default": _USUAL},
    },
)
_AUDIT_LOG: Final = RoutePolicy(roles=("auditor",), audit="audit-shown", parameters=_PARAMETERS, errors=("data-unavailable",))


def add_audit(app: FastAPI, log: AuditLog) -> None:
    """Add the route."""

    @app.get(
        "/v1/audit",
        tags=["audit"],
        summary="Who looked at what, and who decided what",
        description="Reading is recorded too, so the log grows by one record a page: read until `next` has reached the `end` of the first"
        " page. A page of long records has fewer than `limit`.",
    )
    async def read_audit_log(call: Annotated[Call[None], Depends(_AUDIT_LOG)]) -> AuditAnswer:
        start, limit = _number(call.request, "from", 0, 0, 10**16 - 1), _number(call.request, "limit", _USUAL, 1, _MOST)
        await call.record()
        try:
            page = await log.page(start, limit)
        except LogUnavailableError as away:
            raise ProblemError("data-unavailable") from away
        following = page.records[-1].offset + 1 if page.records else start
        return AuditAnswer(records=[_record(link) for link in page.records], next=following, end=page.end)


def _record(link: ChainLink) -> AuditRecord:
    """Return a record with its offset; what is no JSON object is no record of Plek, and `plek audit verify` says so."""
    try:
        value = orjson.loads(link.value)
    except orjson.JSONDecodeError:
        value = None
    return AuditRecord(offset=link.offset, logged_at=rfc3339.show_ms(link.time), record=value if isinstance(value, dict) else None)


def _number(request: Request, name: str, default: int, least: int, most: int) -> int:
    """Read a query parameter; ProblemError 400 when it is not one number within its bounds."""
    stated = request.query_params.getlist(name)
    if not stated:
        return default
    numbers = [int(text) for text in stated if _NUMBER.fullmatch(text)]
    if len(numbers) != 1 or len(stated) != 1 or not least <= numbers[0] <= most:
        raise ProblemError("invalid", errors=[ErrorItem(None, name, "bad_format", f"a number from {least} to {most}")])
    return numbers[0]
