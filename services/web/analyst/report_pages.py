"""The year report: begun by choosing a year, with progress that shows itself, and then the page itself or a file of it."""

from typing import Any, Final

from starlette.responses import Response

from services.web.analyst.figure_question import latest_hour
from services.web.pages.visit import Visit

_LANGUAGES: Final = ("nl", "en")
_YEARS: Final = 4
_HTML: Final = "text/html"
_TO_BEGIN: Final = ("none", "failed")


async def report(visit: Visit) -> Response:
    """Show how far the report of a year is, and begin it where it was not; without a year the years to choose from."""
    year, years = visit.request.query_params.get("year", ""), report_years(visit.site.now())
    if year not in years:
        return visit.render("analyst/report.html", years=years, year="", progress=None)
    progress = await begun(visit, "report", year, f"/v1/monitor/reports/{year}/{visit.language}")
    if isinstance(progress, Response):
        return progress
    return visit.render("analyst/report.html", years=years, year=year, progress=progress)


async def begun(visit: Visit, kind: str, year: str, path: str) -> Response | dict[str, Any]:
    """Return how far a report or a draft is; a page that says what is wrong; or, where it was not begun, begin it and lead back here."""
    here = f"{visit.request.url.path}?year={year}"
    progress = await visit.get(f"/v1/monitor/progress/{kind}/{year}")
    if not progress.ok:
        return visit.problem(progress, back=visit.request.url.path)
    if progress.body["state"] not in _TO_BEGIN or visit.request.query_params.get("begun"):
        return progress.body
    answer = await visit.get(path)
    # What is no JSON is the page itself: it was finished in between
    return visit.problem(answer, back=visit.request.url.path) if answer.status and not answer.ok else visit.redirect(f"{here}&begun=1")


def report_years(now: int) -> list[str]:
    """List the years of which there can be a report, the latest first."""
    latest = latest_hour(now).year
    return [str(year) for year in range(latest, latest - _YEARS, -1)]


async def report_page(visit: Visit) -> Response:
    """Show the report, or give it as a file: under its own policy, which allows the one style sheet that it has by its hash."""
    year, language = visit.request.path_params["year"], visit.request.path_params["language"]
    if language not in _LANGUAGES:
        return visit.render_problem(404, visit.say("Hier is niets."))
    found = await visit.site.client.read(visit.token, f"/v1/monitor/reports/{year}/{language}", _HTML, {}) if year.isdecimal() else None
    if found is None or not found.headers.get("content-type", "").startswith(_HTML):
        return visit.redirect(f"/report?year={year}" if year.isdecimal() else "/report")
    own = {"Content-Security-Policy": found.headers["content-security-policy"]}
    if visit.request.query_params.get("file"):
        own["Content-Disposition"] = f'attachment; filename="plek-{year}-{language}.html"'
    return Response(found.content, headers=own, media_type=_HTML)
