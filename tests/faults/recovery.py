"""`python -m tests.faults.recovery`: how long it takes until all is well again after each fault, as a table beside the aims.

A time begins with the fault (what is started anew is part of it) and ends when what was sent after it is in the view, or the counts
are exact again.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from rich.console import Console
from rich.table import Table

from services.adapters.config.settings import Settings
from tests import tapes
from tests.bench.bed_log import fill
from tests.bench.country import country
from tests.controlled_servers import Kafka, Valkey
from tests.leak.watch import WATCH
from tests.servers import Service, settings_for
from tests.tapes import Line
from tests.waiting import until
from tests.world import World

MANY: Final = 200_000
_PATIENCE_S: Final = 180.0
# Enough shelters that every partition gets some of what they send.
_PROBE: Final = 150


class Stand:
    """Servers, a world and its processors, of one measurement alone."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._stack = folder, AsyncExitStack()
        self.kafka, self.valkey = Kafka(folder / "kafka", Settings().cache), Valkey(folder / "valkey")
        self.settings = settings_for(self.kafka, self.valkey, "recovery", data=folder)
        self.world = World(self.settings)
        self.workers: list[Service] = []

    async def __aenter__(self) -> Self:
        for each in (self.kafka, self.valkey, self.world):
            await self._stack.enter_async_context(each)
        return self

    async def __aexit__(self, *_: object) -> None:
        await WATCH.left_in(self.kafka, self.valkey)
        await self._stack.aclose()

    async def work(self, workers: int = 1) -> None:
        """Start processors, each on a port of its own."""
        for number in range(workers):
            port = self.settings.processor_port if number == 0 else self.settings.gateway_port
            worker = Service(
                "processor", self.settings.model_copy(update={"processor_port": port}), self._folder / f"processor-{number}.log"
            )
            self._stack.push_async_callback(worker.stop)
            await worker.start()
            self.workers.append(worker)

    async def flows(self, shift: int) -> None:
        """Send events to every partition and wait until they are in the view."""
        first = shift * _PROBE
        await self.world.play([Line(sent.key, sent.value) for sent in list(country(first + _PROBE))[first:]])
        if len(self.world.ends) < self.settings.partitions:
            raise RuntimeError("the probe does not reach every partition")
        await self.folded()

    async def folded(self) -> None:
        """Wait until all that was sent is in the view."""
        await until(self.world._reached, _PATIENCE_S)


async def worker_killed(stand: Stand) -> float:
    """One of two workers is killed with -9: its partitions move again under the other."""
    await stand.work(2)
    await stand.flows(0)
    began = time.monotonic()
    await stand.workers[0].kill()
    await stand.flows(1)
    return time.monotonic() - began


async def redis_emptied(stand: Stand) -> float:
    """Redis is killed with -9 and started empty: the counts of a week are exact again."""
    await stand.work()
    await stand.world.play(tapes.load("week"))
    await stand.folded()
    exact = await stand.world.state()
    began = time.monotonic()
    await stand.valkey.wipe()
    await stand.valkey.start()
    await stand.folded()
    seconds = time.monotonic() - began
    if await stand.world.state() != exact:
        raise RuntimeError("the counts are not what they were")
    return seconds


async def kafka_killed(stand: Stand) -> float:
    """Kafka is killed with -9 and started: events flow again."""
    await stand.work()
    await stand.flows(0)
    began = time.monotonic()
    await stand.kafka.kill()
    await stand.kafka.start()
    await stand.flows(1)
    return time.monotonic() - began


async def many_rebuilt(stand: Stand) -> float:
    """Redis is emptied when the log holds 200,000 events: all of them are in the view again."""
    stand.world.ends = await fill(stand.settings, country(MANY))
    await stand.work()
    await stand.folded()
    began = time.monotonic()
    await stand.valkey.wipe()
    await stand.valkey.start()
    await stand.folded()
    return time.monotonic() - began


@dataclass(frozen=True, slots=True)
class Recovery:
    """A fault, how it is measured, and how many seconds it may take."""

    what: str
    measure: Callable[[Stand], Awaitable[float]]
    aim_s: float


RECOVERIES: Final = {
    "worker": Recovery("a worker killed with -9 → its partitions move again", worker_killed, 10.0),
    "redis": Recovery("Redis killed and started empty → counts exact again", redis_emptied, 5.0),
    "kafka": Recovery("Kafka killed and started → events flow again", kafka_killed, 15.0),
    "many": Recovery("200,000 events → folded into an empty Redis", many_rebuilt, 10.0),
}


async def measured(name: str, folder: Path) -> float:
    """Take one measurement on servers of its own; return seconds."""
    async with Stand(folder) as stand:
        return await RECOVERIES[name].measure(stand)


def table(found: dict[str, float]) -> Table:
    """Draw what was found beside the aims."""
    drawn = Table("recovery", "seconds", "aim", "", title="Until all is well again")
    for name, seconds in found.items():
        aim = RECOVERIES[name].aim_s
        drawn.add_row(RECOVERIES[name].what, f"{seconds:.1f}", f"≤ {aim:g}", "[green]yes[/]" if seconds <= aim else "[red]no[/]")
    return drawn


def main() -> int:
    """Measure what was asked for, or all; 0 whether or not an aim is reached."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.recovery", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*RECOVERIES, []], metavar="NAME", help=f"of {', '.join(RECOVERIES)}; all by default")
    found = {}
    for name in parser.parse_args().names or RECOVERIES:
        with tempfile.TemporaryDirectory(prefix="plek-recovery-") as folder:
            found[name] = asyncio.run(measured(name, Path(folder)))
    Console().print(table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
