"""Asks a service on loopback for what it says of itself, with no HTTP client to import or to set up."""

import asyncio
from urllib.parse import urlsplit

# A service that takes longer to say that it is ready is not ready
_TIMEOUT_S = 2.0


async def fetch_ok(url: str) -> bytes | None:
    """Return the body of what GET answers with 200; None for every other answer and for none."""
    try:
        head, _, body = (await asyncio.wait_for(_get(url), _TIMEOUT_S)).partition(b"\r\n\r\n")
        return body if head.split()[1] == b"200" else None
    except (OSError, TimeoutError, IndexError):
        return None


async def _get(url: str) -> bytes:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(f"GET {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
        return await reader.read()
    finally:
        writer.close()
