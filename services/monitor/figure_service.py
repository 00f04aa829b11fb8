"""Answers queries from the tables of one data set, one query at a time: each uses all there is of a processor.

The database is loaded with the first query: on most days there is none.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from services.adapters.regions import RegionRow
from services.domain.beds.staleness import StalenessLimits
from services.monitor.figures.result import FigureResult
from services.monitor.query import Query

if TYPE_CHECKING:
    from services.monitor.intervals.table_store import TableStore


class FigureService:
    """The figures of one data set. `simulated` is asked anew at each refresh: a live data set becomes simulated when a demo runs in it."""

    def __init__(self, root: Path, regions: Mapping[str, RegionRow], *, simulated: Callable[[], bool], limits: StalenessLimits) -> None:
        self._root, self._regions, self._simulated, self._limits = root, regions, simulated, limits
        self._store: TableStore | None = None
        self._lock = Lock()

    def ask(self, query: Query) -> FigureResult:
        """Answer a query; UnanswerableError when it makes no sense."""
        from services.monitor.figures.evaluate import answer  # noqa: PLC0415  DuckDB and Arrow are a hundred megabytes

        with self._lock:
            return answer(self._open(), query)

    def refresh(self) -> int | None:
        """Use the newest tables from now on; return the clock (ms) of the first record of the log, None without one."""
        with self._lock:
            store = self._open()
            store.simulated = self._simulated()
            store.refresh()
            return min((began for topic in ("beds", "demand") if (began := store.began(topic)) is not None), default=None)

    def _open(self) -> "TableStore":
        from services.monitor.intervals.table_store import TableStore  # noqa: PLC0415  the same

        if self._store is None:
            self._store = TableStore(self._root, self._regions, simulated=self._simulated(), limits=self._limits)
        return self._store
