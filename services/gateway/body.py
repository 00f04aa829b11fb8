"""The body of a request: CloudEvents over HTTP, one or a batch, of a size and in a time that are bounded before it is read."""

import asyncio
from typing import Any, Final

from fastapi import Request

from services.adapters.checks import MEANING
from services.adapters.problems import ErrorItem, ProblemError
from services.adapters.strict_json import read_json

ONE: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
LARGEST_BYTES: Final = 1_048_576
MOST_EVENTS: Final = 1_000
# A megabyte over a mobile phone on a bad day; who takes longer holds up a place for others.
_ARRIVES_S = 20.0


async def read_events(request: Request) -> list[Any]:
    """Read the JSON values that were sent, one or many; ProblemError 400, 408, 413 or 415."""
    media_type = _media_type(request)
    found = _json(await _bytes(request))
    if media_type == ONE:
        return [found]
    if type(found) is not list:
        raise _invalid("wrong_type", "a batch is a JSON array")
    if len(found) > MOST_EVENTS:
        raise _invalid("too_many", f"a batch holds at most {MOST_EVENTS} events")
    return found


def _media_type(request: Request) -> str:
    stated, *parameters = (part.strip().lower() for part in request.headers.get("content-type", "").split(";"))
    utf8 = all(parameter.replace('"', "") in {"", "charset=utf-8"} for parameter in parameters if parameter.startswith("charset"))
    encoded = request.headers.get("content-encoding", "identity").lower() != "identity"
    if stated not in {ONE, BATCH} or not utf8 or encoded:
        raise ProblemError("media-type", headers={"Accept": f"{ONE}, {BATCH}"})
    return stated


async def _bytes(request: Request) -> bytes:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > LARGEST_BYTES:
        raise ProblemError("too-large")
    read = bytearray()
    try:
        async with asyncio.timeout(_ARRIVES_S):
            async for part in request.stream():
                read += part
                if len(read) > LARGEST_BYTES:
                    raise ProblemError("too-large")
    except TimeoutError as slow:
        raise ProblemError("too-slow") from slow
    return bytes(read)


def _json(raw: bytes) -> Any:
    try:
        return read_json(raw)
    except (ValueError, RecursionError) as unreadable:
        raise _invalid("unreadable", MEANING["unreadable"]) from unreadable


def _invalid(code: str, detail: str) -> ProblemError:
    return ProblemError("invalid", errors=[ErrorItem(None, "", code, detail)], events=[])
