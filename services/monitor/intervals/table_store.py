"""The interval tables of one data set, for queries. They stay as they are until `refresh` reads the manifest again.

The rows of the two bounds that were asked for last are kept: analysts have one in common, and the snapshot of a night has another.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import duckdb

from services.adapters.regions import RegionRow
from services.domain.beds.staleness import StalenessLimits
from services.monitor.archive.paths import MonitorPaths
from services.monitor.intervals import kept_fits
from services.monitor.intervals import manifest as manifests
from services.monitor.intervals.builder import TOPICS, version
from services.monitor.intervals.kept_fits import KeptFits
from services.monitor.intervals.known_rows import KnownRows
from services.monitor.intervals.manifest import Manifest
from services.monitor.intervals.table_schemas import COLUMNS, Table
from services.monitor.query import Offsets, Topic

# For ten years as for one: what does not fit is written to the disk beside the tables
_MEMORY: Final = "192MB"
_THREADS: Final = 2
_KEPT: Final = 2


class TableStore:
    """One data set's tables, at `root`. `simulated` says that its log is of no real country."""

    def __init__(self, root: Path, regions: Mapping[str, RegionRow], *, simulated: bool, limits: StalenessLimits | None = None) -> None:
        self.root, self.regions, self.simulated, self.limits = root, regions, simulated, limits or StalenessLimits()
        self.directory = MonitorPaths(root)
        self._manifest = Manifest()
        self._known: list[KnownRows] = []
        self.fits = KeptFits()
        self.refresh()

    @property
    def offsets(self) -> Offsets:
        """The last offset of each partition that the tables have."""
        return {topic: {number: part.next - 1 for number, part in self._manifest.parts[topic].items()} for topic in TOPICS}

    @property
    def clock(self) -> int:
        """The highest clock (ms) of the records that the tables have; 0 without any."""
        return max((part.clock for of_topic in self._manifest.parts.values() for part in of_topic.values()), default=0)

    def began(self, topic: Topic) -> int | None:
        """Return the clock (ms) of the first record of a topic; None when there is none."""
        return min((part.first_clock for part in self._manifest.parts[topic].values()), default=None)

    @property
    def kept_from(self) -> int | None:
        """The time (ms) from which on all is known, where the log begins with a checkpoint; None where it does not."""
        parts = [part for of_topic in self._manifest.parts.values() for part in of_topic.values()]
        return max((part.first_clock for part in parts if part.begins), default=None)

    def known(self, as_known_at: int | None, offsets: Offsets | None) -> KnownRows:
        """Return the rows that were known at a clock (ms) or at offsets; UnanswerableError when the tables do not go so far."""
        bound = (as_known_at, offsets)
        found = next((rows for rows in self._known if rows.bound == bound), None)
        if found is None:
            self._let_go(_KEPT - 1)
            found = KnownRows(self.connect(), self.offsets, bound, self.limits.unknown_ms)
        self._known = [*(rows for rows in self._known if rows is not found), found]
        return found

    def _let_go(self, but: int) -> None:
        """Let go of all rows but those of so many bounds, those that were asked for last."""
        while len(self._known) > but:
            self._known.pop(0).close()

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Open a database of its own, with a view of each table."""
        directory = self.directory.tables
        options: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": _MEMORY,
            "threads": _THREADS,
            "temp_directory": str(directory / "spill"),
        }
        connection = duckdb.connect(config=options)
        for table, schema in COLUMNS.items():
            if paths := self._paths(table):
                connection.read_parquet(paths).create_view(table)
            else:
                connection.from_arrow(schema.empty_table()).create(table)
        return connection

    def refresh(self) -> None:
        """Use the newest tables from now on."""
        manifest = manifests.read(self.directory.tables)
        manifest = manifest if manifest.version == version(frozenset(self.regions)) else Manifest()
        if manifest != self._manifest:
            self._let_go(0)
        self._manifest = manifest
        self.fits = kept_fits.read(self.directory.fits)

    def _paths(self, table: Table) -> list[str]:
        parts = [part for of_topic in self._manifest.parts.values() for part in of_topic.values() if table in part.files]
        return [str(self.directory.tables / part.files[table]) for part in parts]
