"""Bounds before a token is looked at, over sockets: heads without end, requests that never arrive, connections on which nothing is sent."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
import uvicorn

from services.adapters.http.bounded_protocol import BoundedProtocol
from tests.waiting import until

_SHORT_S: Final = 0.4
_SOON_S: Final = 5.0


class _Quick(BoundedProtocol):
    """The same with less patience, so that a test need not wait."""

    head_s = _SHORT_S
    body_s = _SHORT_S


async def _echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the length of the body, once all of it is there."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
        if message["type"] == "http.disconnect":
            return
    length = str(len(body)).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(length)).encode())]})
    if scope["path"] == "/slow":
        await asyncio.sleep(3 * _SHORT_S)
    await send({"type": "http.response.body", "body": length})


@asynccontextmanager
async def _serving() -> AsyncIterator[int]:
    """Serve on a port of its own."""
    config = uvicorn.Config(_echo, host="127.0.0.1", port=0, http=_Quick, lifespan="off", log_config=None, timeout_keep_alive=75)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True  # not to wait for a request that never arrives
        await running


async def _answer(port: int, *pieces: bytes, pause_s: float = 0.0, end: Callable[[bytes], bool] | None = None) -> bytes:
    """Send pieces one after the other, and return what came back until the connection was closed, or until `end` of it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)
        async with asyncio.timeout(_SOON_S):
            while chunk := await reader.read(65_536):
                answer += chunk
                if end and end(answer):
                    break
    except ConnectionError:
        pass
    writer.close()
    return answer


_GET: Final = b"GET / HTTP/1.1\r\nhost: plek\r\n"


async def test_a_request_is_answered_whole_and_in_pieces() -> None:
    """A request is answered whether it comes at once, byte by byte or after another, and a large body is no large head."""
    async with _serving() as port:
        assert (await _answer(port, _GET + b"connection: close\r\n\r\n")).endswith(b"0")
        assert (await _answer(port, *(bytes([each]) for each in _GET + b"connection: close\r\n\r\n"))).endswith(b"0")
        body = b"x" * 300_000
        post = b"POST / HTTP/1.1\r\nhost: plek\r\ncontent-length: 300000\r\nconnection: close\r\n\r\n"
        assert (await _answer(port, post + body)).endswith(b"300000")
        many = (_GET + b"\r\n") * 800 + _GET + b"connection: close\r\n\r\n"
        assert (await _answer(port, many)).count(b"HTTP/1.1 200 OK") == 801


@pytest.mark.parametrize("last", [b"\r\n\r\n", b""])
async def test_the_bound_is_sixteen_kibibytes(last: bytes) -> None:
    """A head of just below 16 KiB is answered; one of a byte more is refused, whether it would have ended or not."""
    async with _serving() as port:
        room = BoundedProtocol.most_head - len(_GET) - len(b"x: \r\nconnection: close\r\n\r\n")
        fits = _GET + b"x: " + b"a" * room + b"\r\nconnection: close\r\n\r\n"
        assert len(fits) == BoundedProtocol.most_head
        assert (await _answer(port, fits)).startswith(b"HTTP/1.1 200")
        large = _GET + b"x: " + b"a" * (room + 1) + b"\r\nconnection: close" + last
        assert (await _answer(port, large + b"a" * 40)).startswith(b"HTTP/1.1 431")


@pytest.mark.parametrize("endless", [b"x: y\r\n" * 2_000, b"a" * 12_000])
async def test_a_head_without_end_is_cut_off(endless: bytes) -> None:
    """Headers, a header or a request line without end are refused after 16 KiB: the next megabytes are never read."""
    for begin in (_GET, _GET + b"x: ", b"GET /"):
        async with _serving() as port:
            answer = await _answer(port, begin, *(endless for _ in range(100)))
            assert not answer or answer.startswith((b"HTTP/1.1 431", b"HTTP/1.1 400"))
            assert (await _answer(port, _GET + b"connection: close\r\n\r\n")).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (b"", b""),
        (b"GET / HT", b"HTTP/1.1 408"),
        (_GET, b"HTTP/1.1 408"),
        (b"POST / HTTP/1.1\r\nhost: plek\r\ncontent-length: 10\r\n\r\nhalf", b"HTTP/1.1 408"),
    ],
)
async def test_half_a_request_is_not_waited_for(sent: bytes, answered: bytes) -> None:
    """A connection with nothing, half a head or half a body on it is closed in time, with a word where a request had begun."""
    async with _serving() as port:
        started = asyncio.get_running_loop().time()
        answer = await _answer(port, sent)
        took = asyncio.get_running_loop().time() - started
        assert answer[: len(b"HTTP/1.1 408")] == answered
        assert _SHORT_S * 0.9 <= took < _SOON_S


async def test_a_slow_sender_is_not_waited_for_either() -> None:
    """A head of which something comes again and again is refused once its time is over: the last of it never arrives."""
    async with _serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        closing = asyncio.create_task(reader.read())
        sent = 0
        for piece in (b"GET / HTTP/1.1\r\n", *(b"x: y\r\n" for _ in range(100))):
            if closing.done():
                break
            writer.write(piece)
            sent += 1
            await asyncio.sleep(_SHORT_S / 10)
        assert sent < 50
        assert (await closing).startswith(b"HTTP/1.1 408")
        writer.close()


async def test_a_slow_answer_and_a_kept_connection_are_not_cut_off() -> None:
    """How long an answer takes is not bounded, and a connection on which a request was answered may rest for longer than a head may."""
    async with _serving() as port:
        assert (await _answer(port, b"GET /slow HTTP/1.1\r\nhost: plek\r\nconnection: close\r\n\r\n")).endswith(b"0")
        rested = await _answer(port, _GET + b"\r\n", b"", b"", _GET + b"connection: close\r\n\r\n", pause_s=2 * _SHORT_S)
        assert rested.count(b"HTTP/1.1 200") == 2
