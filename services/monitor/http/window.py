"""What every route of the monitor needs: who asks, the figures, what was published, and the clock of the country."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeVar

from fastapi import Request, Response

from services.adapters.access import let_in
from services.adapters.clock import Clock
from services.adapters.identity import Caller, Identity, Role
from services.adapters.problems import ErrorItem, ProblemError
from services.monitor import formats, snapshot
from services.monitor.answer import Answer, Ask
from services.monitor.formats import Form
from services.monitor.http.query import Known
from services.monitor.question import Question, UnanswerableError
from services.monitor.shelf import Publications
from services.monitor.shown import COLUMNS, Column

T = TypeVar("T")
_CSV: Final = "text/csv; charset=utf-8; header=present"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """All that a route needs. `ask` answers a question, which may take a second; `until` says up to when the log has been worked out."""

    identity: Identity
    ask: Ask
    until: Callable[[], int | None]
    published: Publications
    now: Clock
    known: Known
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def caller(self, request: Request, *roles: Role) -> Caller:
        """Tell who asks; ProblemError 403 when it is none of these roles."""
        caller = await let_in(request, self.identity)
        if caller.role not in roles:
            raise ProblemError("not-yours")
        return caller

    async def answer(self, asked: Question) -> Answer:
        """Answer a question; ProblemError 400 when it makes no sense, 503 while nothing has been worked out."""
        if self.until() is None:
            raise ProblemError("not-yet")
        return await self._beside(partial(self.ask, asked))

    async def snapshot(self, at: int) -> bytes:
        """Return the snapshot that is out, or take it: it is the same. ProblemError 503 when the log has not been worked out so far."""
        out = self.published.get(snapshot.key(at))
        if out is not None:
            return out
        if (self.until() or 0) < at:
            raise ProblemError("not-yet")
        return await self._beside(partial(snapshot.taken, self.ask, at))

    async def _beside(self, work: Callable[[], T]) -> T:
        """Work beside the loop, one thing at a time: each uses all that there is of a processor."""
        async with self._one_at_a_time:
            try:
                return await asyncio.to_thread(work)
            except UnanswerableError as why:
                raise ProblemError("invalid", errors=[ErrorItem(None, "query", "unanswerable", str(why))]) from why


def wanted(request: Request) -> Form:
    """Choose the form of an answer; ProblemError 406."""
    form = formats.chosen(request.headers.get("accept"))
    if form is None:
        raise ProblemError("not-acceptable")
    return form


def given(form: Form, document: bytes, rows: Callable[[], Sequence[Sequence[Any]]], columns: Sequence[Column] = COLUMNS) -> Response:
    """Write a document, or its rows, in the form that was chosen."""
    match form:
        case "application/json":
            return Response(document, media_type=form)
        case "text/csv":
            return Response(formats.as_csv(rows(), columns), media_type=_CSV)
        case "application/vnd.apache.parquet":
            return Response(formats.as_parquet(rows(), columns), media_type=form)


def forms(model: Any) -> dict[int | str, dict[str, Any]]:
    """Describe for OpenAPI an answer that is given in three forms."""
    text, binary = {"type": "string"}, {"type": "string", "format": "binary"}
    content = {_CSV: {"schema": text}, "application/vnd.apache.parquet": {"schema": binary}}
    return {200: {"model": model, "content": content, "description": "As JSON, CSV or Parquet, by the Accept header"}}
