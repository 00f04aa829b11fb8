"""The interval tables of one world, in its directory: what there is to ask. Opened, they stand still; `refresh` looks for newer ones."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import duckdb

from services.adapters.regions import RegionRow
from services.domain.freshness import Limits
from services.monitor import manifest
from services.monitor.building import TOPICS, version
from services.monitor.columns import COLUMNS, Table
from services.monitor.directory import Directory
from services.monitor.manifest import Manifest
from services.monitor.question import Offsets, Topic

# Of ten years as of one: what does not fit is put on the disk beside the tables
_MEMORY: Final = "192MB"
_THREADS: Final = 2


class Store:
    """One world's tables, at `root`. `simulated` says that its log is of no real country."""

    def __init__(self, root: Path, regions: Mapping[str, RegionRow], *, simulated: bool, limits: Limits | None = None) -> None:
        self.root, self.regions, self.simulated, self.limits = root, regions, simulated, limits or Limits()
        self.directory = Directory(root)
        self._manifest = Manifest()
        self.refresh()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self.close()

    @property
    def offsets(self) -> Offsets:
        """Tell up to where the tables go: of each partition its last offset."""
        return {topic: {number: part.next - 1 for number, part in self._manifest.parts[topic].items()} for topic in TOPICS}

    def began(self, topic: Topic) -> int | None:
        """Tell the clock (ms) of the first record of a topic; None when there is none."""
        return min((part.first_clock for part in self._manifest.parts[topic].values()), default=None)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Open a database of its own for one question, with a view of each table."""
        directory = self.directory.tables
        options: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": _MEMORY,
            "threads": _THREADS,
            "temp_directory": str(directory / "spill"),
        }
        connection = duckdb.connect(config=options)
        for table, schema in COLUMNS.items():
            connection.register(f"no_{table}", schema.empty_table())
            paths = self._paths(table)
            source = f"read_parquet([{', '.join(paths)}])" if paths else f"no_{table}"
            connection.execute(f"CREATE VIEW {table} AS SELECT * FROM {source}")  # noqa: S608  names and paths of ours
        return connection

    def refresh(self) -> None:
        """Look whether newer tables were built, and use them from now on."""
        found = manifest.read(self.directory.tables)
        self._manifest = found if found.version == version(frozenset(self.regions)) else Manifest()

    def close(self) -> None:
        """Let go of the files."""
        self._manifest = Manifest()

    def _paths(self, table: Table) -> list[str]:
        parts = [part for of in self._manifest.parts.values() for part in of.values() if table in part.files]
        return ["'" + str(self.directory.tables / part.files[table]).replace("'", "''") + "'" for part in parts]
