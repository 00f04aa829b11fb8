"""Two simulated years through Kafka, archive and figures: equal to what the country knows of itself, and beside the press release.

The first is the test. The second is calibration: it says what the simulation was set to, and is kept in docs/press-release.md.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from services.adapters.brokers import Brokers
from services.adapters.clock import seconds
from services.adapters.regions import read_regions
from services.adapters.topics import create_topics
from services.commands.by_kafka import KafkaSender
from services.commands.outcome import Outcome
from services.commands.pace import Pace
from services.local.kafka import Kafka
from services.monitor.answer import Answer
from services.monitor.days import year
from services.monitor.directory import Directory
from services.monitor.figures import answer
from services.monitor.press import Line, measured
from services.monitor.question import Question
from services.monitor.report.rows import shares
from services.monitor.source import Source
from services.monitor.store import Store
from services.monitor.working import archive, missing, work_out
from tests.monitor.lived import Lived

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(900)]

SEED = 7
PAGE = Path(__file__).parents[2] / "docs" / "press-release.md"


@dataclass
class Year:
    """A year that was lived and written, and the figures of it."""

    lived: Lived
    store: Store

    def ask(self, question: Question) -> Answer:
        """Answer from the figures."""
        return answer(self.store, question)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def years(kafka: Kafka, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[int, Year]]:
    """Let 2022 and 2023 pass, each in a world of its own, into Kafka and out again."""
    made, regions = {}, read_regions()
    for of in (2022, 2023):
        prefix, brokers = f"sim-press-{of}", Brokers(kafka.bootstrap)
        await create_topics(brokers, prefix, timestamps="CreateTime")
        lived, outcome = Lived(SEED, of), Outcome()
        await KafkaSender(brokers, Pace(None, seconds), lambda _: None, outcome).send(lived.written(prefix))
        assert outcome.accepted == lived.records
        source = Source(brokers, prefix, 12, Directory(tmp_path_factory.mktemp(prefix)), frozenset(regions))
        with source.alone():
            assert await archive(source) == lived.records
            assert await missing(source) == 0
            work_out(source)
        made[of] = Year(lived, Store(source.directory.root, regions, simulated=True))
    yield made
    for each in made.values():
        each.store.close()


@pytest.mark.parametrize("of", [2022, 2023])
async def test_at_ten_moments_the_figures_are_the_country_to_the_unit(years: dict[int, Year], of: int) -> None:
    """As it was shown then: occupied, closed, held, paused, unknown, free, and how many waited."""
    assert len(years[of].lived.states) == 10
    for now, true in years[of].lived.states.items():
        found = years[of].ask(Question(figures=("capacity", "units-by-state", "waiting"), known_at=now))
        assert found["capacity"].value == true.total()
        assert {state: count for state, count in shares(found["units-by-state"], "state").items() if count} == dict(+true)
        assert found["waiting"].value == years[of].lived.waiting[now]


@pytest.mark.parametrize("of", [2022, 2023])
async def test_the_nights_in_hotels_are_those_that_were_slept(years: dict[int, Year], of: int) -> None:
    """Every night, and every adult and child, counted one by one; those that nobody ended within 14 days are told apart."""
    found = years[of].ask(Question(figures=("hotel-nights", "hotel-nights-unended", "hotel-persons"), period=year(of)))
    persons = shares(found["hotel-persons"], "who")
    assert (found["hotel-nights"].value or 0) + (found["hotel-nights-unended"].value or 0) == years[of].lived.nights()
    assert (persons["adults"], persons["children"]) == years[of].lived.persons()


async def test_the_year_beside_the_press_release_is_the_one_in_the_documents(
    years: dict[int, Year], capsys: pytest.CaptureFixture[str]
) -> None:
    """Printed, and kept; the same seed gives the same page."""
    lines = measured(years[2023].ask, years[2022].ask, 2023)
    table = "".join(_row(line) for line in lines)
    with capsys.disabled():
        print("\n" + table)  # noqa: T201  the issue asks for it to be seen
    assert table in PAGE.read_text("utf-8"), "write the table above into docs/press-release.md"


def _row(line: Line) -> str:
    return f"| {line.what} | `{line.figure}` | {line.measured} | {line.known} |\n"
