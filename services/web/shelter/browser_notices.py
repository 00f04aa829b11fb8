"""Notices by the browser of a shelter, for the script of its page: the key, a subscription, and its end. Without script there are none."""

import re
from typing import Final

from starlette.responses import JSONResponse, Response

from services.web.clients.plek_client import Answer
from services.web.pages.visit import Visit

_PATH: Final = "/v1/notices"
_DIGEST: Final = re.compile("[0-9a-f]{64}", re.ASCII)


async def show_key(visit: Visit) -> Response:
    """Send the key with which a browser subscribes; null where the installation has none."""
    answer = await visit.get(_PATH)
    return JSONResponse({"push_key": answer.body.get("push_key")} if answer.ok else {"push_key": None})


async def subscribe(visit: Visit) -> Response:
    """Have this browser notified, for the shelters of the person who is logged in."""
    return _done(await visit.post(f"{_PATH}/subscriptions", {"endpoint": visit.text("endpoint")}))


async def stop(visit: Visit) -> Response:
    """Notify this browser no longer."""
    name = visit.text("subscription")
    if not _DIGEST.fullmatch(name):  # it becomes a part of a path
        return _done(Answer(400))
    return _done(await visit.site.client.delete(visit.token, f"{_PATH}/subscriptions/{name}"))


def _done(answer: Answer) -> Response:
    return Response(status_code=204 if answer.ok else answer.shown_as)
