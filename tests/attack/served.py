"""The API of a played month as a server on loopback: its view the twin of Redis in memory, its clock that of the log."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

import httpx
import uvicorn

from services.adapters.kafka.topics import partition_of
from services.adapters.view.ports import Write
from services.adapters.view.shelter_documents import hold_document, shelter_document, unit_document
from services.api.read_model.disclosure_level import Disclosure
from services.domain.beds.shelter_fold import ShelterState
from services.local.processes.free_ports import LOOPBACK
from services.simulator.model.context import LoggedEvent
from tests.api.desks import GUARDED, Desks, desks
from tests.folded import Folded
from tests.free_ports import free_ports

# More searches than any attack makes without a hold: here the alarm is counted by the attacker (`abuse_alerts.py`)
_NO_ALARM = 1_000_000


_STRICT = Disclosure(strict_until=date(2099, 12, 31))


class Kept(Folded):
    """Folds into a view all that was logged up to an instant at once."""

    async def take(self, logged: Iterable[LoggedEvent], instant: int) -> None:
        """Fold bed events in order, each at the time at which it was logged, and set the clock to an instant."""
        changed: dict[int, dict[str, tuple[int, ShelterState]]] = {partition: {} for partition in range(self.partitions)}
        before = {partition: position.offset for partition, position in self.positions.items()}
        offsets = dict(before)
        for each in logged:
            partition = partition_of(each.event.subject.encode(), self.partitions)
            self.registries[partition].advance_clock(each.at)
            offsets[partition] += 1
            shelter = self.registries[partition].apply(each.event, offsets[partition])
            if shelter:
                changed[partition][each.event.subject] = (offsets[partition], shelter)
        self.now = instant
        for partition, shelters in changed.items():
            await self.stand(partition, offset=offsets[partition], clock=self.registries[partition].clock)
            assert await self.view.write(partition, self._written(partition, shelters))

    def _written(self, partition: int, shelters: dict[str, tuple[int, ShelterState]]) -> Write:
        position = self.positions[partition]
        found = {name: shelter for name, (_, shelter) in shelters.items()}
        return Write(
            after=position.offset,
            position=position,
            shelters={name: shelter_document(shelter.snapshot) for name, shelter in found.items()},
            units={
                f"{name}/{unit}": unit_document(drawn) for name, shelter in found.items() for unit, drawn in shelter.snapshot.units.items()
            },
            holds={f"{name}/{hold}": hold_document(state) for name, shelter in found.items() for hold, state in shelter.holds.items()},
            changes=sorted((offset, name) for name, (offset, _) in shelters.items()),
        )


@dataclass(frozen=True, slots=True)
class Served:
    """A server, a client of it, and what stands behind it."""

    client: httpx.AsyncClient
    desks: Desks
    kept: Kept
    chance: Random
    """That by which the API decides among the nearly equal."""


@asynccontextmanager
async def served(folder: Path, start: int, seed: int, *, strict: bool = False) -> AsyncIterator[Served]:
    """Serve the API of a country that begins at an instant."""
    kept, chance = Kept(start), Random(seed)
    (port,) = free_ports(1)
    async with desks(folder, chance, folded=kept, disclosure=_STRICT if strict else GUARDED, alarm_at=_NO_ALARM) as at:
        server = uvicorn.Server(
            uvicorn.Config(at.app, host=LOOPBACK, port=port, log_level="critical", lifespan="off", timeout_keep_alive=3_600)
        )
        serving = asyncio.create_task(server.serve())
        try:
            async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}", timeout=30) as client:
                yield Served(client, at, kept, chance)
        finally:
            server.should_exit = True
            await serving
