"""A document that anyone may read, pages of other sites too: rule publish-openapi asks for CORS, and documents alone have it.

Everything else has no CORS on purpose: a page of another site can read no answer of Plek.
"""

from collections.abc import Callable
from typing import Final

from fastapi import Depends, FastAPI, Response

from services.adapters.http.route_policy import RoutePolicy
from services.adapters.problem_details import ProblemError

_CORS: Final = {"Access-Control-Allow-Origin": "*"}
_PREFLIGHT: Final = _CORS | {
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}


def add_document(app: FastAPI, path: str, summary: str, policy: RoutePolicy, read: Callable[[], bytes | None]) -> None:
    """Add the routes of a document: GET, and the preflight request that a browser may send first; 404 where there is none."""

    @app.get(
        path,
        tags=["documents"],
        summary=summary,
        name=f"read_{path.rpartition('/')[2].partition('.')[0]}",
        response_model=None,
        responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
        dependencies=[Depends(policy)],
    )
    async def get_document() -> Response:
        document = read()
        if document is None:
            raise ProblemError("not-found")
        return Response(document, headers=_CORS, media_type="application/json")

    @app.options(path, include_in_schema=False, dependencies=[Depends(policy)])
    async def preflight() -> Response:
        return Response(status_code=204, headers=_PREFLIGHT)
