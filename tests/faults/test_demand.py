"""The agent of demand beside that of beds, on real Kafka, Faust and Valkey: killed and emptied, and still exact."""

import random
from collections.abc import Callable

import pytest

from services.adapters.checkpoints.truth_log import TruthLog
from services.adapters.config.settings import Settings
from services.processor.projections.demand import DemandProjectionFactory
from services.processor.view_verifier import Verifier
from tests import tapes
from tests.controlled_servers import Kafka, Valkey
from tests.played import WIRE, demand_result
from tests.processor.projections.test_demand import shown
from tests.reference.tape import record
from tests.reference.tapes import tape
from tests.servers import Service, running
from tests.tapes import Line
from tests.world import World, world

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(200)]
Services = Callable[[str, Settings], Service]
MADE = [record(line) for line in tape("demand", 4, 2_000)]
LINES = [Line(made.key, made.value) for made in MADE if made.key is not None]


async def exact(here: World) -> None:
    """Compare every case with what the log must give, every byte of the view with the log, and the beds with their tape."""
    found = [saved for number in range(here.settings.partitions) if (saved := await here.demand.load(number))]
    told = [shown(saved) for saved in found]
    expected = demand_result(made for made in MADE if made.key is not None)
    for group, cases in expected.items():
        if group != "dead_letters":
            assert {key: case for each in told for key, case in each[group].items()} == cases
    assert sum(each["dead_letters"] for each in told) == expected["dead_letters"]
    async with TruthLog(here.settings.brokers, here.topics, "demand") as log:
        verifier = Verifier(DemandProjectionFactory(WIRE), here.demand, log)
        compared = [await verifier.compare(number) for number in range(here.settings.partitions)]
    assert [difference for partition in compared for difference in partition.differences] == []
    assert sum(partition.records for partition in compared) == len(LINES)
    assert await here.state() == tapes.expected("week")


async def test_killed_and_emptied_demand_is_exact(kafka: Kafka, valkey: Valkey, prefix: str, service: Services) -> None:
    """A worker killed with -9 again and again, and a view emptied on the way: cases, beds and every byte are as the logs have them."""
    dice = random.Random(5)
    async with world(kafka, valkey, prefix, session_timeout_s=2.0) as here:
        worker = service("processor", here.settings)
        async with running(worker):
            await here.play(tapes.load("week"))
            for start in range(0, len(LINES), 500):
                await here.play(LINES[start : start + 500], topic="demand")
                if dice.random() < 0.5:
                    for number in range(here.settings.partitions):
                        await here.demand.forget(number)
                await worker.kill()
                await worker.start()
            await here.folded()
            await exact(here)
