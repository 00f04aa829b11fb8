"""A stand-in for what is called outside Plek, a pager or a push service: it takes each request whole and answers as the test says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser


@dataclass(frozen=True, slots=True)
class Received:
    """One request: its bytes, and its parts."""

    whole: bytes
    line: str
    headers: Message
    body: bytes


@dataclass(slots=True)
class StandIn:
    """What was received, and what is answered."""

    answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n"
    stays_open: bool = False
    url: str = ""
    received: list[Received] = field(default_factory=list)
    _open: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request, answer it, and close the connection unless it stays open."""
        self._open.append(writer)
        head = await reader.readuntil(b"\r\n\r\n")
        line, _, fields = head.partition(b"\r\n")
        headers = BytesHeaderParser().parsebytes(fields)
        body = await reader.readexactly(int(headers["content-length"] or 0))
        self.received.append(Received(head + body, line.decode(), headers, body))
        writer.write(self.answer)
        await writer.drain()
        if not self.stays_open:
            writer.close()

    async def close(self) -> None:
        """Close every connection."""
        for writer in self._open:
            writer.close()


@asynccontextmanager
async def listening_at(path: str = "/plek", **how: object) -> AsyncIterator[StandIn]:
    """Listen on this machine until the end of the block, and a while later for what is still under way."""
    stand_in = StandIn(**how)  # type: ignore[arg-type]  # its own fields
    server = await asyncio.start_server(stand_in.serve, "127.0.0.1", 0)
    stand_in.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{path}"
    async with server:
        try:
            yield stand_in
        finally:
            await stand_in.close()
