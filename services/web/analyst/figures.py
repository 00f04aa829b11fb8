"""Figures: which, of which period, by what; as a drawing with a table beside it, as a file, and by a link that gives the same digits."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from services.web.analyst.figure_drawings import FigureRows, bar_plot, line_plot
from services.web.analyst.figure_question import BY, HOURS_LATE, definitions_of, is_current, parameters, periods, same_digits
from services.web.clients.plek_client import Answer
from services.web.pages.page_tag import page_tag, shown_answer, unchanged
from services.web.pages.visit import Visit

_FORMS: Final = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
# More bars than this are no drawing any more
_MOST_BARS: Final = 60


async def explorer(visit: Visit) -> Response:
    """Show a figure that was chosen; without one the list to choose from."""
    query, listed = visit.request.query_params, await visit.get("/v1/monitor/definitions")
    if not listed.ok:
        return visit.problem(listed, back="/")
    definitions = definitions_of(listed.body)
    chosen = definitions.get(query.get("figure", ""))
    asked = parameters(query, chosen, visit.site.now(), visit.signed_in.role) if chosen else {}
    answer = await visit.get_if_changed("/v1/monitor/figures", shown_answer(visit), **asked) if chosen else None
    if answer and answer.is_unchanged:
        return unchanged()
    rows = _rows(answer) if answer and answer.ok else []
    link = same_digits(asked, answer.body.get("known_at")) if answer and answer.ok else ""
    return visit.render(
        "analyst/figures.html",
        answer.shown_as if answer and not answer.ok else 200,
        definitions=definitions,
        chosen=chosen,
        query=dict(query),
        periods=periods(visit.site.now()),
        answer=answer.body if answer else None,
        problem=visit.problem_text(answer) if answer and not answer.ok else "",
        rows=rows,
        link=link,
        tag=page_tag(visit, answer.tag) if answer and answer.ok and is_current(asked, query, visit.site.now()) else "",
        hours_old=HOURS_LATE,
        asked=visit.request.url.query,
        file=link.partition("?")[2] or visit.request.url.query,
        by=BY,
        **_drawings(rows, query.get("by", "")),
    )


def _rows(answer: Answer) -> FigureRows:
    (figure,) = answer.body["figures"][:1] or [{"rows": []}]
    rows: FigureRows = figure["rows"]
    return rows


def _drawings(rows: FigureRows, by: str) -> dict[str, Any]:
    """Return what is drawn: a line through time, or a bar for each thing, or for each part of the whole; one number needs no drawing."""
    wholes = [row for row in rows[1:] if not row.get("part")]
    if by in {"month", "day"} and len(wholes) > 1:
        return {"line": line_plot(wholes), "bars": None}
    of_whole = [row for row in rows if row.get("part")] if not by else wholes
    return {"line": None, "bars": bar_plot(of_whole) if 1 < len(of_whole) <= _MOST_BARS else None}


async def download(visit: Visit) -> Response:
    """Give the same figure as a file, with a name."""
    query, form = visit.request.query_params, visit.request.path_params["form"]
    listed = await visit.get("/v1/monitor/definitions")
    chosen = next((each for each in listed.body.get("definitions", ()) if each["figure"] == query.get("figure")), None)
    if chosen is None:
        return visit.problem(listed, back="/figures")
    asked = parameters(query, chosen, visit.site.now(), visit.signed_in.role)
    content, status = await visit.site.client.download(visit.token, "/v1/monitor/figures", _FORMS.get(form, _FORMS["csv"]), asked)
    headers = {"Content-Disposition": f'attachment; filename="{_name(asked)}.{form}"'}
    return Response(content, status, headers if status == 200 else {}, media_type=_FORMS.get(form, _FORMS["csv"]))


def _name(asked: Mapping[str, str]) -> str:
    """Return the name of a file: the figure, its days, and by what."""
    days = [asked.get(name, "")[:10] for name in ("at", "start", "end")]
    words = [asked["figure"], *days, asked.get("by", "")]
    return "".join(char for char in "-".join(word for word in words if word) if char.isalnum() or char == "-")


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
