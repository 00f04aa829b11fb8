"""`python -m services.monitor.background`: read a task, and write a line for each step and one for the result."""

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

import duckdb
import orjson

from services.adapters.regions import RegionRow, read_regions
from services.domain.beds.staleness import StalenessLimits
from services.monitor.background.monitor_task import MonitorTask, TaskResult
from services.monitor.figures.evaluate import answer
from services.monitor.figures.result import FigureResult
from services.monitor.intervals.table_store import TableStore
from services.monitor.publication.release_draft import draft
from services.monitor.query import Query

# The service may write the tables anew meanwhile: what they say of a time that is over stays the same
_TRIES: Final = 3


def work(task: MonitorTask, advance: Callable[[], None]) -> TaskResult:
    """Return what a task asks for, from tables that are on this machine."""
    regions = read_regions(task.regions)
    limits = StalenessLimits(ageing_ms=task.ageing_ms, unknown_ms=task.unknown_ms)
    store = TableStore(task.root, regions, simulated=task.simulated, limits=limits)
    ask = partial(_ask, store, task.bound)
    # A report has what an analyst may see; a release has rules of its own, which need every number
    if task.kind == "draft":
        return _draft(task, ask, advance)
    return _report(task, lambda query: ask(replace(query, protected=True)), regions, advance)


def _ask(store: TableStore, bound: int, query: Query) -> FigureResult:
    """Answer a query by what had been recorded at the bound."""
    for _ in range(_TRIES - 1):
        try:
            return answer(store, replace(query, as_known_at=bound))
        except duckdb.IOException:  # a file of the tables was replaced
            store.refresh()
    return answer(store, replace(query, as_known_at=bound))


def _report(
    task: MonitorTask, ask: Callable[[Query], FigureResult], regions: dict[str, RegionRow], advance: Callable[[], None]
) -> TaskResult:
    from services.monitor.report.html_page import pages  # noqa: PLC0415  a draft needs no drawings
    from services.monitor.report.queries import ask_all  # noqa: PLC0415  the same

    answers = ask_all(ask, task.year, lambda _: advance())
    return pages(answers, regions, task.year, ("nl", "en"))


def _draft(task: MonitorTask, ask: Callable[[Query], FigureResult], advance: Callable[[], None]) -> TaskResult:
    def asked(query: Query) -> FigureResult:
        result = ask(query)
        advance()
        return result

    document = draft(asked, task.year, task.bound, [text.encode() for text in task.published])
    return {"draft": None if document is None else document.decode()}


def _write(line: dict[str, object]) -> None:
    sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    _write({"result": work(MonitorTask.model_validate_json(sys.stdin.buffer.read()), lambda: _write({"step": 1}))})
