"""Breaks what a schedule names, and mends it: each fault is a coroutine that ends when what it broke is whole again.

A part that was killed is started again by its supervisor (`instance.py`), not here.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, NamedTuple

import psutil

from services.adapters.clock import now_ms
from services.adapters.kafka.clients import new_producer
from services.adapters.kafka.topics import Topics
from tests.faults.programme.instance import Instance
from tests.faults.programme.recorder import Recorder
from tests.faults.programme.schedule import WORKERS, Fault

# Longer than a fault may take beyond its time, on a machine that is busy
_MENDED_S: Final = 45.0
# A worker is added, or taken away, this often (issue: every three seconds)
_CROWD_S: Final = 3.0
_POISON_S: Final = 0.15
_MALFORMED: Final = (b"", b"{", b"[1, 2]", b"\xff\xfe\x00", b'{"specversion": "1.0"}', b'{"id": "x", "type": 7}', b"null", b"0" * 4_000)


class Injected(NamedTuple):
    """A fault that was there: from when to when (ms), and on which part."""

    fault: Fault
    part: str
    began: int
    ended: int


@dataclass(slots=True)
class Breaker:
    """Breaks an instance and the senders as a schedule says."""

    here: Instance
    recorder: Recorder
    chance: Random
    injected: list[Injected] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    """Faults that could not be made, by kind: Redis was already away, for example."""
    _frozen: Counter[str] = field(default_factory=Counter)
    _began: int = 0

    async def run(self, schedule: list[Fault]) -> None:
        """Make every fault at its time."""
        self._began = now_ms()
        await asyncio.gather(*(self._at_its_time(fault) for fault in schedule))

    async def _at_its_time(self, fault: Fault) -> None:
        await asyncio.sleep(max(fault.at - (now_ms() - self._began) / 1_000, 0))
        began, made, part = now_ms(), False, fault.target
        try:
            async with asyncio.timeout(fault.lasts * 4 + _MENDED_S):
                part = await self.here.resolve(fault.target)
                made = await MAKERS[fault.kind](self, fault, part)
        except TimeoutError:  # it is counted, and the end of the run heals what it has left
            self.failed[f"{fault.name} did not end"] += 1
        if made:
            self.injected.append(Injected(fault, part, began, now_ms()))
        else:
            self.failed[fault.name] += 1

    async def _kill(self, _: Fault, part: str) -> bool:
        await self.here.kill(part)
        return True

    async def _freeze(self, fault: Fault, part: str) -> bool:
        self._frozen[part] += 1
        self.here.freeze(part)
        await asyncio.sleep(fault.lasts)
        self._frozen[part] -= 1
        if not self._frozen[part]:
            self.here.thaw(part)
        return True

    async def _emptied(self, fault: Fault, _: str) -> bool:
        if fault.number % 2:
            await self.here.put_back(None)
            return True
        return await self.here.command_redis("FLUSHALL")

    async def _old_dump(self, fault: Fault, _: str) -> bool:
        folder = self.here.folder / "dumps" / str(fault.at)
        if not await self.here.dump(folder):
            return False
        await asyncio.sleep(fault.lasts)
        await self.here.put_back(folder)
        return True

    async def _slow(self, fault: Fault, _: str) -> bool:
        """Let Redis answer nobody for moments that come one after another."""
        ends, made = now_ms() + fault.lasts * 1_000, False
        while now_ms() < ends:
            made = await self.here.command_redis("CLIENT", "PAUSE", fault.number, "ALL") or made
            await asyncio.sleep(fault.number / 1_000 * 1.5)
        return made

    async def _refusing(self, fault: Fault, _: str) -> bool:
        """Let Redis refuse every write, as one whose memory is used up."""
        made = await self.here.command_redis("CONFIG", "SET", "maxmemory", "1")
        await asyncio.sleep(fault.lasts)
        await self.here.command_redis("CONFIG", "SET", "maxmemory", "0")
        return made

    async def _link(self, fault: Fault, part: str) -> bool:
        link = self.here.links[part]
        torn = link.torn
        match fault.kind:
            case "cut":
                link.sever()
            case "cut-up":
                link.hold_back("up")
            case "cut-down":
                link.hold_back("down")
            case "delay":
                link.delay_s = fault.number / 1_000
            case "trickle":
                link.trickle = fault.number
            case _:
                link.torn_at = fault.number
        await asyncio.sleep(fault.lasts)
        link.heal()
        return fault.kind != "torn" or link.torn > torn

    async def _mode(self, fault: Fault, _: str) -> bool:
        self.recorder.modes[fault.kind] += 1
        async with _poisoning(self.here, self.chance) if fault.kind == "poison" else _nothing():
            await asyncio.sleep(fault.lasts)
        self.recorder.modes[fault.kind] -= 1
        return True

    async def _disk_full(self, fault: Fault, part: str) -> bool:
        """Let no file of a part grow, as on a full disk; one that ends of it may start again with room."""
        pid = self.here.child(part).pid
        if pid is None:
            return False
        process = psutil.Process(pid)
        soft, hard = process.rlimit(psutil.RLIMIT_FSIZE)
        process.rlimit(psutil.RLIMIT_FSIZE, (1, hard))
        await asyncio.sleep(fault.lasts)
        with suppress(psutil.NoSuchProcess):
            process.rlimit(psutil.RLIMIT_FSIZE, (soft, hard))
        return True

    async def _upgrade(self, fault: Fault, _: str) -> bool:
        """Replace one worker after the other by a version that folds anew, and go back in the same way."""
        for module in ("tests.faults.programme.newer", "services.processor"):
            for worker in WORKERS:
                await self.here.replace(worker, module)
                await asyncio.sleep(fault.lasts / 4)
        return True

    async def _crowd(self, fault: Fault, _: str) -> bool:
        """Add workers and take them away again."""
        ends, number = now_ms() + fault.lasts * 1_000, 0
        while now_ms() < ends:
            number += 1
            extra = await self.here.add_worker(f"extra-{fault.at}-{number}", "services.processor")
            await asyncio.sleep(_CROWD_S)
            # In turn as one that is killed, and as one that leaves
            await (extra.child.kill() if number % 2 else extra.child.stop())
            await asyncio.sleep(_CROWD_S)
        return True

    async def _rival(self, fault: Fault, _: str) -> bool:
        """Let a second owner fold every partition."""
        rival = await self.here.add_worker(f"rival-{fault.at}", "tests.faults.programme.rival")
        await asyncio.sleep(fault.lasts)
        made = rival.child.alive
        await rival.child.kill()
        return made


_Maker = Callable[[Breaker, Fault, str], Awaitable[bool]]
MAKERS: Final[dict[str, _Maker]] = {
    "kill": Breaker._kill,
    "freeze": Breaker._freeze,
    "emptied": Breaker._emptied,
    "old-dump": Breaker._old_dump,
    "slow": Breaker._slow,
    "refusing": Breaker._refusing,
    **dict.fromkeys(("cut", "cut-up", "cut-down", "delay", "trickle", "torn"), Breaker._link),
    **dict.fromkeys(("duplicates", "disorder", "late", "poison"), Breaker._mode),
    "crowd": Breaker._crowd,
    "disk-full": Breaker._disk_full,
    "upgrade": Breaker._upgrade,
    "rival": Breaker._rival,
}


@asynccontextmanager
async def _nothing() -> AsyncIterator[None]:
    yield


@asynccontextmanager
async def _poisoning(here: Instance, chance: Random) -> AsyncIterator[None]:
    """Append malformed records to a truth topic, past the gateway, for as long as this lasts."""
    producer = new_producer(here.settings.brokers, request_timeout_ms=5_000)

    async def poison() -> None:
        topic = Topics(here.settings.prefix).bed_events
        with suppress(Exception):  # Kafka may have faults of its own: what was appended stands in the log, and is counted there
            await producer.start()
            while True:
                sent = await producer.send(topic, chance.choice(_MALFORMED), str(chance.random()).encode())
                sent.add_done_callback(_taken_note_of)
                await asyncio.sleep(_POISON_S)

    task = asyncio.create_task(poison())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        # Not cut short: what a stop has left undone would go on
        await asyncio.gather(producer.stop(), return_exceptions=True)


def _taken_note_of(sent: "asyncio.Future[Any]") -> None:
    """Take note of how an append ended: only what stands in the log counts."""
    if not sent.cancelled():
        sent.exception()
