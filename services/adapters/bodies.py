"""The body of a request: JSON of a stated media type, of a size and in a time that are bounded before it is read."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from fastapi import Request

from services.adapters.checks import MEANING
from services.adapters.problems import ErrorItem, ProblemError
from services.adapters.strict_json import read_json

# A megabyte over a mobile phone on a bad day; who takes longer holds up a place for others.
_ARRIVES_S: Final = 20.0


async def read_body(request: Request, accepted: Sequence[str], largest: int, **members: Any) -> tuple[str, Any]:
    """Read a body of one of these media types: which, and the JSON value. ProblemError 400 (with these members), 408, 413 or 415."""
    media_type = _media_type(request, accepted)
    raw = await _bytes(request, largest)
    try:
        return media_type, read_json(raw)
    except (ValueError, RecursionError) as unreadable:
        raise ProblemError("invalid", errors=[ErrorItem(None, "", "unreadable", MEANING["unreadable"])], **members) from unreadable


def _media_type(request: Request, accepted: Sequence[str]) -> str:
    stated, *parameters = (part.strip().lower() for part in request.headers.get("content-type", "").split(";"))
    utf8 = all(parameter.replace('"', "") in {"", "charset=utf-8"} for parameter in parameters if parameter.startswith("charset"))
    encoded = request.headers.get("content-encoding", "identity").lower() != "identity"
    if stated not in accepted or not utf8 or encoded:
        raise ProblemError("media-type", headers={"Accept": ", ".join(accepted)})
    return stated


async def _bytes(request: Request, largest: int) -> bytes:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > largest:
        raise ProblemError("too-large")
    read = bytearray()
    try:
        async with asyncio.timeout(_ARRIVES_S):
            async for part in request.stream():
                read += part
                if len(read) > largest:
                    raise ProblemError("too-large")
    except TimeoutError as slow:
        raise ProblemError("too-slow") from slow
    return bytes(read)
