"""`GET /v1/audit`: the audit log for the auditor, a page at a time, as it stands in the log. Her look is noted before she has it."""

import re
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request, Response

from services.adapters.access import BEARER
from services.adapters.audit.chain import Kept
from services.adapters.audit.gate import noted
from services.adapters.audit.trail import Trail
from services.adapters.log_port import LogUnavailableError
from services.adapters.problems import ErrorItem, ProblemError, documented
from services.adapters.web import answer
from services.api.reading import Reading
from services.api.shapes import AuditAnswer
from services.api.standing import shown

_MOST: Final = 1_000
_USUAL: Final = 100
_NUMBER: Final = re.compile("[0-9]{1,16}", re.ASCII)
_DOCUMENTED: Final = documented("invalid", "unauthenticated", "not-yours", "issuer-away", "phone")
_PARAMETERS: Final = [
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
]


def add_audit(app: FastAPI, reading: Reading, kept: Trail) -> None:
    """Add the route."""

    @app.get(
        "/v1/audit",
        tags=["audit"],
        summary="Who looked at what, and who decided what",
        response_model=None,
        responses={200: {"model": AuditAnswer}, **_DOCUMENTED},
        openapi_extra={**BEARER, "parameters": _PARAMETERS, **noted("audit-shown")},
    )
    async def get_audit(request: Request) -> Response:
        caller = await reading.caller(request, "auditor")
        start, limit = _number(request, "from", 0, 0, 10**16 - 1), _number(request, "limit", _USUAL, 1, _MOST)
        await reading.audit.note(request, caller, "audit-shown")
        try:
            page = await kept.page(start, limit)
        except LogUnavailableError as away:
            raise ProblemError("phone") from away
        return answer({"records": [_record(each) for each in page], "next": page[-1].offset + 1 if page else start})


def _record(kept: Kept) -> dict[str, Any]:
    """Write a record with its place; what is no JSON object is no record of ours, and `plek audit verify` says so."""
    try:
        read = orjson.loads(kept.value)
    except orjson.JSONDecodeError:
        read = None
    return {"offset": kept.offset, "logged_at": shown(kept.time), "record": read if isinstance(read, dict) else None}


def _number(request: Request, name: str, unless: int, least: int, most: int) -> int:
    stated = request.query_params.getlist(name)
    if not stated:
        return unless
    found = [int(text) for text in stated if _NUMBER.fullmatch(text)]
    if len(found) != 1 or len(stated) != 1 or not least <= found[0] <= most:
        raise ProblemError("invalid", errors=[ErrorItem(None, name, "bad_format", f"a number from {least} to {most}")])
    return found[0]
