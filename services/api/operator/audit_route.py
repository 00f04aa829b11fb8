"""`GET /v1/audit`: the audit log for the auditor, a page at a time; the request itself is recorded before that.

Shelters are pseudonyms (`auditor_view.py`); whether the log is unchanged is checked by `plek audit verify`, which reads it as it stands.
"""

from typing import Annotated, Final

from fastapi import Depends, FastAPI

from services.adapters import rfc3339
from services.adapters.audit.backward_search import read_record
from services.adapters.audit.hash_chain import ChainLink
from services.adapters.audit.reader import AuditLog
from services.adapters.http.call import Call
from services.adapters.http.query_number import MOST, number_parameter, query_number
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.problem_details import ProblemError
from services.api.operator.auditor_view import AuditorView
from services.api.operator.models import AuditAnswer, AuditRecord

_FROM: Final = number_parameter("from", 0, MOST, "The place of the first record; `next` of the page before", default=0)
_LIMIT: Final = number_parameter("limit", 1, 1_000, "How many records at most", default=100)
_AUDIT_LOG: Final = RoutePolicy(roles=("auditor",), audit="audit-shown", parameters=(_FROM, _LIMIT), errors=("data-unavailable",))


def add_audit(app: FastAPI, log: AuditLog, view: AuditorView) -> None:
    """Add the route."""

    @app.get(
        "/v1/audit",
        tags=["audit"],
        summary="Who looked at what, and who decided what",
        description="Reading is recorded too, so the log grows by one record a page: read until `next` has reached the `end` of the first"
        " page. A page of long records has fewer than `limit`.",
    )
    async def read_audit_log(call: Annotated[Call[None], Depends(_AUDIT_LOG)]) -> AuditAnswer:
        start, limit = query_number(call.request, _FROM) or 0, query_number(call.request, _LIMIT) or 0
        await call.record(what=view.disclosed())
        try:
            page = await log.page(start, limit)
        except LogUnavailableError as away:
            raise ProblemError("data-unavailable") from away
        following = page.records[-1].offset + 1 if page.records else start
        return AuditAnswer(records=[audit_record(link, view) for link in page.records], next=following, end=page.end)


def audit_record(link: ChainLink, view: AuditorView) -> AuditRecord:
    """Return a record as an auditor sees it, with its place and the broker's time."""
    return AuditRecord(offset=link.offset, logged_at=rfc3339.show_ms(link.time), record=view.show(read_record(link)))
