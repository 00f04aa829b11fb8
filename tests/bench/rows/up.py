"""`plek up`, stopped before: from the command to the first answer of the API, and what all of it then needs of memory."""

import asyncio
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import httpx

from tests.bench.report import Result
from tests.bench.stage import Stage
from tests.waiting import until

_AIM_S = 12.0
_AIM_MIB = 1_228.0
_STOP_S = 30


async def measure(stage: Stage) -> list[Result]:
    """Start it once so that all is there, then so many rounds."""
    data = stage.scratch / "up"
    await _start(data)
    found = []
    for turn in range(stage.rounds):
        found.append(await _start(data))
        stage.say(f"up {turn + 1}/{stage.rounds}: first answer after {found[-1][0]:.1f} s")
    times, sizes = [time for time, _ in found], [size for _, size in found]
    return [
        Result(
            row="up",
            what="plek up → first answer of /v1/areas",
            unit="s",
            value=round(median(times), 1),
            aim=_AIM_S,
            rounds=[round(each, 1) for each in times],
        ),
        Result(row="up", what="memory of all of it", unit="MiB", value=median(sizes), aim=_AIM_MIB),
    ]


async def _start(data: Path) -> tuple[float, float]:
    """Start it and ask until it answers; stop it; return seconds and MiB."""
    said, environment = data.with_suffix(".said"), {name: value for name, value in os.environ.items() if not name.startswith("PLEK_")}
    began = time.monotonic()
    with said.open("wb") as out:
        command = (sys.executable, "-m", "services.cli", "up", "--data", str(data))
        running = subprocess.Popen(command, stdout=out, stderr=out, env=environment)
    try:
        token, address = await _told(said)
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client:
            await until(lambda: _answers(client, address))
        took = time.monotonic() - began
        await until(lambda: "Memory: " in said.read_text())
    finally:
        running.terminate()
        await asyncio.to_thread(running.wait, _STOP_S)
    return took, float(re.findall(r"Memory: (\d+) MiB", said.read_text())[0])


async def _told(said: Path) -> tuple[str, str]:
    """Wait for the token of a worker and the address that are printed."""
    await until(lambda: "/v1/areas" in said.read_text())
    text = said.read_text()
    return re.findall(r"worker +(\S+)", text)[0], re.findall(r"http://\S+/v1/areas", text)[0]


async def _answers(client: httpx.AsyncClient, address: str) -> bool:
    try:
        return (await client.get(address)).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
