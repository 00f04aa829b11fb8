"""The calls of the pages to the other services."""

import asyncio
from contextlib import AsyncExitStack

import httpx

from services.adapters.observability.trace_context import following, read
from services.web.clients.plek_client import PlekClient


async def test_a_call_of_a_page_is_in_the_trace_of_the_page() -> None:
    """A call carries the person's token and the trace of the request that the page answers; outside of one it carries no trace."""
    seen: list[httpx.Headers] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return httpx.Response(200, json={})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://plek") as service:
        client = PlekClient(service, service, service, service)
        with following([]) as page:
            await client.get("a-token", "/v1/me")
            await client.download("a-token", "/v1/monitor/releases", "text/csv", {})
        await client.get("", "/v1/codes")
    traces = [read(headers["traceparent"].encode()) for headers in seen[:2]]
    assert [trace and trace.trace for trace in traces] == [page.trace] * 2
    assert [headers.get("authorization") for headers in seen] == ["Bearer a-token", "Bearer a-token", None]
    assert "traceparent" not in seen[2]


async def test_open_pages_leave_a_connection_for_every_call() -> None:
    """With 120 streams open, more than a client has connections by itself, a page is still answered."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        if b"/v1/live" in asked:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    client = PlekClient.at(address, address, address)
    async with server, AsyncExitStack() as pages:
        for _ in range(120):
            assert (await pages.enter_async_context(client.stream("a-token", None))).status_code == 200
        assert (await client.get("a-token", "/v1/me")).status == 200
        await client.close()
