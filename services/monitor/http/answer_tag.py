"""The entity tag of an answer (RFC 9110, section 8.8.3): the same tag, the same digits. It is computed without a figure.

An answer by what had been recorded up to a clock is final once the tables go that far; any other changes with each record. Definitions and
the software that computes them are in the tag too. It is no secret, and proves nothing: who sends one learns whether the answer changed.
"""

import hashlib
from typing import Any, Final

from fastapi import Request

from services import __version__
from services.monitor.figures.definitions import DEFINITIONS
from services.monitor.query import Query

IF_NONE_MATCH: Final[dict[str, Any]] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` of an answer that the caller has: 304 where it is still the answer, and nothing is computed or recorded",
    "schema": {"type": "string"},
}
NOT_MODIFIED: Final[dict[int | str, dict[str, Any]]] = {304: {"description": "The answer that the caller has is still the answer"}}


def answer_tag(query: Query, form: str, until: int | None) -> str:
    """Return the tag of the answer to a query in a form, from tables that go up to a clock (ms)."""
    is_final = until is not None and query.as_known_at is not None and until >= query.as_known_at
    versions = [(figure, DEFINITIONS[figure].version) for figure in query.figures]
    parts = (__version__, versions, query, form, "final" if is_final else until)
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def has_answer(request: Request, tag: str) -> bool:
    """Return whether the caller has the answer with this tag already."""
    return tag in {each.strip() for each in request.headers.get("if-none-match", "").split(",")}
