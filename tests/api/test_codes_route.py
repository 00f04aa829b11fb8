"""`GET /v1/codes`: words for every code."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.api.desks import Desks, desks


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API."""
    async with desks(tmp_path) as opened:
        yield opened


async def test_anyone_logged_in_reads_the_words_of_every_code(at: Desks) -> None:
    """The lists stand by name, each code with its Dutch and English words, in the order of the contract; a token is required."""
    lists = (await at.call("get", "/v1/codes", at.callers.of("analyst"))).json()["codes"]
    assert lists["kinds"][0] == {"code": "emergency", "nl": "noodopvang", "en": "emergency"}
    assert {"destinations", "closing_reasons", "event_types", "warnings"} <= set(lists)
    assert (await at.client.get("/v1/codes")).status_code == 401
