"""Publishing a release as an explicit act: what would be public is shown first, then confirmed on a page of its own."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from services.web.analyst.report_pages import begun, report_years
from services.web.pages.visit import Visit


async def draft(visit: Visit) -> Response:
    """Show what the next release of a year would hold; without a year the years to choose from."""
    year, years = visit.request.query_params.get("year", ""), report_years(visit.site.now())
    if year not in years:
        return visit.render("analyst/publish.html", years=years, year="", progress=None)
    path = f"/v1/monitor/release-drafts/{year}"
    progress = await begun(visit, "draft", year, path)
    if isinstance(progress, Response):
        return progress
    # Each look at a draft is recorded; a look at how far it is shows nothing
    answer = await visit.get(path) if progress["state"] == "done" else None
    if answer and not answer.ok:
        return visit.problem(answer, back="/publish")
    drafted = answer.body["draft"] if answer else None
    return visit.render(
        "analyst/publish.html",
        years=years,
        year=year,
        progress=answer.body["progress"] if answer else progress,
        draft=drafted,
        totals=_totals(drafted) if drafted else [],
    )


def _totals(drafted: Mapping[str, Any]) -> list[tuple[str, Any, int, int]]:
    """Return of each figure its name, the number of the country and year, how many cells are shown, and how many are hidden."""
    totals = []
    for name in drafted["figures"]:
        cells = [cell for cell in drafted["cells"] if cell["figure"] == name]
        whole = next((cell["value"] for cell in cells if cell["area"] == "NL" and cell["period"] == drafted["release"]), None)
        hidden = sum(cell["value"] is None for cell in cells)
        totals.append((name, whole, len(cells) - hidden, hidden))
    return totals


async def confirm(visit: Visit) -> Response:
    """Ask once more, before what can't be taken back."""
    named = {name: visit.text(name) for name in ("year", "version", "known_at")}
    return visit.render("analyst/publish_confirm.html", named=named)


async def publish(visit: Visit) -> Response:
    """Publish the draft that was shown."""
    year, version = visit.text("year"), visit.text("version")
    if not (year.isdecimal() and version.isdecimal()):
        return visit.redirect("/publish")
    answer = await visit.put(f"/v1/monitor/releases/{year}/{version}", knownAt=visit.text("known_at"))
    if not answer.ok:
        return visit.problem(answer, back=f"/publish?year={year}")
    return visit.redirect(f"/published?year={year}&said=published")
