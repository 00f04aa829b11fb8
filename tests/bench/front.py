"""Gateway, processor and API with an issuer of their own, as their clients see them, in a world of one row."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import orjson

from services.adapters.clock import now_ms
from services.adapters.settings import Settings
from services.adapters.topics import create_topics
from services.gateway.body import ONE
from services.local.ports import LOOPBACK
from tests.bench.stage import Stage
from tests.callers import Callers
from tests.issuing import issuing
from tests.servers import Service, running, settings_for


class Front:
    """A gateway and an API as their clients see them."""

    def __init__(self, callers: Callers, settings: Settings) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        self.settings = settings
        self._gateway = httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{settings.gateway_port}", timeout=30, limits=limits)
        self._api = httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{settings.api_port}", timeout=30, limits=limits)
        self._callers, self._operator = callers, callers.operator

    async def close(self) -> None:
        """Close every connection."""
        await self._gateway.aclose()
        await self._api.aclose()

    async def ready(self) -> bool:
        """Say whether the API tells the state."""
        return (await self._api.get("/v1/shelters", headers=self._operator)).status_code == httpx.codes.OK

    def listener(self, number: int) -> str:
        """Return the token of one of many operators."""
        return self._callers.signed(sub=f"listener-{number}", break_glass=True, exp=now_ms() // 1_000 + 3_600)["Authorization"]

    async def send(self, content: object, kind: str = ONE) -> tuple[int, int]:
        """Send an event, or a batch; return partition and offset of the last."""
        return await self.post(orjson.dumps(content), kind)

    async def post(self, body: bytes, kind: str) -> tuple[int, int]:
        """Send bytes, again where the connection was let go of meanwhile; return partition and offset of the last event in them."""
        headers = self._operator | {"Content-Type": kind}
        try:
            answer = await self._gateway.post("/v1/events", headers=headers, content=body)
        except httpx.TransportError:
            answer = await self._gateway.post("/v1/events", headers=headers, content=body)
        told = orjson.loads(answer.raise_for_status().content)["events"][-1]
        return told["partition"], told["offset"]

    async def shows(self, shelter: str, partition: int, offset: int) -> bool:
        """Ask for a shelter as it is at that offset at least; say whether it is."""
        answer = await self._api.get(f"/v1/shelters/{shelter}", params={"at_least": f"{partition}:{offset}"}, headers=self._operator)
        return bool(answer.raise_for_status().json()["at_least_reached"])


@asynccontextmanager
async def fronted(stage: Stage, row: str, *names: str) -> AsyncIterator[Front]:
    """Start these services on an empty world, and speak to them."""
    kafka, _ = await stage.servers()
    valkey = await stage.emptied()
    async with issuing(stage.scratch / f"{row}-issuer") as callers:
        settings = settings_for(kafka, valkey, row, issuer=callers.issuer)
        await create_topics(settings.brokers, settings.prefix, settings.partitions)
        front = Front(callers, settings)
        try:
            async with running(*(Service(name, settings, stage.logs / f"{row}-{name}.log") for name in names)):
                yield front
        finally:
            await front.close()
