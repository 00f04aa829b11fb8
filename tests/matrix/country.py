"""A small country on real servers, with two of each: shelters in two regions, workers at two desks, holds of both."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson

from services.adapters.pseudonym import Pseudonyms
from services.adapters.settings import Settings
from services.adapters.topics import create_topics
from services.gateway.body import BATCH
from services.local.kafka import Kafka
from services.local.valkey import Valkey
from tests.callers import Callers
from tests.issuing import issuing
from tests.leak.watch import WATCH
from tests.sent import asked, declared, registered, uuid
from tests.servers import KEY, Service, running, settings_for
from tests.waiting import until

UNITS = 40
# Hers in her shelter, another's in it, hers in another shelter
HERS, ANOTHERS, ELSEWHERE = (uuid(number) for number in (901, 902, 903))
# The same again, for events to be sent about
SAID_OF_HERS, SAID_OF_ANOTHERS = (uuid(number) for number in (904, 905))


@dataclass
class Country:
    """Who is who in it: berk is in R07 and den in R01; w1 is at a desk of R07, w2 of R01."""

    callers: Callers
    gateway: httpx.AsyncClient
    api: httpx.AsyncClient
    monitor: httpx.AsyncClient
    settings: Settings
    pseudonyms: Pseudonyms

    def headers(self, role: str) -> dict[str, str]:
        """Headers of somebody of a role, at berk, in R07, at the desk of crisis-oost."""
        match role:
            case "shelter":
                return self.callers.shelter("berk")
            case "coordinator":
                return self.callers.coordinator("R07")
            case "worker":
                return self.callers.worker()
            case _:
                return self.callers.of(role)

    @property
    def services(self) -> dict[str, httpx.AsyncClient]:
        """Whoever answers over HTTP, by name."""
        return {"gateway": self.gateway, "api": self.api, "monitor": self.monitor}

    @property
    def stranger(self) -> dict[str, str]:
        """Headers of the worker at the other desk."""
        return self.callers.worker("w2", "crisis-west", ("R01",))

    async def send(self, headers: dict[str, str], *events: Any) -> httpx.Response:
        """Send a batch."""
        return await self.gateway.post("/v1/events", headers=headers | {"Content-Type": BATCH}, content=orjson.dumps(events))


@asynccontextmanager
async def country(kafka: Kafka, valkey: Valkey, prefix: str, folder: Path) -> AsyncIterator[Country]:
    """Start it, and people it."""
    async with issuing(folder) as callers:
        often = {"calls_per_minute": 1_000_000, "searches_per_minute": 1_000_000, "searches_per_hour": 1_000_000}
        settings = settings_for(kafka, valkey, prefix, issuer=callers.issuer, pseudonym_key=KEY, data=folder, **often)
        await create_topics(settings.brokers, prefix)
        made = {name: Service(name, settings, folder / f"{name}.log") for name in ("processor", "gateway", "api", "monitor")}
        hooks = WATCH.oracle.hooks
        async with (
            running(*made.values()),
            httpx.AsyncClient(base_url=made["gateway"].url, timeout=30, event_hooks=hooks) as gateway,
            httpx.AsyncClient(base_url=made["api"].url, timeout=30, event_hooks=hooks) as api,
            httpx.AsyncClient(base_url=made["monitor"].url, timeout=30, event_hooks=hooks) as monitor,
        ):
            here = Country(callers, gateway, api, monitor, settings, Pseudonyms(KEY))
            await _people(here)
            await _worked_out(here)
            await WATCH.sow(callers, gateway, api, monitor)
            yield here


async def _people(here: Country) -> None:
    first, other = (here.pseudonyms.asked_by(sub) for sub in ("w1", "w2"))
    shelters = [registered("berk"), registered("den", "R01")]
    units = [declared(f"u{number}", shelter) for shelter in ("berk", "den") for number in range(1, UNITS + 1)]
    holds = [asked(first, hold=901), asked(other, hold=902, desk="crisis-west"), asked(first, "den", hold=903)]
    holds += [asked(first, hold=904), asked(other, hold=905, desk="crisis-west")]
    answer = await here.send(here.callers.operator, *shelters, *units, *holds)
    assert answer.status_code == 200, answer.text

    async def known() -> bool:
        answer = await here.api.get("/v1/operator/state", headers=here.callers.operator)
        return answer.status_code == 200 and len(answer.json()["holds"]) == len(holds)

    await until(known)


async def _worked_out(here: Country) -> None:
    async def figures() -> bool:
        parts: dict[str, bool] = (await here.monitor.get("/readyz")).json()["parts"]
        return parts["figures"]

    await until(figures)
