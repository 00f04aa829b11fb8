"""What is attacked: every route of the pages, by its method."""

import functools
import re
from typing import Final
from urllib.parse import quote

import httpx
from starlette.routing import Route

from services.adapters.config.settings import Settings
from services.web.app import create_app
from tests.web.conftest import WEB, Browser

_FILLED: Final = {"language": "en", "form": "csv", "kind": "stays", "search": "00000000", "verb": "confirm", "act": "admissions"}
"""What stands for a parameter of a path that takes a few words only."""


@functools.cache
def _routes() -> list[Route]:
    return [route for route in create_app(Settings()).routes if isinstance(route, Route)]


def paths(method: str, other: str = "x") -> list[str]:
    """List the paths of the pages that take a method, each with its parameters filled in; `other` stands for a name that a service made."""

    def filled(name: re.Match[str]) -> str:
        stated, _, kind = name[1].partition(":")
        return "1" if kind else _FILLED.get(stated, quote(other, safe=""))

    # A stream has no end to wait for
    return [re.sub(r"\{([^}]+)\}", filled, route.path) for route in _routes() if method in (route.methods or ()) and route.path != "/live"]


def careless(browser: Browser) -> httpx.AsyncClient:
    """Return the browser as one that is shown a fault of ours as a page."""
    transport = httpx.ASGITransport(browser.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=WEB, cookies=browser.client.cookies)
