"""The API of a played month as a server on loopback: its routes over HTTP, its view in a real Valkey, its clock that of the log."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final, cast

import httpx
import uvicorn

from services.adapters.settings import Settings
from services.adapters.topics import partition_of
from services.adapters.view.documents import hold_document, shelter_document, unit_document
from services.adapters.view.port import Write
from services.adapters.view.redis_view import RedisDemandView, RedisView
from services.domain.crowd import Least
from services.domain.occupancy import Shelter
from services.local.ports import LOOPBACK, free_ports
from services.simulator.world import Logged
from tests.api.desks import Desks, desks
from tests.folded import Folded

LEAST: Final = Least(*(Settings.model_fields[name].default for name in ("crowd_shelters", "alike_shelters")))
"""How many must be meant where nobody sets anything else."""
# More searches than any test makes without a hold: the alarm is not what is attacked
_NO_ALARM = 1_000_000


class Kept(Folded):
    """Folds into a view in Valkey, all that was logged up to an instant at once."""

    def __init__(self, now: int, valkey: str, prefix: str) -> None:
        super().__init__(now)
        # The twins pass the same suite of promises
        self.view = cast("Any", RedisView(valkey, prefix, self.partitions))
        self.demand = cast("Any", RedisDemandView(valkey, prefix, self.partitions))

    async def take(self, logged: Iterable[Logged], instant: int) -> None:
        """Fold bed events in order, each when it was logged, and let it be an instant then."""
        changed: dict[int, dict[str, tuple[int, Shelter]]] = {partition: {} for partition in range(self.partitions)}
        before = {partition: position.offset for partition, position in self.positions.items()}
        offsets = dict(before)
        for each in logged:
            partition = partition_of(each.event.subject.encode(), self.partitions)
            self.registries[partition].hear(each.at)
            offsets[partition] += 1
            shelter = self.registries[partition].take(each.event, offsets[partition])
            if shelter:
                changed[partition][each.event.subject] = (offsets[partition], shelter)
        self.now = instant
        for partition, shelters in changed.items():
            await self.stand(partition, offset=offsets[partition], clock=self.registries[partition].clock)
            assert await self.view.write(partition, self._written(partition, shelters))

    def _written(self, partition: int, shelters: dict[str, tuple[int, Shelter]]) -> Write:
        position = self.positions[partition]
        found = {name: shelter for name, (_, shelter) in shelters.items()}
        return Write(
            after=position.offset,
            position=position,
            shelters={name: shelter_document(shelter.picture) for name, shelter in found.items()},
            units={
                f"{name}/{unit}": unit_document(drawn) for name, shelter in found.items() for unit, drawn in shelter.picture.units.items()
            },
            holds={f"{name}/{hold}": hold_document(told) for name, shelter in found.items() for hold, told in shelter.holds.items()},
            changes=sorted((offset, name) for name, (offset, _) in shelters.items()),
        )


@dataclass(frozen=True, slots=True)
class Served:
    """A server, who speaks to it, and what stands behind it."""

    client: httpx.AsyncClient
    desks: Desks
    kept: Kept
    least: Least
    chance: Random
    """That by which the API decides among the nearly equal."""


@asynccontextmanager
async def served(folder: Path, valkey: str, prefix: str, start: int, seed: int, least: Least) -> AsyncIterator[Served]:
    """Serve."""
    kept, chance = Kept(start, valkey, prefix), Random(seed)
    (port,) = free_ports(1)
    async with desks(folder, chance, folded=kept, least=least, alarm_at=_NO_ALARM) as at:
        server = uvicorn.Server(
            uvicorn.Config(at.app, host=LOOPBACK, port=port, log_level="critical", lifespan="off", timeout_keep_alive=3_600)
        )
        serving = asyncio.create_task(server.serve())
        try:
            async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}", timeout=30) as client:
                yield Served(client, at, kept, least, chance)
        finally:
            server.should_exit = True
            await serving
            for view in (kept.view, kept.demand):
                await view.close()
