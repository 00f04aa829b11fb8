"""An open page without a browser: it asks the services for all that a page asks them for, and draws nothing.

A hundred browsers on one machine measure the browsers. Most of a hundred open pages are these: a log-in through the issuer's form, a
stream of their own, and the page fetched anew after an event and every half a minute, as services/web/static/plek.js does.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx

# As plek.js waits after an event, for those that follow it, and at most without one
_SOON_S: Final = 0.15
_ANEW_S: Final = 30.0
_LIVE: Final = re.compile(r'data-live="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Person:
    """Who opens the page, as the issuer's form asks for it, and which page it is."""

    path: str
    role: str
    subject: str
    shelters: str = ""
    regions: str = ""
    desk: str = ""

    @property
    def form(self) -> dict[str, str]:
        """The form of the issuer, filled in."""
        given = {"role": self.role, "subject": self.subject, "shelters": self.shelters, "regions": self.regions, "desk": self.desk}
        return {"person": "other"} | given


class LightPage:
    """One open page; `fetched` counts how often it was fetched anew."""

    def __init__(self, client: httpx.AsyncClient, path: str, cookies: str) -> None:
        self._client, self._path, self._cookies = client, path, {"Cookie": cookies}
        self._due = asyncio.Event()
        self.opened, self.fetched = asyncio.Event(), 0

    async def stay_open(self) -> None:
        """Follow the stream and fetch the page, until cancelled."""
        shown = await self._fetch()
        live = _LIVE.search(shown)
        assert live, f"{self._path} does not follow what changes"
        async with asyncio.TaskGroup() as both:
            both.create_task(self._follow({*live[1].split(), "reload"} - {"alive"}))
            both.create_task(self._refresh())

    async def _follow(self, kinds: set[str]) -> None:
        async with self._client.stream("GET", "/live", headers=self._cookies, timeout=None) as stream:
            assert stream.status_code == 200
            self.opened.set()
            async for line in stream.aiter_lines():
                if line.startswith("event:") and line.removeprefix("event:").strip() in kinds:
                    self._due.set()

    async def _refresh(self) -> None:
        while True:
            try:
                async with asyncio.timeout(_ANEW_S):
                    await self._due.wait()
                await asyncio.sleep(_SOON_S)
            except TimeoutError:
                pass
            self._due.clear()
            await self._fetch()
            self.fetched += 1

    async def _fetch(self) -> str:
        answer = await self._client.get(self._path, headers=self._cookies | {"X-Refresh": "1"})
        assert answer.status_code == 200, (self._path, answer.status_code, answer.text)
        return answer.text


async def _log_in(client: httpx.AsyncClient, person: Person) -> str:
    """Return the cookie of a session, which a browser would keep: over loopback without TLS a client of Python does not."""
    begun = await client.get("/login")
    chosen = await client.post(begun.headers["Location"], data=person.form)
    ended = await client.get(chosen.headers["Location"], headers={"Cookie": _pairs(begun)})
    assert ended.status_code == 200, ended.text
    return _pairs(ended)


def _pairs(answer: httpx.Response) -> str:
    return "; ".join(field.split(";")[0] for field in answer.headers.get_list("Set-Cookie") if "Max-Age=0" not in field)


@asynccontextmanager
async def open_pages(address: str, people: list[Person], each: int) -> AsyncIterator[list[LightPage]]:
    """Open so many pages of each person, and close them in the end."""
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=60) as client, asyncio.TaskGroup() as group:
        pages, tasks = [], []
        for person in people:
            cookies = await _log_in(client, person)
            pages += [LightPage(client, person.path, cookies) for _ in range(each)]
        for page in pages:
            tasks.append(group.create_task(page.stay_open()))
            await page.opened.wait()
        yield pages
        for task in tasks:
            task.cancel()
