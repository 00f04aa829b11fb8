"""A link between two parts: a small TCP proxy that can be cut, cut in one direction, slowed, or torn at the k-th piece that passes.

What a cut of one direction keeps back passes when it is healed, as over a network that loses packets for a while; a whole cut ends every
connection and refuses new ones.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, Literal

from services.local.processes.free_ports import LOOPBACK

Direction = Literal["up", "down"]
"""Up: from who calls to who is called."""
_PIECE: Final = 65_536


@dataclass(slots=True)
class Link:
    """Carries the connections to a port of this machine to another address; open until one of its faults is set."""

    port: int
    to: tuple[str, int]
    cut: bool = False
    delay_s: float = 0.0
    trickle: int = 0
    """Bytes a second and connection, 0 for as many as there are."""
    torn_at: int = 0
    """The piece from who calls at which every connection ends, counted down; 0 for never."""
    torn: int = 0
    _open: dict[Direction, asyncio.Event] = field(default_factory=dict)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _carrying: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._open = {"up": asyncio.Event(), "down": asyncio.Event()}
        self.heal()

    def heal(self) -> None:
        """Let everything pass."""
        self.cut, self.delay_s, self.trickle, self.torn_at = False, 0.0, 0, 0
        for each in self._open.values():
            each.set()

    def sever(self) -> None:
        """End every connection, and refuse new ones until it is healed."""
        self.cut = True
        self._reset()

    def hold_back(self, direction: Direction) -> None:
        """Let nothing pass in one direction until it is healed."""
        self._open[direction].clear()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Carry connections for as long as this lasts."""
        server = await asyncio.start_server(self._accept, LOOPBACK, self.port)
        try:
            yield
        finally:
            server.close()
            self._reset()
            for task in self._carrying:
                task.cancel()
            await asyncio.gather(*self._carrying, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._carry(reader, writer))
        self._carrying.add(task)
        task.add_done_callback(self._carrying.discard)

    async def _carry(self, caller: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        writers = {back}
        try:
            if self.cut:
                return
            with suppress(OSError):
                called, forth = await asyncio.open_connection(*self.to)
                writers.add(forth)
                self._writers |= writers
                if self.cut:  # while this one was being made
                    return
                passing = [asyncio.create_task(self._pass(caller, forth, "up")), asyncio.create_task(self._pass(called, back, "down"))]
                try:
                    await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for each in passing:
                        each.cancel()
                    await asyncio.gather(*passing, return_exceptions=True)
        finally:
            self._writers -= writers
            for writer in writers:
                writer.transport.abort()
            await asyncio.sleep(0)  # an aborted connection is closed in the next turn of the loop

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction) -> None:
        with suppress(OSError):
            while piece := await reader.read(_PIECE):
                await self._open[direction].wait()
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                if direction == "up" and self._tears():
                    return
                for part in self._parts(piece):
                    writer.write(part)
                    await writer.drain()
                    if self.trickle:
                        await asyncio.sleep(len(part) / self.trickle)

    def _parts(self, piece: bytes) -> list[bytes]:
        size = max(self.trickle // 10, 1) if self.trickle else len(piece)
        return [piece[start : start + size] for start in range(0, len(piece), size)]

    def _tears(self) -> bool:
        """Count a piece, and end all at the one that was named."""
        if not self.torn_at:
            return False
        self.torn_at -= 1
        if self.torn_at:
            return False
        self.torn += 1
        self._reset()
        return True

    def _reset(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()
