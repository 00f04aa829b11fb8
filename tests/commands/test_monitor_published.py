"""`plek monitor snapshot` and `release` with a log: what is published once stays as it is."""

import asyncio
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from services.adapters.brokers import Brokers
from services.adapters.topics import create_topics
from services.commands.monitor import group
from services.local.kafka import Kafka
from services.local.trouble import Trouble
from services.simulator.country import Country
from services.simulator.hours import DAY, start_of_year
from tests.monitor.test_upkeep import write

pytestmark = pytest.mark.e2e

START = start_of_year(2023)


async def plek(world: str, *words: str) -> Result:
    """Type a verb of the monitor."""
    return await asyncio.to_thread(CliRunner().invoke, group, [*words, "--world", world])


async def test_what_is_published_stays(kafka: Kafka, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot taken again is the one that is out; a release that would tell the same is none; a world that is not there is told."""
    monkeypatch.setenv("PLEK_KAFKA", kafka.bootstrap)
    monkeypatch.setenv("PLEK_DATA", str(tmp_path))
    world, brokers = f"sim-{prefix[-8:]}", Brokers(kafka.bootstrap)
    await create_topics(brokers, world, timestamps="CreateTime")
    await write(brokers, world, Country(7, START), START + 32 * DAY)
    first, again = await plek(world, "snapshot", "2023-01-08"), await plek(world, "snapshot", "2023-01-08T04:00")
    assert orjson.loads(first.stdout)["snapshot"] == "2023-01-08T03:00:00Z"
    assert again.stdout == first.stdout
    released = orjson.loads((await plek(world, "release", "2023", "--publish")).stdout)
    assert (released["version"], {cell["period"] for cell in released["cells"]}) == (1, {"2023-01"})
    assert isinstance((await plek(world, "release", "2023")).exception, Trouble)
    missing = (await plek("sim-nowhere", "snapshot", "2023-01-08")).exception
    assert (isinstance(missing, Trouble), str(missing)) == (True, "There is no world sim-nowhere: `plek world` lists them")
    assert not list(tmp_path.glob("worlds/sim-nowhere/*"))
