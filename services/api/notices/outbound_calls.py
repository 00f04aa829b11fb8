"""Calls addresses outside Plek: follows no redirect, reads of an answer its status alone, and takes ten seconds at most in all."""

import asyncio
from collections.abc import Mapping
from typing import Final

import httpx

from services.adapters.config.loopback import on_loopback

CALL_S: Final = 10.0
"""How long a call may take in all: a slow receiver holds up no other."""
_STEP_S: Final = 5.0
_MOST_CONNECTIONS: Final = 20


class OutboundCalls:
    """The HTTP clients of one process: to an address on this machine without a proxy."""

    def __init__(self) -> None:
        limits = httpx.Limits(max_connections=_MOST_CONNECTIONS, max_keepalive_connections=_MOST_CONNECTIONS, keepalive_expiry=30.0)
        self._direct, self._outside = (
            httpx.AsyncClient(timeout=_STEP_S, follow_redirects=False, trust_env=outside, limits=limits, headers={"User-Agent": "plek"})
            for outside in (False, True)
        )

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int | None:
        """Send a POST and return the status of its answer; None where none came in time."""
        client = self._direct if on_loopback(url) else self._outside
        try:
            async with asyncio.timeout(CALL_S), client.stream("POST", url, content=body, headers=dict(headers)) as answer:
                return answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError, ValueError):  # a log would have the address, and that its secrets
            return None

    async def close(self) -> None:
        """Close every connection."""
        await self._direct.aclose()
        await self._outside.aclose()
