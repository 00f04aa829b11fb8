"""What a new user does first: the demo, its printed question, and the proof that the numbers are those of the log."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from services.adapters.config.kafka_connection import KafkaConnection
from tests.callers import Callers
from tests.leak.watch import WATCH
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(300)]

# The aim of the whole demo, on one machine.
MOST_MIB = 1_228
# What one sees within a minute: places that come and go, holds granted and refused, a night in a hotel.
SEEN = ("SIMULATED", "admission", "discharge", "fulfilled", "refused", "fallback-started")


def plek(data: Path, *words: str) -> str:
    """Run a verb on the demo and return what it says."""
    command = (sys.executable, "-m", "services.cli", *words)
    done = subprocess.run(command, env=os.environ | {"PLEK_DATA": str(data)}, capture_output=True, text=True, check=True, timeout=90)
    WATCH.oracle.seek("command", f"plek {words[0]}", (done.stdout + done.stderr).encode())
    return done.stdout


@contextmanager
def demo(data: Path, said: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the demo as `make demo` does, until it is told to end."""
    with said.open("wb") as out:
        running = subprocess.Popen(
            (sys.executable, "-m", "services.cli", "up", "--demo", "--pace", "1440", "--data", str(data)), stdout=out, stderr=out
        )
    try:
        yield running
    finally:
        running.terminate()
        running.wait(30)


async def test_the_demo_lives_answers_within_a_minute_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """`plek up --demo`: the printed line tells where a place is free, one sees people come and go; begun again, it goes on."""
    data, said, again = tmp_path / "data", tmp_path / "said", tmp_path / "again"
    with demo(data, said):
        await until(lambda: "curl -s" in said.read_text())
        await asyncio.wait_for(asked(data, said), 60)
        await until(lambda: "for all of it" in said.read_text())
        await sow(data)
        await asyncio.wait_for(until(lambda: all(sort in plek(data, "watch", "--once") for sort in SEEN)), 60)
        memory = re.search(r"Memory: ([\d,]+) MiB", said.read_text())
        assert memory
        assert int(memory[1].replace(",", "")) < MOST_MIB
        assert plek(data, "verify").startswith("0 differences")
        parts = json.loads(plek(data, "status", "--json"))["parts"]
        shelters = await there(data)
        await look(data)
    assert [part["name"] for part in parts][-1] == "country"
    assert not [part["pid"] for part in parts if Path(f"/proc/{part['pid']}").exists()]
    with demo(data, again):
        await until(lambda: "for all of it" in again.read_text())
        await asked(data, again)
        assert await there(data) == shelters
        assert plek(data, "verify").startswith("0 differences")


def addresses(data: Path) -> dict[str, str]:
    """Tell where each part is."""
    return {part["name"]: part["address"] for part in json.loads(plek(data, "status", "--json"))["parts"]}


async def sow(data: Path) -> None:
    """Send canaries in where the country lives."""
    at = addresses(data)
    await WATCH.sow(Callers(data / "issuer", at["issuer"]), at["gateway"], at["api"], at["monitor"])


async def look(data: Path) -> None:
    """Look for them in all that the demo keeps, before it ends."""
    at = addresses(data)
    for service in ("processor", "gateway", "api", "monitor"):
        await WATCH.oracle.measure(at[service])
    await WATCH.left_in_log(KafkaConnection(at["Kafka"]))
    await WATCH.left_in_view(at["Valkey"])


async def there(data: Path) -> set[str]:
    """Ask which shelters there are."""
    where = json.loads(plek(data, "status", "--json"))["api"]
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {plek(data, 'token', 'operator').strip()}"}) as client:
        return set((await client.get(f"{where}/v1/operator/state")).json()["shelters"])


async def asked(data: Path, said: Path) -> None:
    """Ask the printed question until an area has capacity."""
    address = re.search(r"(http://\S+/v1/areas)", said.read_text())
    assert address
    token = plek(data, "token", "worker").strip()

    async def free_somewhere() -> bool:
        async with httpx.AsyncClient() as client:
            answer = await client.get(address[1], headers={"Authorization": f"Bearer {token}"})
        return answer.status_code == 200 and "capacity" in {area["value"] for area in answer.json()["areas"]}

    await until(free_somewhere)
