"""Tonight: what a worker has going on, and what is left of the limits."""

import asyncio
import re
from typing import Final

from starlette.responses import Response

from services.web.clients.plek_client import Answer
from services.web.pages.visit import Visit
from services.web.worker.stories import story_at

_CASE: Final = re.compile("[0-9a-f-]{36}", re.ASCII)


async def tonight(visit: Visit) -> Response:
    """Show the holds, the hotels, the waiting list, and what is left. What can't be read says so, and hides nothing else."""
    holds, fallbacks, waiting, me = await asyncio.gather(
        visit.get("/v1/holds"), visit.get("/v1/fallbacks"), visit.get("/v1/waiting-list"), visit.get("/v1/me")
    )
    limits = {limit["name"]: limit for limit in me.body.get("limits", ())}
    return visit.render(
        "worker/tonight.html",
        holds=holds.body.get("holds", ()),
        fallbacks=fallbacks.body.get("fallbacks", ()),
        entries=waiting.body.get("entries", ()),
        limits=limits,
        ages=_ages(holds, fallbacks),
        away=[name for name, answer in (("holds", holds), ("fallbacks", fallbacks), ("waiting", waiting)) if not answer.ok],
        me=me.body,
        case=_case(visit),
        story=story_at(visit.site.now()) if visit.site.practice else None,
    )


def _case(visit: Visit) -> str:
    """Return the case that a message is about, so that it can be taken back; empty for what is no name of one."""
    case = visit.request.query_params.get("case", "")
    return case if _CASE.fullmatch(case) else ""


def _ages(*answers: Answer) -> dict[str, object]:
    """Return how old the page is: as old as its oldest part."""
    aged = [answer.body for answer in answers if answer.ok and answer.body.get("as_of")]
    oldest = min(aged, key=lambda body: body["as_of"], default={})
    return {name: oldest.get(name) for name in ("as_of", "degraded", "world", "clock", "can_hold")}
