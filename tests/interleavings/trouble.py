"""What goes wrong beside the calls that fail: workers are killed, frozen and assigned anew, servers are away, views emptied, clocks set.

A supervisor starts again what has ended, and the group has its partitions assigned to those that live.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from tests.interleavings.stages.outbox_disk import end_of_power
from tests.interleavings.worker import Worker
from tests.interleavings.world import World

_MOST_PAUSE_S: Final = 0.6
_STARTS_AGAIN_S: Final = 0.5
_LOOKS_S: Final = 0.25
_JUMP_MS: Final = 7_200_000


@dataclass(slots=True)
class Supervisor:
    """Starts workers again, and assigns the partitions of the group when one has gone or come."""

    world: World
    workers: list[Worker]

    def assign(self) -> None:
        """Assign all partitions among the workers that live, in a new generation; one that is frozen is left out and knows nothing."""
        world, broker = self.world, self.world.broker
        able = [worker for worker in self.workers if worker.process.alive and not worker.process.frozen]
        if not able:
            return
        broker.generation += 1
        shares: dict[str, list[Any]] = {worker.process.name: [] for worker in able}
        for tp in world.partitions:
            owner = world.dice.choice(able).process.name
            broker.owner[tp] = owner
            shares[owner].append(tp)
        world.wire.note("REBALANCE", f"generation {broker.generation}")
        for worker in able:
            worker.assign(shares[worker.process.name], broker.generation)

    async def run_forever(self) -> None:
        """Look after the workers, until cancelled."""
        before: list[str] = []
        while True:
            for worker in self.workers:
                if not worker.process.alive:
                    await asyncio.sleep(self.world.dice.random() * _STARTS_AGAIN_S)
                    worker.start()
            for service in self.world.services:
                if not service.process.alive:
                    await asyncio.sleep(self.world.dice.random() * _STARTS_AGAIN_S)
                    service.start()
            here = [worker.process.name for worker in self.workers if worker.process.alive and not worker.process.frozen]
            if here != before:
                self.assign()
            before = here
            await asyncio.sleep(_LOOKS_S)


@dataclass(slots=True)
class Troubles:
    """Makes trouble of the kinds that the seed allows."""

    world: World
    supervisor: Supervisor

    async def run_for(self, seconds: float) -> None:
        """Make trouble for so long."""
        world, kinds = self.world, self._kinds()
        until = world.loop.time() + seconds
        while True:
            await asyncio.sleep(world.dice.random() * _MOST_PAUSE_S)
            if world.loop.time() >= until:
                return
            await world.dice.choice(kinds)()

    def _kinds(self) -> list[Callable[[], Awaitable[None]]]:
        allowed = self.world.trouble
        chosen = [
            (allowed.outages, self._outage),
            (allowed.kills, self._kill),
            (allowed.freezes, self._freeze),
            (allowed.wipes, self._wipe),
            (allowed.jumps, self._jump),
            (allowed.surprises, self._surprise),
        ]
        if allowed.kills and self.world.services:
            chosen += [(True, self._kill_service), (True, self._cut_power)]
        return [self._rebalance, *(kind for allows, kind in chosen if allows)]

    def _any_alive(self) -> Worker | None:
        alive = [worker for worker in self.supervisor.workers if worker.process.alive and not worker.process.frozen]
        return self.world.dice.choice(alive) if alive else None

    async def _rebalance(self) -> None:
        self.supervisor.assign()

    async def _outage(self) -> None:
        beside = ("redis", "audit") if self.world.services and self.world.workers else ()
        server = self.world.dice.choice(("log", *(("view",) if self.world.workers else ()), *beside))
        self.world.wire.away.add(server)
        self.world.wire.note("AWAY", server)
        await asyncio.sleep(self.world.dice.random() * 2)
        self.world.wire.away.discard(server)
        self.world.wire.note("BACK", server)

    async def _kill(self) -> None:
        if worker := self._any_alive():
            worker.kill("kill -9")

    async def _kill_service(self) -> None:
        alive = [service for service in self.world.services if service.process.alive]
        if alive:
            self.world.dice.choice(alive).kill("kill -9")

    async def _cut_power(self) -> None:
        """End every service beside the workers: they are on one machine, with one disk."""
        alive = [service for service in self.world.services if service.process.alive]
        end_of_power([service.outbox for service in alive if hasattr(service, "outbox")])
        for service in alive:
            service.kill("power cut")

    async def _freeze(self) -> None:
        worker = self._any_alive()
        if worker is None:
            return
        process = worker.process
        process.frozen = True
        self.world.wire.note("FROZEN", process=process.name)
        self.world.loop.outside(self.world.dice.random() * 4, self._thaw, process)

    def _thaw(self, process: Any) -> None:
        self.world.wire.note("THAWED", process=process.name)
        self.world.loop.thaw(process)

    async def _wipe(self) -> None:
        view = self.world.dice.choice((self.world.beds, self.world.demand))
        self.world.wire.note("EMPTIED", type(view).__name__)
        if self.world.dice.random() < 0.5:
            view.wipe()
        else:
            await view.forget(self.world.dice.randrange(view.partitions))

    async def _jump(self) -> None:
        machine = self.world.dice.choice(["broker", *(worker.name for worker in self.supervisor.workers)])
        self.world.skews[machine] = self.world.dice.randint(-_JUMP_MS, _JUMP_MS)
        self.world.wire.note("CLOCK", f"{machine} {self.world.skews[machine]} ms")

    async def _surprise(self) -> None:
        if worker := self._any_alive():
            self.world.wire.surprises.add(worker.process.name)
