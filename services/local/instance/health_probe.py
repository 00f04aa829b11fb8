"""Asks a service on loopback for what it says of itself, with no HTTP client to import or to set up."""

import asyncio
from urllib.parse import urlsplit

# A service that takes longer to say that it is ready is not ready
_TIMEOUT_S = 2.0
_OK = 200


async def fetch_ok(url: str) -> bytes | None:
    """Return the body of what GET answers with 200; None for every other answer and for none."""
    answer = await fetch(url)
    return answer[1] if answer and answer[0] == _OK else None


async def fetch(url: str) -> tuple[int, bytes] | None:
    """Return the status and the body of what GET answers; None where there is no answer."""
    try:
        head, _, body = (await asyncio.wait_for(_get(url), _TIMEOUT_S)).partition(b"\r\n\r\n")
        return int(head.split()[1]), body
    except (OSError, TimeoutError, IndexError, ValueError):
        return None


async def _get(url: str) -> bytes:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(f"GET {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
        return await reader.read()
    finally:
        writer.close()
