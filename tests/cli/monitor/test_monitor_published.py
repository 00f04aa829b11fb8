"""`plek monitor snapshot` and `release` with a log: a published document does not change."""

import asyncio
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.topics import create_topics
from services.cli.monitor.monitor import monitor
from services.local.user_error import UserError
from services.simulator.model.calendar import DAY, start_of_year
from services.simulator.simulation import Simulation
from tests.controlled_servers import Kafka
from tests.monitor.test_scheduler import write

pytestmark = pytest.mark.e2e

START = start_of_year(2023)


async def plek(world: str, *words: str) -> Result:
    """Run a verb of the monitor."""
    return await asyncio.to_thread(CliRunner().invoke, monitor, [*words, "--world", world])


async def test_a_published_document_does_not_change(kafka: Kafka, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot is shown, and published after a question; a release with the same content and an unknown world are refused."""
    monkeypatch.setenv("PLEK_KAFKA", kafka.bootstrap)
    monkeypatch.setenv("PLEK_DATA", str(tmp_path))
    world, brokers = f"sim-{prefix[-8:]}", KafkaConnection(kafka.bootstrap)
    await create_topics(brokers, world)
    await write(brokers, world, Simulation(7, START), START + 32 * DAY)
    shown = await plek(world, "snapshot", "2023-01-08", "--json")
    assert orjson.loads(shown.stdout)["snapshot"] == "2023-01-08T03:00:00Z"
    asked = await plek(world, "snapshot", "2023-01-08", "--publish")
    assert asked.exit_code == 1
    assert ("Publish this, for every analyst and for ever?" in asked.stderr, "Published" in asked.stderr) == (True, False)
    published = await plek(world, "snapshot", "2023-01-08T04:00", "--publish", "--yes", "--json")
    assert (published.stdout, published.stderr) == (shown.stdout, "Published: the snapshot of 2023-01-08 04:00 (+0100)\n")
    before = await plek(world, "snapshot", "2022-12-31", "--publish", "--yes")
    assert str(before.exception) == "Nothing had been logged by then: there is nothing to publish"
    released = orjson.loads((await plek(world, "release", "2023", "--publish")).stdout)
    assert (released["version"], {cell["period"] for cell in released["cells"]}) == (1, {"2023-01"})
    assert isinstance((await plek(world, "release", "2023")).exception, UserError)
    missing = (await plek("sim-nowhere", "snapshot", "2023-01-08")).exception
    assert (isinstance(missing, UserError), str(missing)) == (True, "There is no world sim-nowhere: `plek world` lists them")
    assert not list(tmp_path.glob("worlds/sim-nowhere/*"))
