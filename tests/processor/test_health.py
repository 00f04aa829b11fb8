"""The probes of the processor, as a load balancer and a browser meet them."""

import httpx

from services.adapters.http.security_headers import SECURITY_HEADERS
from services.adapters.observability.metrics import Metrics
from services.processor.health import ProcessorStatus, status_app


async def test_its_answers_have_the_security_headers_also_to_a_head() -> None:
    """Each probe is answered to GET and to HEAD, with the same header fields."""
    app = status_app(ProcessorStatus(started=True), [], Metrics())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://plek") as client:
        for path in ("/healthz", "/readyz", "/metrics"):
            for answer in (await client.get(path), await client.head(path)):
                assert answer.status_code == 200
                assert all(answer.headers[name.decode()] == value.decode() for name, value in SECURITY_HEADERS)
