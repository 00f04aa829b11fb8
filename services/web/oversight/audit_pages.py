"""Who looked at what, for an auditor: a search of the audit log, the newest first, and the last check of its chains.

A search is sent as a form: the name of a shelter must not stand in an address, which browsers keep and doors log. Shelters are pseudonyms;
two auditors open one from here.
"""

import asyncio
from datetime import date, timedelta
from typing import Any, Final

from starlette.responses import Response

from services.web.pages.times import instant
from services.web.pages.visit import Visit

# As many as a page of 60 kB holds, each with four objects
_PAGE: Final = "40"
_FILTERS: Final = ("user", "object", "event")
_DAYS: Final = ("from_day", "to_day")


async def records(visit: Visit) -> Response:
    """Show what was found, and the way further back; what was typed stands in the form again."""
    typed = {name: visit.text(name) for name in (*_FILTERS, *_DAYS) if visit.text(name)}
    before = visit.text("before")
    try:
        asked = {name: typed[name] for name in _FILTERS if name in typed} | _times(typed)
    except ValueError:
        return visit.render("oversight/audit.html", 400, typed=typed, found=None, wrong=True)
    answer, openings = await asyncio.gather(
        visit.get("/v1/audit/search", limit=_PAGE, **asked, **({"before": before} if before else {})), visit.get("/v1/audit/openings")
    )
    return visit.render(
        "oversight/audit.html",
        answer.shown_as,
        typed=typed,
        found=answer.body if answer.ok else None,
        wrong=answer.kind == "invalid",
        newest=not before,
        openings=openings.body.get("openings", ()),
        closed=_closed(answer.body.get("records", ()), typed.get("object")),
        further=[*typed.items(), ("before", answer.body["next"])] if answer.body.get("next") is not None else None,
    )


async def ask(visit: Visit) -> Response:
    """Ask to open a pseudonym, or join who asked before, and show the log again."""
    answer = await visit.post("/v1/audit/openings", {name: visit.text(name) for name in ("pseudonym", "reason")})
    return visit.redirect("/audit") if answer.ok else visit.problem(answer, "/audit")


def _closed(records: list[dict[str, Any]], searched: str | None) -> str | None:
    """Return the pseudonym that was searched for, where it was found and is not open."""
    objects = (each for found in records for each in (found["record"] or {}).get("objects", ()))
    return next((searched for each in objects if searched == each["id"] == each.get("pseudonym")), None)


def _times(typed: dict[str, str]) -> dict[str, str]:
    """Return the days of the form as times: both days are searched whole, by the Dutch clock; ValueError for no day."""
    times = {}
    if "from_day" in typed:
        times["since"] = instant(f"{date.fromisoformat(typed['from_day'])}T00:00")
    if "to_day" in typed:
        times["until"] = instant(f"{date.fromisoformat(typed['to_day']) + timedelta(days=1)}T00:00")
    return times
