"""A small country on real servers, with two of each: shelters in two regions, workers at two desks, holds of both."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson

from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.config.settings import Settings
from services.gateway.cloudevents_body import BATCH
from services.gateway.shelters.event_handles import EventHandles, NamedEvent
from tests.callers import Callers
from tests.controlled_servers import Kafka, Valkey
from tests.issuing import issuing
from tests.leak.watch import WATCH
from tests.sent import asked, declared, event, id_of, registered, uuid
from tests.servers import KEY, serving, settings_for
from tests.waiting import until

UNITS = 40
# A name that leads nowhere (RFC 2606): what is notified there stays here
PUSH_HOST = "push.example"
# Hers in her shelter, another's in it, hers in another shelter
HERS, ANOTHERS, ELSEWHERE = (uuid(number) for number in (901, 902, 903))
# The same again, for events to be sent about
SAID_OF_HERS, SAID_OF_ANOTHERS = (uuid(number) for number in (904, 905))

# Handles of a closed unit of each of the shelters
EVENT_OF_BERK, EVENT_OF_DEN = (
    EventHandles(Pseudonyms(KEY)).write(NamedEvent(name, f"urn:plek:shelter:{name}:desk-1", id_of("unit-closed", 38), "unit-closed"))
    for name in ("berk", "den")
)


@dataclass
class Country:
    """Who is who in it: berk is in R07 and den in R01; w1 is at a desk of R07, w2 of R01."""

    callers: Callers
    gateway: httpx.AsyncClient
    api: httpx.AsyncClient
    monitor: httpx.AsyncClient
    settings: Settings
    pseudonyms: Pseudonyms
    phones: int = 0
    """How many phones were proposed."""

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
async def country(
    kafka: Kafka, valkey: Valkey, prefix: str, folder: Path, redis: Callable[[str], str] | None = None
) -> AsyncIterator[Country]:
    """Start it, and people it; `redis` returns the address of Redis for a service, where each has a user of its own."""
    async with issuing(folder) as callers:
        often = {"calls_per_minute": 1_000_000, "refusals_per_hour": 1_000_000}
        push = {"push_key": "A" * 42 + "E", "push_hosts": PUSH_HOST}
        settings = settings_for(kafka, valkey, prefix, issuer=callers.issuer, pseudonym_key=KEY, data=folder, **push, **often)
        async with serving(settings, folder, "gateway", "api", "monitor", redis=redis) as served:
            here = Country(callers, served.gateway, served.api, served.clients["monitor"], settings, Pseudonyms(KEY))
            await _people(here)
            await _worked_out(here)
            await WATCH.sow(callers, *served.clients.values())
            yield here


async def _people(here: Country) -> None:
    first, other = (here.pseudonyms.asked_by(sub) for sub in ("w1", "w2"))
    shelters = [registered("berk"), registered("den", "R01")]
    units = [declared(f"u{number}", shelter) for shelter in ("berk", "den") for number in range(1, UNITS + 1)]
    holds = [asked(first, hold=901), asked(other, hold=902, desk="crisis-west"), asked(first, "den", hold=903)]
    holds += [asked(first, hold=904), asked(other, hold=905, desk="crisis-west")]
    # Of a unit that no one sees; what is undone must have been sent
    closed = [event("unit-closed", shelter, unit="u99", reason="cleaning", number=38) for shelter in ("berk", "den")]
    answer = await here.send(here.callers.operator, *shelters, *units, *holds, *closed)
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
