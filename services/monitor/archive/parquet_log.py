"""The archive of one topic: every record of the log once, in Parquet by month, whatever happens while it is written.

Guarantees:
- A file holds one run of offsets of one partition within one month of that partition's clock (UTC), and its own metadata say which.
- A file is named after its first offset and grows by being replaced, in one rename, by a longer one. So at every instant each record
  stands in exactly one file, and where the archive ends is what the last file of a partition says: there is nothing to keep in step.
- Nothing is validated: bytes that are no event stand here as the log has them.
- Where the log begins with a checkpoint the archive does so too. The checkpoint counts once its file is there; what lies before it is never
  read again, and is removed then.
"""

import fcntl
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import IO, Final, Protocol, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from services.adapters.checkpoints.checkpoint import Checkpoint, from_bytes, to_bytes
from services.adapters.kafka.log_reader import fingerprint
from services.monitor.whole_files import replace_file, sync_folder

SCHEMA: Final = pa.schema(
    [
        ("partition", pa.int32()),
        ("offset", pa.int64()),
        ("timestamp", pa.int64()),
        ("clock", pa.int64()),
        ("key", pa.binary()),
        ("value", pa.binary()),
    ]
)
"""`timestamp` is the broker's, `clock` the highest in the partition so far (contract, section 2), both in milliseconds."""

_RUN: Final = b"plek"
# The folder of the checkpoints, beside those of the months
_CHECKPOINTS: Final = "checkpoints"
# A file of this many rows is a few megabytes: writing it anew for each new record is still cheap
_GROWS_TO: Final = 20_000
# Later than any time of the contract: such a clock has no month
_END_OF_TIME_MS: Final = 253_402_300_800_000


class ArchiveError(Exception):
    """The archive can't be used; the message is one clear line."""


class ArchivedRecord(Protocol):
    """A record of the log as a Kafka client has it; `timestamp` (ms) is the broker's."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The metadata of a file: the records from `first` up to `next` (excluded) that the log has of a partition.

    `follows` is where the file before it ended (None: there was none), `clock` that of the partition at its last record, `mark` the
    fingerprint of that record.
    """

    partition: int
    follows: int | None
    first: int
    next: int
    clock: int
    rows: int
    mark: str


@dataclass(frozen=True, slots=True)
class File:
    """One file of the archive."""

    path: Path
    run: Run


class ParquetLog:
    """The archive of one topic in a directory. One process at a time writes to it, inside a `with`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._last: dict[int, File] = {}
        self._lock: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Lock the archive, and delete what a killed writer left half done. ArchiveError when another process has it."""
        self.root.mkdir(parents=True, exist_ok=True)
        self._lock = (self.root / "lock").open("wb")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            self._lock.close()
            raise ArchiveError("another process writes to this archive") from held
        for half in self.root.glob("*/*.part"):
            half.unlink()
        self._remove_before_checkpoints()
        self._last = {file.run.partition: file for file in files(self.root)}
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock:
            self._lock.close()

    def position(self, partition: int) -> Run | None:
        """Return the last run of a partition; None when it has none."""
        last = self._last.get(partition)
        return last.run if last else None

    def begins(self, partition: int) -> int:
        """Return the offset of the first record after the checkpoint of a partition; 0 when it has none."""
        path = checkpoints(self.root).get(partition)
        return checkpoint_offset(path) if path else 0

    def begin_with(self, *placed: Checkpoint) -> None:
        """Begin with the checkpoints of some partitions, and remove the records before them."""
        for checkpoint in placed:
            path = self.root / _CHECKPOINTS / f"{checkpoint.partition:03}-{checkpoint.offset:020}.checkpoint"
            _replace_bytes(path, to_bytes(checkpoint))
        self._remove_before_checkpoints()
        self._last = {file.run.partition: file for file in files(self.root)}

    def _remove_before_checkpoints(self) -> None:
        """Remove the records before the checkpoints, and the checkpoints of before; where that was done, nothing changes."""
        placed = checkpoints(self.root)
        if not placed:
            return
        begins = {partition: checkpoint_offset(path) for partition, path in placed.items()}
        every = [_file(path) for path in self.root.glob("*/*.parquet")]
        old = [file for file in every if file.run.first < begins.get(file.run.partition, 0)]
        for partition in {file.run.partition for file in old}:
            read_checkpoint(placed[partition])  # for one that can't be read nothing is removed
        for file in old:
            offset = begins[file.run.partition]
            if file.run.next <= offset:
                file.path.unlink()
            else:
                table = pq.ParquetFile(file.path).read()
                table = table.filter(pc.greater_equal(table["offset"], offset))
                run = replace(file.run, follows=None, first=offset, rows=len(table))
                _replace(file.path, table.replace_schema_metadata({_RUN: json.dumps(asdict(run)).encode()}))
        for path in {*self.root.glob(f"{_CHECKPOINTS}/*.checkpoint")} - {*placed.values()}:
            path.unlink()
        for folder in self.root.iterdir():
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()

    def append(self, partition: int, records: Sequence[ArchivedRecord]) -> None:
        """Append records that follow those of the archive; when this returns they are on the disk."""
        position = self.position(partition)
        if position and records and records[0].offset < position.next:
            raise ValueError("these records are in the archive already")
        with_clock = _with_clock(records, position.clock if position else self._first_clock(partition))
        for month, group in groupby(with_clock, key=lambda pair: month_of(pair[0])):
            self._write(partition, month, list(group))

    def _first_clock(self, partition: int) -> int:
        path = checkpoints(self.root).get(partition)
        return read_checkpoint(path).state.position.clock if path else 0

    def _write(self, partition: int, month: str, rows: list[tuple[int, ArchivedRecord]]) -> None:
        table, last = _table(partition, rows), self._last.get(partition)
        if last and last.path.parent.name == month and last.run.rows < _GROWS_TO:
            path, first, follows = last.path, last.run.first, last.run.follows
            table = pa.concat_tables([pq.ParquetFile(path).read(), table])
        else:
            first, follows = rows[0][1].offset, last.run.next if last else None
            path = self.root / month / f"{partition:03}-{first:020}.parquet"
        clock, record = rows[-1]
        run = Run(
            partition=partition,
            follows=follows,
            first=first,
            next=record.offset + 1,
            clock=clock,
            rows=len(table),
            mark=fingerprint(record).text,
        )
        _replace(path, table.replace_schema_metadata({_RUN: json.dumps(asdict(run)).encode()}))
        self._last[partition] = File(path, run)


def files(root: Path) -> list[File]:
    """List the files of an archive by partition and offset, without those before a checkpoint. ArchiveError when one between is missing.

    A first file may have records before the checkpoint, when it was placed a moment ago.
    """
    begins = {partition: checkpoint_offset(path) for partition, path in checkpoints(root).items()}
    every = [file for path in root.glob("*/*.parquet") if (file := _file(path)).run.next > begins.get(file.run.partition, 0)]
    ordered = sorted(every, key=lambda file: (file.run.partition, file.run.first))
    ends: dict[int, int] = {}
    for file in ordered:
        first = file.run.partition not in ends and file.run.first <= begins.get(file.run.partition, -1)
        if not first and file.run.follows != ends.get(file.run.partition):
            raise ArchiveError(f"the file before {file.path.name} of {file.path.parent.name} is missing, or another")
        ends[file.run.partition] = file.run.next
    return ordered


def checkpoints(root: Path) -> dict[int, Path]:
    """Return the file of the checkpoint that each partition begins with, where there is one."""
    return {int(path.stem.split("-")[0]): path for path in sorted(root.glob(f"{_CHECKPOINTS}/*.checkpoint"))}


def read_checkpoint(path: Path) -> Checkpoint:
    """Read the checkpoint of a partition. ArchiveError when it is none."""
    try:
        return from_bytes(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ArchiveError(f"{path.name} is no checkpoint that this version can read") from error


def checkpoint_offset(path: Path) -> int:
    """Return the offset of the first record after the checkpoint in a file, from its name."""
    return int(path.stem.split("-")[1])


def month_of(clock: int) -> str:
    """Return the month of a clock (ms), in UTC."""
    return f"{datetime.fromtimestamp(min(clock, _END_OF_TIME_MS - 1) / 1_000, UTC):%Y-%m}"


def _file(path: Path) -> File:
    try:
        metadata = json.loads((pq.read_schema(path).metadata or {})[_RUN])
        return File(path, Run(**metadata))
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise ArchiveError(f"{path.name} of {path.parent.name} is no file of an archive") from error


def _with_clock(records: Iterable[ArchivedRecord], clock: int) -> Iterator[tuple[int, ArchivedRecord]]:
    for record in records:
        clock = max(clock, record.timestamp)
        yield clock, record


def _table(partition: int, rows: list[tuple[int, ArchivedRecord]]) -> pa.Table:
    members = [(partition, record.offset, record.timestamp, clock, record.key, record.value) for clock, record in rows]
    return pa.table([pa.array(column, field.type) for column, field in zip(zip(*members, strict=True), SCHEMA, strict=True)], SCHEMA)


def _replace(path: Path, table: pa.Table) -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    _replace_bytes(path, memoryview(sink.getvalue()))


def _replace_bytes(path: Path, content: bytes | memoryview) -> None:
    """Replace a file of a folder of the archive, which is made where there is none."""
    path.parent.mkdir(exist_ok=True)
    replace_file(path, content)
    sync_folder(path.parent.parent)
