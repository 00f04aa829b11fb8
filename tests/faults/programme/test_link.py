"""A link: what passes through it, and what does not while it is broken."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from services.local.processes.free_ports import LOOPBACK
from tests.faults.programme.link import Link
from tests.free_ports import free_ports

_SOON_S = 0.15


@asynccontextmanager
async def _echo() -> AsyncIterator[tuple[Link, asyncio.StreamReader, asyncio.StreamWriter]]:
    """Have a link to a server that sends everything back, and a connection over it."""
    answering: set[asyncio.Task[None] | None] = set()

    async def back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answering.add(asyncio.current_task())
        with suppress(ConnectionError):
            while piece := await reader.read(1_000):
                writer.write(piece)
        await _closed(writer)

    port, front = free_ports(2)
    server = await asyncio.start_server(back, LOOPBACK, port)
    link = Link(front, (LOOPBACK, port))
    async with server, link.listening():
        reader, writer = await asyncio.open_connection(LOOPBACK, front)
        yield link, reader, writer
        await _closed(writer)
    await asyncio.gather(*(task for task in answering if task))


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def _comes(reader: asyncio.StreamReader, within_s: float = _SOON_S) -> bytes:
    """Return what comes soon; nothing where nothing does."""
    try:
        return await asyncio.wait_for(reader.read(100), within_s)
    except TimeoutError:
        return b"nothing"


async def _ends(reader: asyncio.StreamReader) -> bool:
    """Return whether a connection ends before anything comes."""
    try:
        return await asyncio.wait_for(reader.read(1), 5) == b""
    except ConnectionError:
        return True


async def test_an_open_link_carries_both_ways() -> None:
    """What is sent arrives, and its answer comes back."""
    async with _echo() as (_, reader, writer):
        writer.write(b"hello")
        assert await _comes(reader, 5) == b"hello"


async def test_a_cut_ends_connections_and_refuses_new_ones_until_it_is_healed() -> None:
    """A cut link ends what is open; a new connection ends at once; a healed one carries again."""
    async with _echo() as (link, reader, _):
        link.sever()
        assert await _ends(reader)
        refused, to_refused = await asyncio.open_connection(LOOPBACK, link.port)
        assert await _ends(refused)
        await _closed(to_refused)
        link.heal()
        again, to_again = await asyncio.open_connection(LOOPBACK, link.port)
        to_again.write(b"again")
        assert await _comes(again, 5) == b"again"
        await _closed(to_again)


@pytest.mark.parametrize("direction", ["up", "down"])
async def test_what_one_direction_keeps_back_comes_when_it_is_healed(direction: str) -> None:
    """With one direction cut no answer comes; nothing is lost, and all of it comes afterwards."""
    async with _echo() as (link, reader, writer):
        link.hold_back("up" if direction == "up" else "down")
        writer.write(b"kept")
        assert await _comes(reader) == b"nothing"
        link.heal()
        assert await _comes(reader, 5) == b"kept"


async def test_a_slow_link_takes_its_time() -> None:
    """A delay holds each piece back; a trickle lets a few bytes pass at a time."""
    async with _echo() as (link, reader, writer):
        link.delay_s = 0.3
        writer.write(b"slow")
        assert await _comes(reader) == b"nothing"
        assert await _comes(reader, 5) == b"slow"
        link.heal()
        link.trickle = 20
        writer.write(b"drops")
        assert len(await _comes(reader, 5)) < 5


async def test_a_link_is_torn_at_the_piece_that_was_named() -> None:
    """The second piece is the last: it does not arrive, and the connection ends; the next connection carries."""
    async with _echo() as (link, reader, writer):
        link.torn_at = 2
        writer.write(b"one")
        assert await _comes(reader, 5) == b"one"
        writer.write(b"two")
        assert await _ends(reader)
        assert link.torn == 1
