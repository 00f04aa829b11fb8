"""The body of a request: CloudEvents over HTTP, one or a batch."""

from typing import Any, Final

from fastapi import Request

from services.adapters.bodies import read_body
from services.adapters.problems import ErrorItem, ProblemError

ONE: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
LARGEST_BYTES: Final = 1_048_576
MOST_EVENTS: Final = 1_000


async def read_events(request: Request) -> list[Any]:
    """Read the JSON values that were sent, one or many; ProblemError 400, 408, 413 or 415."""
    media_type, found = await read_body(request, (ONE, BATCH), LARGEST_BYTES, events=[])
    if media_type == ONE:
        return [found]
    if type(found) is not list:
        raise _invalid("wrong_type", "a batch is a JSON array")
    if len(found) > MOST_EVENTS:
        raise _invalid("too_many", f"a batch holds at most {MOST_EVENTS} events")
    return found


def _invalid(code: str, detail: str) -> ProblemError:
    return ProblemError("invalid", errors=[ErrorItem(None, "", code, detail)], events=[])
