"""Two simulated years through Kafka, archive and figures: equal to their ground truth, and compared with the press release.

The first is the test. The second is calibration: it shows what the simulation was set to, and is kept in docs/press-release.md.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from services.adapters.clock import seconds
from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.topics import create_topics
from services.adapters.regions import read_regions
from services.cli.events.kafka_sender import KafkaSender
from services.cli.events.send_summary import SendSummary
from services.cli.events.throttle import Throttle
from services.monitor.archive.paths import MonitorPaths
from services.monitor.dutch_calendar import year
from services.monitor.figures.evaluate import answer
from services.monitor.figures.result import FigureResult
from services.monitor.intervals.builder import build
from services.monitor.intervals.table_store import TableStore
from services.monitor.log_source import LogSource
from services.monitor.pipeline import archive, missing
from services.monitor.publication.press_comparison import PressLine, compare
from services.monitor.query import Query
from services.monitor.report.row_selection import shares
from tests.controlled_servers import Kafka
from tests.monitor.simulated_year import SimulatedYear

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(900)]

SEED = 7
PAGE = Path(__file__).parents[2] / "docs" / "press-release.md"


@dataclass
class BuiltYear:
    """A simulated year, and its tables."""

    simulated: SimulatedYear
    store: TableStore

    def ask(self, query: Query) -> FigureResult:
        """Ask the monitor."""
        return answer(self.store, query)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def years(kafka: Kafka, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[int, BuiltYear]]:
    """Write 2022 and 2023 into Kafka, each as a data set of its own, and build their tables."""
    built, regions = {}, read_regions()
    for number in (2022, 2023):
        prefix, brokers = f"sim-press-{number}", KafkaConnection(kafka.bootstrap)
        await create_topics(brokers, prefix)
        simulated, summary = SimulatedYear(SEED, number), SendSummary()
        await KafkaSender(brokers, Throttle(None, seconds), lambda _: None, summary).send(simulated.written(prefix))
        assert summary.accepted == simulated.records
        source = LogSource(brokers, prefix, 12, MonitorPaths(tmp_path_factory.mktemp(prefix)), frozenset(regions))
        with source.exclusive():
            assert await archive(source) == simulated.records
            assert await missing(source) == 0
            build(source.directory, source.regions)
        built[number] = BuiltYear(simulated, TableStore(source.directory.root, regions, simulated=True))
    yield built


@pytest.mark.parametrize("number", [2022, 2023])
async def test_at_ten_moments_the_figures_are_the_ground_truth_to_the_unit(years: dict[int, BuiltYear], number: int) -> None:
    """At ten moments the live view has the occupied, closed, held, paused, unknown and free units of the ground truth, and who waited."""
    assert len(years[number].simulated.states) == 10
    for now, expected in years[number].simulated.states.items():
        result = years[number].ask(Query(figures=("capacity", "units-by-state", "waiting"), as_known_at=now))
        assert result["capacity"].value == expected.total()
        assert {state: count for state, count in shares(result["units-by-state"], "state").items() if count} == dict(+expected)
        assert result["waiting"].value == years[number].simulated.waiting[now]


@pytest.mark.parametrize("number", [2022, 2023])
async def test_the_nights_in_hotels_are_those_of_the_ground_truth(years: dict[int, BuiltYear], number: int) -> None:
    """Every hotel night, adult and child is counted; nights of stays that were not ended within 14 days are counted apart."""
    result = years[number].ask(Query(figures=("hotel-nights", "hotel-nights-unended", "hotel-persons"), period=year(number)))
    persons = shares(result["hotel-persons"], "who")
    nights = (result["hotel-nights"].value or 0) + (result["hotel-nights-unended"].value or 0)
    assert nights == years[number].simulated.nights()
    assert (persons["adults"], persons["children"]) == years[number].simulated.persons()


async def test_the_comparison_with_the_press_release_is_the_one_in_the_documents(
    years: dict[int, BuiltYear], capsys: pytest.CaptureFixture[str]
) -> None:
    """The comparison of the simulated 2023 with the press release is printed, and is the table in docs/press-release.md."""
    lines = compare(years[2023].ask, years[2022].ask, 2023)
    table = "".join(_row(line) for line in lines)
    with capsys.disabled():
        print("\n" + table)  # noqa: T201  it is to be seen
    assert table in PAGE.read_text("utf-8"), "write the table above into docs/press-release.md"


def _row(line: PressLine) -> str:
    return f"| {line.what} | `{line.figure}` | {line.measured} | {line.known} |\n"
