"""What a person did and looked at, for that person alone: the own records of the audit log, in words."""

from itertools import groupby
from typing import Any, Final

from starlette.responses import Response

from services.web.pages.visit import Visit

_ALIKE: Final = ("event", "outcome", "objects")


async def trail(visit: Visit) -> Response:
    """Show the newest acts and looks, or those before a place; acts that are alike and follow each other are one line."""
    following = visit.request.query_params.get("next")
    answer = await visit.get("/v1/me/trail", **({"next": following} if following else {}))
    acts = [list(alike) for _, alike in groupby(answer.body.get("records", ()), _likeness)]
    return visit.render("oversight/trail.html", answer.shown_as, found=answer.body if answer.ok else None, acts=acts, later=following)


def _likeness(record: dict[str, Any]) -> tuple[Any, ...]:
    # Of one day, or the line would not say when
    return (record["at"][:10], *(record[name] for name in _ALIKE))
