"""The regions of a coordinator: who to ring first, what waits too long, alarms, hotels and waiting lists."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from services.web.pages.visit import Visit

# A shelter that has not answered after so long is to be rung
_LONG_MIN: Final = 10
_NEW: Final = "new-shelter"
_UNITS: Final = "units"
_NUMBERED: Final = re.compile("u[0-9]{1,6}")
_PARTS: Final = {
    "shelters": "/v1/shelters",
    "holds": "/v1/waiting-holds",
    "alarms": "/v1/alarms",
    "proposals": "/v1/proposals",
    "fallbacks": "/v1/fallbacks",
    "entries": "/v1/waiting-list",
}


async def regions(visit: Visit) -> Response:
    """Show all of it; a part that can't be read says so, and hides no other."""
    answers = dict(zip(_PARTS, await asyncio.gather(*map(visit.get, _PARTS.values())), strict=True))
    found: dict[str, list[dict[str, Any]]] = {name: answer.body.get(name, []) for name, answer in answers.items()}
    return visit.render(
        "coordinator/regions.html",
        shelters=sorted(found["shelters"], key=_by_silence),
        late=[hold for hold in found["holds"] if hold["minutes_waiting"] >= _LONG_MIN],
        holds=found["holds"],
        alarms=found["alarms"],
        proposals=_with_their_units([each for each in reversed(found["proposals"]) if each.get("status") == "proposed"]),
        fallbacks=found["fallbacks"],
        entries=found["entries"],
        ages=answers["shelters"].body,
        away=[name for name, answer in answers.items() if not answer.ok],
    )


def _with_their_units(proposals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return proposals, the units of a new shelter within that of the shelter: they are decided on together."""
    new = {each["shelter"]: {**each, "together": list[dict[str, Any]]()} for each in proposals if each["what"] == _NEW}
    alone = []
    for each in proposals:
        of_shelter = new.get(each["shelter"])
        if each["what"] == _UNITS and of_shelter and of_shelter.get("you_may") == each.get("you_may"):
            of_shelter["together"].append(each)
        else:
            alone.append(of_shelter if of_shelter and each["what"] == _NEW else each)
    return alone


def _by_silence(shelter: Mapping[str, Any]) -> tuple[bool, str]:
    """Order shelters by whom to ring first: never heard of, then the longest silence."""
    return shelter["heard_at"] is not None, shelter["heard_at"] or ""


async def shelter(visit: Visit) -> Response:
    """Show one shelter with its units, and what can be changed; it is asked for by a form, so that no address names it."""
    answer = await visit.get(f"/v1/shelters/{visit.text('shelter')}")
    if not answer.ok:
        return visit.problem(answer, back="/regions")
    found = answer.body["shelter"]
    return visit.render("coordinator/shelter.html", shelter=found, first=_next_number(found["units"]), ages=answer.body)


def _next_number(units: list[Mapping[str, Any]]) -> int:
    """Return the number of the next unit u<number>: after the highest that there is, or it would declare one anew."""
    return 1 + max((int(each["unit"][1:]) for each in units if _NUMBERED.fullmatch(each["unit"])), default=0)
