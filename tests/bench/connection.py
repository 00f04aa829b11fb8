"""A client that costs next to nothing: both ends share two cores, and httpx took twice as much of them as the gateway it measured."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Self

import orjson

from services.local.processes.free_ports import LOOPBACK

JSON = "application/json"
# What asking ends in when who is asked lets go, or is not there
AWAY = (OSError, asyncio.IncompleteReadError)


@dataclass(slots=True)
class Connection:
    """One connection, for one question at a time."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def to(cls, port: int) -> Self:
        """Connect."""
        return cls(*await asyncio.open_connection(LOOPBACK, port))

    async def ask(self, method: str, path: str, who: str, body: bytes = b"", kind: str = JSON, key: str | None = None) -> tuple[int, Any]:
        """Ask, and take the answer: its status and its JSON; asked again with a key it makes no second thing."""
        head = f"{method} {path} HTTP/1.1\r\nHost: plek\r\nAuthorization: {who}\r\nContent-Length: {len(body)}\r\nContent-Type: {kind}\r\n"
        head += f"Idempotency-Key: {key}\r\n\r\n" if key else "\r\n"
        self.writer.write(head.encode() + body)
        answered = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(answered.split("content-length:")[1].split("\r\n")[0])
        return int(answered[9:12]), orjson.loads(await self.reader.readexactly(length))


@dataclass(slots=True)
class Client:
    """Connections to one port, as many as there are requests at once."""

    port: int
    _free: list[Connection] = field(default_factory=list)

    async def ask(self, method: str, path: str, who: str, body: bytes = b"", kind: str = JSON, key: str | None = None) -> tuple[int, Any]:
        """Ask, once more on a new connection where the one that was free has been let go of meanwhile."""
        try:
            return await self._on(self._free.pop() if self._free else await Connection.to(self.port), method, path, who, body, kind, key)
        except AWAY:
            return await self._on(await Connection.to(self.port), method, path, who, body, kind, key)

    async def _on(self, connection: Connection, *question: Any) -> tuple[int, Any]:
        try:
            answered = await connection.ask(*question)
        except BaseException:
            connection.writer.close()
            raise
        self._free.append(connection)
        return answered

    def close(self) -> None:
        """Close every connection."""
        while self._free:
            self._free.pop().writer.close()
