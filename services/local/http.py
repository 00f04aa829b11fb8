"""Asks one of our own services on loopback whether it is there, and what it says of itself."""

import asyncio
from urllib.parse import urlsplit

# A service that takes longer to say it is ready is not ready
_PATIENCE_S = 2.0


async def says_ok(url: str) -> bool:
    """Whether GET answers 200."""
    return await told(url) is not None


async def told(url: str) -> bytes | None:
    """Return what GET answers with 200; None where it does not."""
    try:
        head, _, body = (await asyncio.wait_for(_answer(url), _PATIENCE_S)).partition(b"\r\n\r\n")
        return body if head.split()[1] == b"200" else None
    except (OSError, TimeoutError, IndexError):
        return None


async def _answer(url: str) -> bytes:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(f"GET {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
        return await reader.read()
    finally:
        writer.close()
