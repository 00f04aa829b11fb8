"""Reads the records of a partition of the archive key by key, with a share of the keys in memory at a time.

Guarantees: a partition of ten years needs no more memory than one of a year, and ten times as long. Its files are read to count the
keys, and once more to write each record to the share of its key, in a file without a name that is gone when the reading ends.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from services.monitor.archive.parquet_log import SCHEMA, File

ArchivedRow = tuple[int, int, bytes | None, bytes | None]
"""Offset, clock of the partition, key and value of a record."""

# Records in memory as Arrow has them, about ten megabytes, unless one key has more; and records in memory as Python values
_SHARE: Final = 16_000
_BATCH: Final = 2_000
_COLUMNS: Final = ["offset", "clock", "key", "value"]
_PACKED: Final = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
_UNPACKED: Final = pa.ipc.IpcReadOptions(use_threads=False)

_Keys = list[bytes | None]


@dataclass(frozen=True, slots=True)
class PartitionReader:
    """The records of a partition's files from the offset `first` up to `next` (excluded)."""

    files: list[File]
    next: int
    first: int = 0

    @classmethod
    def of(cls, files: list[File], first: int = 0) -> "PartitionReader":
        """Read all records of these files, which follow on each other, from an offset on."""
        return cls(files, files[-1].run.next if files else first, first)

    def before(self, offset: int) -> "PartitionReader":
        """Read the records before an offset."""
        return replace(self, next=offset)

    def by_key(self, folder: Path, advance: Callable[[int], None]) -> Iterator[ArchivedRow]:
        """Yield the records by key, those of a key in the order of the log, those without a key last; shares wait in files of a folder."""
        shares = list(self._shares())
        with ExitStack() as stack:
            waiting = [stack.enter_context(TemporaryFile(dir=folder)) for _ in shares]
            self._split(shares, waiting)
            for keys, file in zip(shares, waiting, strict=True):
                of_share = _read(file)
                # A key with more records than a share is alone in it, and its records wait in their order: no sorting, no memory
                for batch in of_share if len(keys) == 1 else _sorted_by_key(of_share):
                    yield from _rows(batch)
                    advance(len(batch))
                file.close()
                # The memory of one share is freed before the next one is read
                pa.default_memory_pool().release_unused()

    def by_offset(self) -> Iterator[ArchivedRow]:
        """Yield the records in the order of the log."""
        for table in self._tables(_COLUMNS):
            yield from _rows(table)

    def clocks(self) -> Iterator[tuple[int, int]]:
        """Yield the offset of each record, and the clock of the partition there."""
        for table in self._tables(_COLUMNS[:2]):
            yield from zip(table["offset"].to_pylist(), table["clock"].to_pylist(), strict=True)

    def _split(self, shares: list[_Keys], waiting: Sequence[IO[bytes]]) -> None:
        """Write each record to the file of the share that its key is in, in the order of the log."""
        share_of = {key: number for number, keys in enumerate(shares) for key in keys}
        schema = pa.schema([SCHEMA.field(name) for name in _COLUMNS])
        with ExitStack() as stack:
            writers = [stack.enter_context(pa.ipc.new_stream(file, schema, options=_PACKED)) for file in waiting]
            for table in self._tables(_COLUMNS):
                numbers = [share_of[key] for key in table["key"].to_pylist()]
                by_share, first = table.take(pc.sort_indices(pa.array(numbers, pa.int32()))), 0
                for number, rows in sorted(Counter(numbers).items()):
                    writers[number].write_table(by_share.slice(first, rows))
                    first += rows

    def _shares(self) -> Iterator[_Keys]:
        """Group the keys, in their order, so that the records of a group fit in memory."""
        counts: Counter[bytes | None] = Counter()
        for table in self._tables(["offset", "key"]):
            counts.update(table["key"].to_pylist())
        share: _Keys = []
        rows = 0
        for key in sorted(counts, key=lambda key: (key is None, key or b"")):
            if share and rows + counts[key] > _SHARE:
                yield share
                share, rows = [], 0
            share.append(key)
            rows += counts[key]
        yield share

    def _tables(self, columns: list[str]) -> Iterator[pa.Table]:
        """Read some columns, `offset` among them, batch by batch."""
        for file in self.files:
            if file.run.first >= self.next:
                return
            for batch in pq.ParquetFile(file.path).iter_batches(_BATCH, columns=columns, use_threads=False):
                table = pa.Table.from_batches([batch])
                whole = self.first <= file.run.first and file.run.next <= self.next
                yield table if whole else table.filter(self._is_read(table["offset"]))

    def _is_read(self, offsets: pa.ChunkedArray) -> pa.ChunkedArray:
        return pc.and_(pc.greater_equal(offsets, self.first), pc.less(offsets, self.next))


def _read(file: IO[bytes]) -> Iterator[pa.Table]:
    """Read what was written to a file of a share."""
    file.seek(0)
    with pa.ipc.open_stream(file, options=_UNPACKED) as batches:
        for batch in batches:
            yield pa.Table.from_batches([batch])


def _sorted_by_key(tables: Iterator[pa.Table]) -> Iterator[pa.RecordBatch]:
    ordered: pa.Table = pa.concat_tables(tables).sort_by([("key", "ascending"), ("offset", "ascending")])
    yield from ordered.to_batches(_BATCH)


def _rows(table: pa.Table | pa.RecordBatch) -> Iterator[ArchivedRow]:
    return zip(*(column.to_pylist() for column in table.columns), strict=True)
