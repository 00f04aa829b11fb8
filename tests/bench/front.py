"""Gateway, processor and API with an issuer of their own, as their clients see them, in a world of one row."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson

from services.adapters.clock import now_ms
from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import create_topics
from services.gateway.cloudevents_body import ONE
from tests.bench.connection import Client
from tests.bench.stage import Stage
from tests.callers import Callers
from tests.issuing import issuing
from tests.servers import Service, running, settings_for


class Front:
    """A gateway and an API as their clients see them."""

    def __init__(self, callers: Callers, settings: Settings) -> None:
        self.settings, self._callers = settings, callers
        self._gateway, self._api = Client(settings.gateway_port), Client(settings.api_port)
        self._operator = callers.operator["Authorization"]

    def close(self) -> None:
        """Close every connection."""
        self._gateway.close()
        self._api.close()

    async def ready(self) -> bool:
        """Return whether the API shows the state."""
        status, _ = await self._api.ask("GET", "/v1/shelters", self._operator)
        return status == 200

    def listener(self, number: int) -> str:
        """Return the token of one of many operators."""
        return self._callers.signed(sub=f"listener-{number}", break_glass=True, exp=now_ms() // 1_000 + 3_600)["Authorization"]

    async def send(self, content: object, kind: str = ONE) -> tuple[int, int]:
        """Send an event, or a batch; return partition and offset of the last."""
        return await self.post(orjson.dumps(content), kind)

    async def post(self, body: bytes, kind: str) -> tuple[int, int]:
        """Send bytes; return partition and offset of the last event in them."""
        last = _good(*await self._gateway.ask("POST", "/v1/events", self._operator, body, kind))["events"][-1]
        return last["partition"], last["offset"]

    async def shows(self, shelter: str, partition: int, offset: int) -> bool:
        """Ask for a shelter as it is at that offset at least; return whether it is shown."""
        path = f"/v1/shelters/{shelter}?atLeast={partition}:{offset}"
        return bool(_good(*await self._api.ask("GET", path, self._operator))["at_least_reached"])


def _good(status: int, found: Any) -> Any:
    if status != 200:
        raise RuntimeError(f"answered {status}: {found.get('type')}")
    return found


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
            front.close()
