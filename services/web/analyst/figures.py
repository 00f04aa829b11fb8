"""Figures: which, of which period, by what; as a table with a drawing beside it, and as a file."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from starlette.responses import Response

from services.adapters.dutch_time import ZONE
from services.domain.durations import DAY_MS, HOUR_MS, HOUR_S
from services.web.pages.visit import Visit

_BY: Final = ("region", "province", "kind", "month", "day")
_FORMS: Final = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
_MONTH: Final = re.compile("(20[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)
_HOUR: Final = timedelta(hours=1)
# An analyst sees the country a day late; an hour more, so that a slow clock asks for nothing too recent
_LATE_MS: Final = DAY_MS + HOUR_MS
# More bars than this are no drawing any more
_MOST_BARS: Final = 80


async def explorer(visit: Visit) -> Response:
    """Show a figure that was chosen; without one the list to choose from."""
    query, listed = visit.request.query_params, await visit.get("/v1/monitor/definitions")
    if not listed.ok:
        return visit.problem(listed, back="/")
    definitions = {each["figure"]: each for each in listed.body["definitions"] if not each["needs_household"]}
    chosen = definitions.get(query.get("figure", ""))
    asked = parameters(query, chosen, visit.site.now()) if chosen else {}
    answer = await visit.get("/v1/monitor/figures", **asked) if chosen else None
    rows = _rows(answer.body) if answer and answer.ok else []
    return visit.render(
        "analyst/figures.html",
        answer.shown_as if answer and not answer.ok else 200,
        definitions=definitions,
        chosen=chosen,
        query=dict(query),
        months=_months(visit.site.now()),
        answer=answer.body if answer else None,
        problem=visit.problem_text(answer) if answer and not answer.ok else "",
        rows=rows,
        bars=bars(rows) if len(rows) <= _MOST_BARS else [],
        by=_BY,
    )


async def download(visit: Visit) -> Response:
    """Give the same figure as a file, with a name."""
    query, form = visit.request.query_params, visit.request.path_params["form"]
    listed = await visit.get("/v1/monitor/definitions")
    chosen = next((each for each in listed.body.get("definitions", ()) if each["figure"] == query.get("figure")), None)
    if chosen is None:
        return visit.problem(listed, back="/figures")
    asked = parameters(query, chosen, visit.site.now())
    content, status = await visit.site.client.download(visit.token, "/v1/monitor/figures", _FORMS.get(form, _FORMS["csv"]), asked)
    name = "-".join([chosen["figure"], query.get("month", "")[:7], asked.get("by", "")]).strip("-")
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(content, status, headers if status == 200 else {}, media_type=_FORMS.get(form, _FORMS["csv"]))


def parameters(query: Mapping[str, str], chosen: Mapping[str, Any], now: int) -> dict[str, str]:
    """Return what the monitor is asked: of a month what is known of it by now, a day late; of an instant the last one of that month."""
    by = {"by": query["by"]} if query.get("by") in _BY else {}
    latest = datetime.fromtimestamp((now - _LATE_MS) // HOUR_MS * HOUR_S, UTC)
    start, end = month_of(query.get("month", ""), latest)
    end = min(end, latest)
    moment = min(end, latest).isoformat()
    when = {"at": moment} if chosen["when"] == "instant" else {"start": min(start, end - _HOUR).isoformat(), "end": moment}
    return {"figure": chosen["figure"], **when, **by}


def month_of(text: str, otherwise: datetime) -> tuple[datetime, datetime]:
    """Return the first instant of a month and of the one after it, by the clock of the Netherlands; that of an instant for no month."""
    known = _MONTH.fullmatch(text)
    year, month = (int(known[1]), int(known[2])) if known else (otherwise.year, otherwise.month)
    following = (year + month // 12, month % 12 + 1)
    return datetime(year, month, 1, tzinfo=ZONE).astimezone(UTC), datetime(*following, 1, tzinfo=ZONE).astimezone(UTC)


def _rows(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    (figure,) = body["figures"][:1] or [{"rows": []}]
    return list(figure["rows"])


def bars(rows: Iterable[Mapping[str, Any]]) -> list[float | None]:
    """Return of each row how long its bar is, from 0 to 100; None where the value is unknown."""
    values = [row.get("value") for row in rows]
    longest = max((abs(value) for value in values if value is not None), default=0) or 1
    return [None if value is None else round(100 * max(value, 0) / longest, 1) for value in values]


def _months(now: int) -> list[str]:
    """Return the last two years by month, the latest first."""
    today = datetime.fromtimestamp(now / 1_000, UTC)
    counted = today.year * 12 + today.month - 1
    return [f"{number // 12}-{number % 12 + 1:02}" for number in range(counted, counted - 24, -1)]


async def published(visit: Visit) -> Response:
    """Show the latest published figures to anyone, with what is hidden and why."""
    listed = await visit.get("/v1/monitor/releases")
    years = sorted({each["release"] for each in listed.body.get("releases", ())}, reverse=True)
    year = visit.request.query_params.get("year", years[0] if years else "")
    release = await visit.get(f"/v1/monitor/releases/{year}") if year in years else None
    body = release.body if release and release.ok else None
    return visit.render(
        "analyst/published.html", years=years, year=year, release=body, cells=_by_figure(body) if body else {}, away=not listed.ok
    )


def _by_figure(body: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for cell in body["cells"]:
        found.setdefault(cell["figure"], []).append(cell)
    return found
