"""Rule publish-openapi: the documents as the API serves them, to programs and to pages of other sites."""

import json
from typing import Any

import httpx
import pytest

from services.adapters.config.settings import Settings
from services.api.app import create_app
from tests.standards.merged import DOCUMENT, ROOT

_DOCUMENTS = ["/v1/openapi.json", "/v1/asyncapi.json"]


def _client(**settings: Any) -> httpx.AsyncClient:
    app = create_app(Settings.model_construct(**settings))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://plek")


@pytest.mark.parametrize("path", _DOCUMENTS)
async def test_a_page_of_another_site_may_read_a_document(path: str) -> None:
    """GET and HEAD say so, and the preflight request is answered without a token."""
    async with _client() as client:
        shown, head, preflight = await client.get(path), await client.head(path), await client.options(path)
    assert (shown.status_code, head.status_code, preflight.status_code) == (200, 200, 204)
    assert {answer.headers["access-control-allow-origin"] for answer in (shown, head, preflight)} == {"*"}
    assert preflight.headers["access-control-allow-methods"] == "GET, HEAD"
    assert (head.content, head.headers["content-length"]) == (b"", str(len(shown.content)))


async def test_a_page_of_another_site_may_read_nothing_else() -> None:
    """No other answer has a header of CORS, and no other preflight request is answered."""
    async with _client() as client:
        for path in ("/healthz", "/v1/regions", "/v1/me", "/v1/nothing"):
            asked, preflight = await client.get(path), await client.options(path)
            assert "access-control-allow-origin" not in {*asked.headers, *preflight.headers}
            assert preflight.status_code in (404, 405)


async def test_the_api_serves_the_document_of_all_services() -> None:
    """Behind the door one document has what the gateway, the API and the monitor take; probes are not in it."""
    async with _client() as client:
        served = (await client.get("/v1/openapi.json")).json()
    assert served == DOCUMENT
    assert {"/events", "/searches", "/monitor/figures"} <= served["paths"].keys()
    assert "/healthz" not in served["paths"]


async def test_the_document_is_of_its_installation(tmp_path: Any) -> None:
    """Contact, region codes and data set are those of the settings; everything else is as it was written."""
    file = tmp_path / "regions.csv"
    head, first, *_ = (ROOT / "services" / "adapters" / "regions.csv").read_text("utf-8").splitlines()
    file.write_text(f"{head}\n{first.replace('R01', 'R99')}\n")
    async with _client(contact_name="Stichting Berk", contact_email="it@berk.example", prefix="sim-2023", regions=file) as client:
        served = json.loads((await client.get("/v1/openapi.json")).content)
    assert served["info"]["contact"] == DOCUMENT["info"]["contact"] | {"name": "Stichting Berk", "email": "it@berk.example"}
    assert served["info"]["title"] == "Plek (simulated)"
    assert served["components"]["schemas"]["Region"]["enum"] == ["R99"]
    assert served["paths"] == DOCUMENT["paths"]
