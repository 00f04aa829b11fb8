"""The parts of Plek, for an operator: which answer, how far each is, and what was refused."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

from starlette.responses import Response

from services.web.pages.visit import Visit

# A person reads no more of them here; `plek dead-letters` lists all
_LETTERS: Final = "20"


async def parts(visit: Visit) -> Response:
    """Show the readiness of each service, the state of each partition, and the newest dead letters with their reasons."""
    ready, state, alarms, letters, partitions = await asyncio.gather(
        visit.site.client.readiness(),
        visit.get("/v1/operator/state"),
        visit.get("/v1/alarms"),
        visit.get("/v1/operator/dead-letters", limit=_LETTERS),
        visit.get("/v1/operator/partitions"),
    )
    return visit.render(
        "oversight/parts.html",
        ready=ready,
        state=state.body if state.ok else None,
        alarms=alarms.body.get("alarms", ()),
        letters=[_letter(each) for each in letters.body["dead_letters"]] if letters.ok else None,
        more_letters=not letters.body.get("complete", True),
        partitions=partitions.body if partitions.ok else None,
        behind=_behind(partitions.body.get("partitions", ())),
        **_compared(partitions.body.get("partitions", ())),
        ages=state.body,
    )


def _behind(partitions: Iterable[dict[str, Any]]) -> int | None:
    """Return how many records no view has yet; None where that is not known of each partition."""
    known = [each["behind"] for each in partitions]
    return None if None in known else sum(known)


def _compared(partitions: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return what the canary of the processor found: how many partitions it has not compared, when the oldest was, which differ.

    An API of before, during an upgrade, says nothing of it.
    """
    times = [each.get("compared_at") for each in partitions if each["position"] is not None]
    return {
        "not_compared": times.count(None),
        "compared_at": min((at for at in times if at), default=None),
        "unlike": [each for each in partitions if each.get("differences")],
    }


def _letter(letter: dict[str, Any]) -> dict[str, Any]:
    """Return a dead letter with the name of its event as the lists of codes have it: without `nl.plek.` and the version."""
    return letter | {"name": (letter["type"] or "").removeprefix("nl.plek.").rpartition(".")[0]}
