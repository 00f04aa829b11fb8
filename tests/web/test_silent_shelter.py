"""What a shelter reads when nothing was heard of it for eight hours, and for a day."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.web.conftest import AGED, Browser

_SHELTER: dict[str, Any] = {
    "shelter": "hazelaar-1",
    "registration": {"name": "Hazelaar"},
    "heard_at": "2026-11-29T18:00:00Z",
    "paused": None,
    "units": [],
    "holds_waiting": [],
}


@pytest.mark.parametrize(
    ("freshness", "text"), [("fresh", None), ("ageing", "straks niet meer aan"), ("unknown", "biedt uw kamers nu niet aan")]
)
async def test_a_silent_shelter_is_asked_and_hears_it(
    browser: Browser, number: Callable[[str], int], freshness: str, text: str | None
) -> None:
    """While it is fresh nothing is asked; then the page says whether its units are still offered, and sounds as for a hold that waits."""
    await browser.login(number("shelter"))
    browser.services.answers["GET /v1/shelters/hazelaar-1"] = (200, AGED | {"shelter": _SHELTER | {"freshness": freshness}})
    page = (await browser.client.get("/shelter/1")).text
    assert ("Klopt wat hier staat nog?" in page) == ('data-waits="silent"' in page) == (text is not None)
    assert text is None or text in page
