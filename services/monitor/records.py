"""The records of a partition of the archive, key by key, of which memory holds a share at a time.

The law of this file: a partition of ten years needs no more memory than one of a year. It is read once for each share of it, which takes
little beside what its events take to be understood.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from services.monitor.archive import SCHEMA, File

Read = tuple[int, int, bytes | None, bytes | None]
"""Offset, clock of the partition, key and value of a record."""

# So many records, about ten megabytes, are in memory as the archive has them, unless one key has more; so many as Python values
_SHARE: Final = 16_000
_AT_ONCE: Final = 2_000
_ALL: Final = ["offset", "clock", "key", "value"]


@dataclass(frozen=True, slots=True)
class Records:
    """Those of a partition's files up to the offset `next` (excluded)."""

    files: list[File]
    next: int

    @classmethod
    def of(cls, files: list[File]) -> "Records":
        """Take all that these files hold, which follow on each other."""
        return cls(files, files[-1].run.next)

    def before(self, offset: int) -> "Records":
        """Take those before an offset."""
        return replace(self, next=offset)

    def by_key(self, advance: Callable[[int], None]) -> Iterator[Read]:
        """Yield them, those of a key behind each other in the order of the log, those without a key last."""
        for keys in self._shares():
            picked = (table.filter(pc.is_in(table["key"], keys)) for table in self._tables(_ALL))
            # A key with more records than a share is alone in one, and they lie in the files in their order: none has to be kept
            for batch in picked if len(keys) == 1 else _in_order(picked):
                yield from _read(batch)
                advance(len(batch))
            # What one share needed goes back before the next one is read
            pa.default_memory_pool().release_unused()

    def by_offset(self) -> Iterator[Read]:
        """Yield them in the order of the log."""
        for table in self._tables(_ALL):
            yield from _read(table)

    def clocks(self) -> Iterator[tuple[int, int]]:
        """Yield the offset of each, and the clock of the partition there."""
        for table in self._tables(_ALL[:2]):
            yield from zip(table["offset"].to_pylist(), table["clock"].to_pylist(), strict=True)

    def _shares(self) -> Iterator[pa.Array]:
        """Put keys together, in their order, until they have as many records as memory should hold."""
        counted: Counter[bytes | None] = Counter()
        for table in self._tables(["offset", "key"]):
            counted.update(table["key"].to_pylist())
        share: list[bytes | None] = []
        rows = 0
        for key in sorted(counted, key=lambda key: (key is None, key or b"")):
            if share and rows + counted[key] > _SHARE:
                yield pa.array(share, SCHEMA.field("key").type)
                share, rows = [], 0
            share.append(key)
            rows += counted[key]
        yield pa.array(share, SCHEMA.field("key").type)

    def _tables(self, columns: list[str]) -> Iterator[pa.Table]:
        """Read some columns, the offset among them, a piece at a time."""
        for file in self.files:
            if file.run.first >= self.next:
                return
            for batch in pq.ParquetFile(file.path).iter_batches(_AT_ONCE, columns=columns, use_threads=False):
                table = pa.Table.from_batches([batch])
                yield table if file.run.next <= self.next else table.filter(pc.less(table["offset"], self.next))


def _in_order(picked: Iterator[pa.Table]) -> Iterator[pa.RecordBatch]:
    ordered: pa.Table = pa.concat_tables(picked).sort_by([("key", "ascending"), ("offset", "ascending")])
    yield from ordered.to_batches(_AT_ONCE)


def _read(table: pa.Table | pa.RecordBatch) -> Iterator[Read]:
    return zip(*(column.to_pylist() for column in table.columns), strict=True)
