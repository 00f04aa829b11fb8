"""Asks one of our own services on loopback one thing: whether it is there."""

import asyncio
from urllib.parse import urlsplit

# A service that takes longer to say it is ready is not ready
_PATIENCE_S = 2.0


async def says_ok(url: str) -> bool:
    """Whether GET answers 200."""
    try:
        return await asyncio.wait_for(_status(url), _PATIENCE_S) == b"200"
    except (OSError, TimeoutError, IndexError):
        return False


async def _status(url: str) -> bytes:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(f"GET {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
        return (await reader.readline()).split()[1]
    finally:
        writer.close()
