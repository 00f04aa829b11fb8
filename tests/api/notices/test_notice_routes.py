"""`/v1/notices`: a shelter subscribes a browser of a known push service, and ends it; each change is in the audit log."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from services.adapters.auth.rate_limits import MemoryRates
from services.adapters.clock import seconds
from services.adapters.http.app_factory import new_app, running
from services.adapters.observability.metrics import Metrics
from services.api.notices.routes import BrowserNotices, add_notices
from services.api.notices.subscriptions import subscription_id
from tests.api.notices.test_web_push import ENDPOINT, HOSTS, Process
from tests.audited import Audited
from tests.callers import Callers
from tests.documented import documented
from tests.waiting import until

PATH = "/v1/notices/subscriptions"


@dataclass
class Noticed:
    """The routes, and what stands behind them."""

    client: httpx.AsyncClient
    callers: Callers
    process: Process
    audited: Audited

    async def call(self, method: str, path: str, who: dict[str, str], body: Any = None) -> httpx.Response:
        """Ask, and hold the answer against the OpenAPI document."""
        answer = await self.client.request(method, path, headers=who, json=body)
        template = path if method != "delete" else f"{PATH}/{{subscription}}"
        await documented(self.client, template, method, answer)
        return answer


@asynccontextmanager
async def _noticed(folder: Path, key: str | None = "BPublic") -> AsyncIterator[Noticed]:
    metrics, callers, audited, process = Metrics(), Callers(folder), Audited(), Process(folder / "outbox")
    app = new_app("Plek API", "", metrics, seconds)
    app.state.guard = audited.guard(callers.identity(metrics, MemoryRates(seconds)))
    add_notices(app, BrowserNotices(key, process.known, HOSTS))
    async with (
        running(audited.writer.run_forever),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://plek") as client,
    ):
        await until(lambda: audited.writer.ready)
        yield Noticed(client, callers, process, audited)


async def test_a_shelter_subscribes_a_browser_and_ends_it(tmp_path: Path) -> None:
    """The browser is notified for all shelters of the token and no other, once however often it is sent; then it is ended."""
    async with _noticed(tmp_path) as at:
        who, name = at.callers.shelter("berk", "els"), subscription_id(ENDPOINT)
        answers = [await at.call("post", PATH, who, {"endpoint": ENDPOINT}) for _ in range(2)]
        assert [answer.json() for answer in answers] == [
            {"status": "subscribed", "subscription": name},
            {"status": "unchanged", "subscription": name},
        ]
        assert [len(at.process.known.of(shelter)) for shelter in ("berk", "els", "den")] == [1, 1, 0]
        assert (await at.call("delete", f"{PATH}/{name}", at.callers.shelter("den"))).json()["status"] == "unchanged"
        ended = [(await at.call("delete", f"{PATH}/{name}", who)).json()["status"] for _ in range(2)]
        assert ended == ["ended", "unchanged"]
        assert at.process.known.of("berk") == []
        assert at.audited.told[0] == ("notices-changed", "success", ["berk", "els"])
        assert b"push.example" not in b"".join(at.audited.values)


async def test_an_address_of_no_push_service_is_refused(tmp_path: Path) -> None:
    """The answer names the member and repeats no value; nothing is stored, and nothing is recorded."""
    async with _noticed(tmp_path) as at:
        for endpoint in ("https://10.0.0.1/", "https://push.example:8443/", "http://push.example/", "https://other.example/"):
            answer = await at.call("post", PATH, at.callers.shelter("berk"), {"endpoint": endpoint})
            assert answer.status_code == 400
            assert answer.json()["errors"][0]["pointer"] == "/endpoint"
            assert endpoint not in answer.text
        assert at.process.known.of("berk") == []


async def test_without_a_key_no_browser_is_subscribed(tmp_path: Path) -> None:
    """The answer says that there is no key, and a subscription is refused."""
    async with _noticed(tmp_path, None) as at:
        who = at.callers.shelter("berk")
        assert (await at.call("get", "/v1/notices", who)).json() == {"push_key": None}
        assert (await at.call("post", PATH, who, {"endpoint": ENDPOINT})).status_code == 404
    async with _noticed(tmp_path / "with") as at:
        assert (await at.call("get", "/v1/notices", at.callers.shelter("berk"))).json() == {"push_key": "BPublic"}
