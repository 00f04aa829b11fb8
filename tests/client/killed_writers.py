"""Writers of one outbox that are killed at random moments, over a hostile network, and what the log must hold afterwards."""

import asyncio
import random
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from services.local.processes.free_ports import LOOPBACK
from tests.callers import Callers
from tests.client.hostile_network import HostileNetwork
from tests.client.writer import SHELTERS

# A life of a writer, from its first line on: long enough for a dozen calls and a request, or for none; one in five sends some again
_LONGEST_LIFE_S: Final = 0.12
_LONG_LIFE_S: Final = 1.0
_LONG_LIVES: Final = 0.2
# Some are killed while they start, open the file and take the lock
_BEFORE_THE_FIRST: Final = 0.1
_SEED: Final = 13
_NAMES: Final = ("berk", "den")


@dataclass(slots=True, kw_only=True)
class Writers:
    """Writers of one file that are killed at random moments, and then one that is not."""

    file: Path
    url: str
    token: str
    chance: random.Random

    async def live(self, name: str, total: int, kills: int) -> None:
        """Let a writer write `total` events in `kills` lives and one more."""
        written = 0
        for killed in range(kills):
            # An equal share of what is left for each life, so that there is something to write in all of them
            last = written + -(-(total - written) // (kills - killed + 1))
            written = await self._life(name, written, min(last, total))
        process = await self._start(name, written, total, "drain")
        output, _ = await process.communicate()
        assert output.split()[-1:] == [b"drained"]

    async def _life(self, name: str, first: int, until: int) -> int:
        """Start a writer at a number and kill it; return the number after the last whose call returned."""
        process = await self._start(name, first, until, "stay")
        assert process.stdout
        if self.chance.random() < _BEFORE_THE_FIRST:
            await asyncio.sleep(self.chance.random() * 0.3)
            lines = b""
        else:
            lines = await process.stdout.readline()
            longest = _LONG_LIFE_S if self.chance.random() < _LONG_LIVES else _LONGEST_LIFE_S
            await asyncio.sleep(self.chance.random() * longest)
        process.kill()
        lines += await process.stdout.read()
        await process.wait()
        numbers = [int(line) for line in lines.splitlines(keepends=True) if line.endswith(b"\n") and line.strip().isdigit()]
        return numbers[-1] + 1 if numbers else first

    async def _start(self, name: str, first: int, total: int, then: str) -> asyncio.subprocess.Process:
        command = (sys.executable, "-m", "tests.client.writer", self.file, self.url, self.token, name, str(first), str(total), then)
        return await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)


async def write_and_kill(callers: Callers, gateway: int, file: Path, total: int, kills: int) -> HostileNetwork:
    """Let two writers at once write half of the events each, killed half as often each."""
    shelters = [f"{name}{number}" for name in _NAMES for number in range(SHELTERS)]
    token = callers.shelter(*shelters)["Authorization"].removeprefix("Bearer ")
    network = HostileNetwork(gateway, random.Random(_SEED))
    async with network.listening() as port:
        writers = Writers(file=file, url=f"http://{LOOPBACK}:{port}", token=token, chance=random.Random(_SEED))
        await asyncio.gather(*(writers.live(name, total // 2, kills // 2) for name in _NAMES))
    return network


def check_log(values: Iterable[bytes], total: int) -> None:
    """Check the values of a log in its order: every event is there once (R1), and those of a shelter in the order of their calls."""
    first_copies: dict[str, dict[str, str]] = {}
    copies = 0
    for event in map(orjson.loads, values):
        copies += 1
        first_copies.setdefault(event["subject"], {}).setdefault(event["id"], event["data"]["unit"])
    units = {shelter: [*found.values()] for shelter, found in first_copies.items()}
    assert units == {
        f"{name}{number}": [f"u{each}" for each in range(number, total // 2, SHELTERS)] for name in _NAMES for number in range(SHELTERS)
    }
    assert copies > total  # the network did double, and the log shows it
