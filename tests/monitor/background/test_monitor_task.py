"""A report and a draft from a child process: as in one process, by what had been recorded, with a step for each question."""

import asyncio
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import pytest

from services.adapters.regions import read_regions
from services.domain.durations import DAY_MS, HOUR_MS
from services.monitor.background.background_work import STEPS
from services.monitor.background.monitor_task import MonitorTask, TaskError, TaskKind, run_child
from services.monitor.figures.result import FigureResult
from services.monitor.query import Query
from services.monitor.report.html_page import pages
from services.monitor.report.queries import ask_all
from tests.monitor.comparison import BuiltCountry, archive_and_build
from tests.monitor.logged_countries import START, simulate, to_records
from tests.waiting import until

pytestmark = pytest.mark.e2e
_BOUND = START + 2 * DAY_MS


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> BuiltCountry:
    """Build three days of a country."""
    return archive_and_build(tmp_path_factory.mktemp("country"), *to_records(simulate(5, 3)))


def _task(root: Path, kind: TaskKind = "report") -> MonitorTask:
    ageing_ms, unknown_ms = 8 * HOUR_MS, DAY_MS
    where = partial(MonitorTask, root=root, regions=None, simulated=True, ageing_ms=ageing_ms, unknown_ms=unknown_ms)
    return where(kind=kind, year=2023, bound=_BOUND)


async def test_a_child_writes_the_report_that_this_process_would(country: BuiltCountry) -> None:
    """The pages of a child are those of the same questions asked here as an analyst, with nothing that was recorded after the bound."""
    steps: list[int] = []
    found = await run_child(_task(country.store.root), lambda: steps.append(1))

    def ask(query: Query) -> FigureResult:
        return country.ask(replace(query, as_known_at=_BOUND, protected=True))

    assert found == pages(ask_all(ask, 2023), read_regions(), 2023, ("nl", "en"))
    assert len(steps) == STEPS["report"] - 1


async def test_where_no_month_is_over_there_is_no_draft(country: BuiltCountry) -> None:
    """Of a year whose first month is not over by the bound there is nothing to release."""
    assert await run_child(_task(country.store.root, "draft"), lambda: None) == {"draft": None}


async def test_a_child_that_can_do_nothing_is_an_error(tmp_path: Path) -> None:
    """Tables that can't be read end the work with an error."""
    (tmp_path / "tables").write_text("no folder")
    with pytest.raises(TaskError):
        await run_child(_task(tmp_path), lambda: None)


async def test_a_service_that_ends_ends_its_child(country: BuiltCountry) -> None:
    """Cancelled in the middle, the work leaves no process behind."""
    working = asyncio.create_task(run_child(_task(country.store.root), lambda: None))
    children: list[psutil.Process] = []

    async def begun() -> bool:
        children[:] = [each for each in psutil.Process().children() if "services.monitor.background" in each.cmdline()]
        return bool(children)

    await until(begun)
    working.cancel()
    await asyncio.wait([working])
    assert not any(child.is_running() for child in children)
