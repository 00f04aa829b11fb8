"""A network between client and gateway that loses requests and answers, doubles them, and delivers some when they are no longer awaited."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from services.local.processes.free_ports import LOOPBACK

# The longest that a request or an answer is held back; a late copy comes after the client has gone on
_SLOW_S: Final = 0.15
_LATE_S: Final = 0.6
_BUSY: Final = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_PORTAL: Final = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>"


@dataclass(slots=True)
class HostileNetwork:
    """Carries each request to the gateway in a way that chance decides; `fates` counts how."""

    gateway: int
    chance: random.Random
    fates: Counter[str] = field(default_factory=Counter)
    _late: set[asyncio.Task[bytes]] = field(default_factory=set)
    _carrying: set[asyncio.Task[None]] = field(default_factory=set)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        """Listen on a port of this machine, for as long as this lasts; then wait for what is still under way."""

        def carry(client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
            carrying = asyncio.create_task(self._carry(client, back))
            self._carrying.add(carrying)  # the loop keeps no task alive
            carrying.add_done_callback(self._carrying.discard)

        server = await asyncio.start_server(carry, LOOPBACK, 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            await asyncio.gather(*self._late, *self._carrying, return_exceptions=True)

    async def _carry(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                request = await _message(client)
                fate = self.chance.choice([*_FATES, "passed", "passed"])
                self.fates[fate] += 1
                back.write(await _FATES[fate](self, request) if fate in _FATES else await self._deliver(request))
                await back.drain()
        finally:
            await _close(back)

    async def _deliver(self, request: bytes) -> bytes:
        """Deliver a request, and return the answer."""
        reader, writer = await asyncio.open_connection(LOOPBACK, self.gateway)
        try:
            writer.write(request)
            return await _message(reader)
        finally:
            await _close(writer)

    async def _lost(self, _: bytes) -> bytes:
        return b""

    async def _answer_lost(self, request: bytes) -> bytes:
        await self._deliver(request)
        return b""

    async def _torn(self, request: bytes) -> bytes:
        answer = await self._deliver(request)
        return answer[: self.chance.randrange(len(answer))]

    async def _doubled(self, request: bytes) -> bytes:
        return (await asyncio.gather(self._deliver(request), self._deliver(request)))[1]

    async def _slow(self, request: bytes) -> bytes:
        await asyncio.sleep(self.chance.random() * _SLOW_S)
        answer = await self._deliver(request)
        await asyncio.sleep(self.chance.random() * _SLOW_S)
        return answer

    async def _delivered_late(self, request: bytes) -> bytes:
        """Cut the connection at once, and deliver the request when its sender has sent it again, and others."""

        async def later() -> bytes:
            await asyncio.sleep(self.chance.random() * _LATE_S)
            return await self._deliver(request)

        self._late.add(asyncio.create_task(later()))
        return b""

    async def _busy(self, _: bytes) -> bytes:
        return _BUSY

    async def _portal(self, _: bytes) -> bytes:
        return _PORTAL


_FATES: Final[dict[str, Callable[[HostileNetwork, bytes], Awaitable[bytes]]]] = {
    "lost": HostileNetwork._lost,
    "answer lost": HostileNetwork._answer_lost,
    "torn": HostileNetwork._torn,
    "doubled": HostileNetwork._doubled,
    "slow": HostileNetwork._slow,
    "delivered late": HostileNetwork._delivered_late,
    "busy": HostileNetwork._busy,
    "portal": HostileNetwork._portal,
}


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def _message(stream: asyncio.StreamReader) -> bytes:
    """Read one request or answer whole: its head, and as many bytes as that says."""
    head = await stream.readuntil(b"\r\n\r\n")
    lengths = [int(line.partition(b":")[2]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return head + await stream.readexactly(lengths[0] if lengths else 0)
