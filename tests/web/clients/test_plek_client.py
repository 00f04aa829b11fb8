"""The calls of the pages to the other services."""

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
        client = PlekClient(service, service, service)
        with following([]) as page:
            await client.get("a-token", "/v1/me")
            await client.download("a-token", "/v1/monitor/releases", "text/csv", {})
        await client.get("", "/v1/codes")
    traces = [read(headers["traceparent"].encode()) for headers in seen[:2]]
    assert [trace and trace.trace for trace in traces] == [page.trace] * 2
    assert [headers.get("authorization") for headers in seen] == ["Bearer a-token", "Bearer a-token", None]
    assert "traceparent" not in seen[2]
