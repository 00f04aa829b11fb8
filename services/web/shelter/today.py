"""The shelter now: its units as tiles, who waits for an answer, and whether the count is right."""

from collections.abc import Mapping
from re import findall
from typing import Any

from starlette.responses import Response

from services.web.pages.visit import Visit


async def choose(visit: Visit) -> Response:
    """Show the shelter of a person who has one; else the list to choose from."""
    shelters = visit.session.shelters if visit.session else ()
    if len(shelters) == 1:
        return visit.redirect("/shelter/1")
    return visit.render("shelter/choose.html", shelters=list(enumerate(shelters, 1)))


async def today(visit: Visit) -> Response:
    """Show the units of a shelter, and the holds that wait."""
    answer = await visit.get(f"/v1/shelters/{shelter_of(visit)}")
    if not answer.ok:
        return visit.problem(answer, back="/")
    shelter = answer.body["shelter"]
    shelter["units"].sort(key=in_reading_order)
    values = {"shelter": shelter, "counts": count_states(shelter["units"]), "ages": answer.body}
    return visit.render("shelter/today.html", at=own_path(visit), **values)


async def unit(visit: Visit) -> Response:
    """Show one unit, and what can be done with it now."""
    answer = await visit.get(f"/v1/shelters/{shelter_of(visit)}")
    if not answer.ok:
        return visit.problem(answer, back="/")
    shelter = answer.body["shelter"]
    found = [each for each in shelter["units"] if each["unit"] == visit.request.path_params["unit"]]
    if not found:
        return visit.render_problem(404, visit.say("Deze kamer is er niet."), own_path(visit))
    (shown,) = found
    expected = [shown["held"]] if shown["held"] and shown["held"].get("adults") is not None else []
    others = [each["unit"] for each in shelter["units"] if each["declared"] and each["state"] == "free"]
    return visit.render("shelter/unit.html", unit=shown, expected=expected, others=others, at=own_path(visit), ages=answer.body)


async def history(visit: Visit) -> Response:
    """Show what the shelter sent in the last two weeks, each with a way to take it back."""
    answer = await visit.get(f"/v1/shelters/{shelter_of(visit)}/events")
    if not answer.ok:
        return visit.problem(answer, back=own_path(visit))
    return visit.render("shelter/history.html", at=own_path(visit), events=answer.body["events"])


def in_reading_order(unit: Mapping[str, Any]) -> list[tuple[int, str]]:
    """Return what units are put in order by: u2 comes before u10."""
    return [(int(number or 0), word) for number, word in findall(r"([0-9]+)|([^0-9]+)", unit["unit"])]


def count_states(units: list[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many declared units are in each state; overflow units are counted apart, and not here."""
    counts: dict[str, int] = {}
    for each in units:
        if each["declared"] and not each["overflow"]:
            counts[each["state"]] = counts.get(each["state"], 0) + 1
    return counts


def own_path(visit: Visit) -> str:
    """Return the path of the shelter that a page is of: it has a number, so that no address names a shelter."""
    return f"/shelter/{visit.request.path_params['number']}"


def shelter_of(visit: Visit) -> str:
    """Return the shelter that a page is of: one of the person's own, by its number; `-` for a number of none, which the API refuses."""
    shelters = visit.session.shelters if visit.session else ()
    number = visit.request.path_params["number"]
    return shelters[number - 1] if 1 <= number <= len(shelters) else "-"
