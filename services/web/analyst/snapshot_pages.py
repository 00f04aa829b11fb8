"""The country at the moments of its snapshots: a slider over them, a map with its table, and the difference with another one.

By province for an analyst: of nearly every region the monitor answers that it has too few shelters. For an operator by region.

A number is as it was known at that moment: what was corrected later is in none of them.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from starlette.responses import Response

from services.domain.durations import HOUR_MS, SECOND_MS
from services.web.analyst.figure_drawings import FigureRows, place_of, region_map
from services.web.analyst.figure_question import definitions_of, latest_hour
from services.web.clients.plek_client import Answer
from services.web.pages.page_tag import page_tag, shown_answer, unchanged
from services.web.pages.visit import Visit

# A slider of more can't be put on one of them any more; a year has as many
_MOST: Final = 366
_FIRST: Final = "occupancy"
_CHOSEN: Final = frozenset({"n", "at", "day"})
BACK: Final = ("1", "7", "30", "365")
"""With the moment of how many days before a moment may be compared."""


async def snapshots(visit: Visit) -> Response:
    """Show the moment that the slider stands on; without one the latest."""
    listed, defined = await asyncio.gather(visit.get("/v1/monitor/snapshots"), visit.get("/v1/monitor/definitions"))
    for answer in (listed, defined):
        if not answer.ok:
            return visit.problem(answer, back="/figures")
    instants = _permitted(visit, listed.body["snapshots"])[-_MOST:]
    figures = {name: each for name, each in definitions_of(defined.body).items() if each["when"] == "either"}
    query = visit.request.query_params
    figure = query.get("figure") if query.get("figure") in figures else _FIRST
    if not instants or figure not in figures:
        return visit.render("analyst/snapshots.html", instants=(), figures=figures)
    number = _chosen(query, instants)
    hours_old = _hours_old(visit, instants[number])
    # What was chosen stays what it is; the latest is another one tomorrow, and is an hour older in an hour
    tag = _tag(instants, hours_old) if not _CHOSEN & set(query) else ""
    if tag and shown_answer(visit) == tag:
        return unchanged()
    back = query["back"] if query.get("back") in BACK else ""
    other = _before(instants, number, int(back)) if back else None
    moments = [instants[number], *((other,) if other else ())]
    by = "region" if visit.signed_in.role == "operator" else "province"
    now, *before = await asyncio.gather(*(_by_place(visit, figure, at, by) for at in moments))
    if not now.ok:
        return visit.problem(now, back="/figures")
    rows = _shown(now)
    return visit.render(
        "analyst/snapshots.html",
        instants=instants,
        number=number,
        hours_old=hours_old,
        asked=visit.request.url.query,
        tag=page_tag(visit, tag) if tag and all(answer.ok for answer in before) else "",
        figures=figures,
        chosen=figures[figure],
        answer=now.body,
        nation=rows[0],
        rows=rows[1:],
        by=by,
        drawing=region_map(visit.site.regions.values(), rows),
        back=back,
        back_choices=BACK,
        other=other if before and before[0].ok else None,
        away=any(not answer.ok for answer in before),
        differences=_differences(rows, _shown(before[0])) if before and before[0].ok else {},
    )


def _hours_old(visit: Visit, instant: str) -> int:
    return (visit.site.now() - int(datetime.fromisoformat(instant).timestamp()) * SECOND_MS) // HOUR_MS


def _tag(instants: Sequence[str], hours_old: int) -> str:
    """Return the tag of what is shown of the latest moment: as it was known then, so its numbers stay."""
    return f'"{hashlib.sha256(repr((instants, hours_old)).encode()).hexdigest()[:32]}"'


def _permitted(visit: Visit, instants: Sequence[str]) -> list[str]:
    """List the moments that the person may see: an analyst those to the hour, a day late."""
    if visit.signed_in.role == "operator":
        return list(instants)
    latest = latest_hour(visit.site.now())
    return [text for text in instants if (at := datetime.fromisoformat(text)) <= latest and (at.minute, at.second) == (0, 0)]


def _chosen(query: Mapping[str, str], instants: Sequence[str]) -> int:
    """Return the number of the moment: `at` of a link, `day` of the Dutch calendar, or `n` of the slider."""
    last = len(instants) - 1
    if query.get("at") in instants:
        return instants.index(query["at"])
    if day := query.get("day", ""):
        return next((number for number, at in enumerate(instants) if at[:10] >= day), last)
    return min(int(query["n"]), last) if query.get("n", "").isdecimal() else last


def _before(instants: Sequence[str], number: int, days: int) -> str | None:
    """Return the moment at most so many days before another one that is nearest to that; None where there is none."""
    wanted = datetime.fromisoformat(instants[number]).astimezone(UTC) - timedelta(days=days)
    # An hour more or less: a day of the change of clocks has 23 or 25
    return next((text for text in instants[:number] if datetime.fromisoformat(text) >= wanted - timedelta(hours=2)), None)


async def _by_place(visit: Visit, figure: str, at: str, by: str) -> Answer:
    return await visit.get("/v1/monitor/figures", figure=figure, at=at, knownAt=at, by=by)


def _shown(answer: Answer) -> FigureRows:
    """Return the rows of the whole and of the places, without their parts."""
    return [row for row in answer.body["figures"][0]["rows"] if not row.get("part")]


def _differences(rows: FigureRows, before: FigureRows) -> dict[str, Any]:
    """Return by how much each number is more than it was, by place; nothing where one of both is not known."""
    earlier = {place_of(row): row["value"] for row in before}
    values = {place_of(row): row["value"] for row in rows}
    return {place: value - earlier[place] for place, value in values.items() if value is not None and earlier.get(place) is not None}
