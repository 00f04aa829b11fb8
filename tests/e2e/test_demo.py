"""What a new user does first: the demo, its printed question, and the proof that the numbers are those of the log."""

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import tapes
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(200)]

# The aim of the whole demo, on one machine.
MOST_MIB = 1_228


def plek(data: Path, *words: str) -> str:
    """Run a verb on the demo and return what it says."""
    command = (sys.executable, "-m", "services.cli", *words)
    return subprocess.run(command, env=os.environ | {"PLEK_DATA": str(data)}, capture_output=True, text=True, check=True, timeout=90).stdout


async def test_the_demo_answers_within_a_minute_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """`plek up --demo`: the printed line tells where a place is free while the week plays; then state, memory and verify are right."""
    data, said = tmp_path / "data", tmp_path / "said"
    with said.open("wb") as out:
        demo = subprocess.Popen((sys.executable, "-m", "services.cli", "up", "--demo", "--data", str(data)), stdout=out, stderr=out)
    try:
        await until(lambda: "curl -s" in said.read_text())
        await asyncio.wait_for(asked(data, said), 60)
        await until(lambda: "The week is played in" in said.read_text())
        await until(lambda: as_recorded(data))
        memory = re.search(r"played in\. ([\d,]+) MiB", said.read_text())
        assert memory
        assert int(memory[1].replace(",", "")) < MOST_MIB
        assert plek(data, "verify").startswith("0 differences")
        parts = [part["pid"] for part in json.loads(plek(data, "status", "--json"))["parts"]]
    finally:
        demo.terminate()
        demo.wait(30)
    assert len(parts) == 6
    assert not [pid for pid in parts if Path(f"/proc/{pid}").exists()]


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


def as_recorded(data: Path) -> bool:
    """Compare what `plek counts` tells of the nation with what the week must give; nobody is unknown, no hold expired yet."""
    told: Any = json.loads(plek(data, "counts", "--json", "--once"))
    return bool(told["national"] == tapes.expected("week")["national"])
