"""`/v1/monitor/reports`: the year report as a page. The first request begins it; how far it is can be asked; then it is given.

A report is a day late for every caller, as figures are for an analyst, and has nothing that those would not show.
"""

import re
from typing import Annotated, Any, Final, Literal

from fastapi import Depends, FastAPI, Path, Response

from services.adapters.http.call import Call
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.problem_details import ErrorItem, ProblemError
from services.domain.durations import DAY_MS
from services.monitor.background.background_work import STEPS, WorkItem
from services.monitor.background.monitor_task import TaskKind
from services.monitor.dutch_calendar import year as year_of
from services.monitor.figures.serialization import time
from services.monitor.http.models import WorkProgress
from services.monitor.http.query_params import latest_for_analyst
from services.monitor.http.release_routes import Year
from services.monitor.http.route_context import RouteContext
from services.monitor.report.strict_style import page_policy

_PROGRESS: Final = RoutePolicy(roles=("analyst", "operator"), not_audited="it shows no figure", errors=("invalid",))
_REPORT: Final = RoutePolicy(roles=("analyst", "operator"), audit="figures-asked", errors=("invalid", "not-yet", "kafka-away"))
_YEAR: Final = re.compile("(?:19[7-9][0-9]|2[0-9]{3})", re.ASCII)
_FORMS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}, "description": "The report, as one page that loads nothing"},
    202: {"model": WorkProgress, "description": "It is being worked out: this is how far it is"},
}
Language = Annotated[Literal["nl", "en"], Path(description="The language that the page opens in")]


def add_reports(app: FastAPI, context: RouteContext) -> None:
    """Add the routes."""

    @app.get(
        "/v1/monitor/progress/{kind}/{year}",
        tags=["monitor"],
        summary="How far a report or the draft of a release is",
        dependencies=[Depends(_PROGRESS)],
    )
    async def read_progress(kind: Annotated[TaskKind, Path(description="Which of the two")], year: Year) -> WorkProgress:
        return progress_of(kind, year, context.background.find(kind, year_number(year)))

    @app.get(
        "/v1/monitor/reports/{year}/{language}",
        tags=["monitor"],
        summary="The report of a year as a page; the first request begins it",
        response_class=Response,
        responses=_FORMS,
    )
    async def read_report(call: Annotated[Call[None], Depends(_REPORT)], year: Year, language: Language) -> Response:
        item = begin_task(context, "report", year)
        await call.record(what=("report", "shown" if item.result else "begun", year))
        page = (item.result or {}).get(language)
        if page is None:
            return Response(progress_of("report", year, item).to_json(), 202, media_type="application/json")
        headers = {"Content-Security-Policy": f"{page_policy(page)}; frame-ancestors 'none'"}
        return Response(page, headers=headers, media_type="text/html")


def begin_task(context: RouteContext, kind: TaskKind, year: str) -> WorkItem:
    """Return the work of a year, begun now unless it was; what is a day older than it could be is begun anew. ProblemError 400 and 503."""
    number, latest = year_number(year), latest_for_analyst(context.now())
    if year_of(number).start >= latest:
        raise ProblemError("invalid", errors=[ErrorItem(None, "year", "too_recent", "it has not begun, or only today")])
    found = context.background.find(kind, number)
    if found and found.state != "failed" and found.task.bound > latest - DAY_MS:
        return found
    if context.until() is None:
        raise ProblemError("not-yet")
    return context.background.begin(context.task(kind, number, latest))


def year_number(year: str) -> int:
    """Return a year; ProblemError 400."""
    if not _YEAR.fullmatch(year):
        raise ProblemError("invalid", errors=[ErrorItem(None, "year", "bad_format", "four digits")])
    return int(year)


def progress_of(kind: TaskKind, year: str, item: WorkItem | None) -> WorkProgress:
    """Return how far a piece of work is, as an answer."""
    if item is None:
        return WorkProgress(kind=kind, year=year, state="none", done=0, steps=STEPS[kind], known_at=None)
    # The last step is done when the result is there
    done = STEPS[kind] if item.state == "done" else min(item.done, STEPS[kind] - 1)
    return WorkProgress(kind=kind, year=year, state=item.state, done=done, steps=STEPS[kind], known_at=time(item.task.bound))
