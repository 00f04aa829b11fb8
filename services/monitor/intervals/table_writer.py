"""Writes the interval tables of one partition, some rows at a time. The files are renamed into place together, or not at all."""

from pathlib import Path
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.parquet as pq

from services.monitor.intervals.table_schemas import COLUMNS, Table

# Rows in memory as Python values
_BATCH: Final = 5_000


class TableWriter:
    """New files of some tables; `suffix` names their partition, and up to which record they go."""

    def __init__(self, folder: Path, tables: tuple[Table, ...], suffix: str) -> None:
        self.names: dict[Table, str] = {table: f"{table}-{suffix}.parquet" for table in tables}
        self._folder = folder
        self._rows: dict[Table, list[tuple[Any, ...]]] = {table: [] for table in tables}
        self._files = {
            table: pq.ParquetWriter(folder / f"{name}.part", COLUMNS[table], compression="zstd") for table, name in self.names.items()
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for table, name in self.names.items():
            if kind is None:
                self._flush(table)
            self._files[table].close()
            half = self._folder / f"{name}.part"
            if kind is None:
                half.replace(self._folder / name)
            else:
                half.unlink()

    def put(self, table: Table, row: tuple[Any, ...]) -> None:
        """Add a row to a table."""
        rows = self._rows[table]
        rows.append(row)
        if len(rows) >= _BATCH:
            self._flush(table)

    def _flush(self, table: Table) -> None:
        rows, schema = self._rows[table], COLUMNS[table]
        columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
        self._files[table].write_table(
            pa.table([pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema)
        )
        rows.clear()
