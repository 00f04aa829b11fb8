"""The archive of one topic: every record of the log once, in Parquet by month, whatever happens while it is written.

The laws of this file:
- A file holds one run of offsets of one partition within one month of that partition's clock (UTC), and its own metadata say which.
- A file is named after its first offset and grows by being replaced, in one rename, by a longer one. So at every instant each record
  stands in exactly one file, and where the archive ends is what the last file of a partition says: there is nothing to keep in step.
- Nothing is judged and nothing is ever taken out: bytes that are no event stand here as the log has them.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import IO, Any, Final, Protocol, Self

import pyarrow as pa
import pyarrow.parquet as pq

from services.adapters.log_reader import fingerprint

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

_ABOUT: Final = b"plek"
# A file of this many rows is a few megabytes: writing it anew for each new record is still nothing
_GROWS_TO: Final = 20_000
# Later than any time of the contract: such a clock has no month
_END_OF_TIME_MS: Final = 253_402_300_800_000


class ArchiveError(Exception):
    """The archive can't be used; the message is one clear line."""


class Record(Protocol):
    """A record of the log as a Kafka client hands it over."""

    @property
    def offset(self) -> int:
        """Its place in the partition."""

    @property
    def timestamp(self) -> int:
        """When the broker logged it, in milliseconds."""

    @property
    def key(self) -> bytes | None:
        """The key as it was sent."""

    @property
    def value(self) -> bytes | None:
        """The value as it was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a file says of itself: the records from `first` up to `next` (excluded) that the log has of a partition.

    `follows` is where the file ahead of it ended (None: there was none), `clock` that of the partition at its last record, `mark` the
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


class Archive:
    """The archive of one topic in a directory. One process at a time writes to it: take it with `with`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._last: dict[int, File] = {}
        self._lock: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Take the archive, and clear away what a writer left half done. ArchiveError when another process has it."""
        self.root.mkdir(parents=True, exist_ok=True)
        self._lock = (self.root / "lock").open("wb")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            self._lock.close()
            raise ArchiveError("another process writes to this archive") from taken
        for half in self.root.glob("*/*.part"):
            half.unlink()
        self._last = {file.run.partition: file for file in files(self.root)}
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock:
            self._lock.close()

    def position(self, partition: int) -> Run | None:
        """Return the last run of a partition; None when it has none."""
        last = self._last.get(partition)
        return last.run if last else None

    def append(self, partition: int, records: Sequence[Record]) -> None:
        """Write down records that follow on what is there; when this returns they are on the disk."""
        position = self.position(partition)
        if position and records and records[0].offset < position.next:
            raise ValueError("these records are in the archive already")
        clocked = _clocked(records, position.clock if position else 0)
        for month, group in groupby(clocked, key=lambda each: month_of(each[0])):
            self._write(partition, month, list(group))

    def _write(self, partition: int, month: str, clocked: list[tuple[int, Record]]) -> None:
        added, last = _table(partition, clocked), self._last.get(partition)
        if last and last.path.parent.name == month and last.run.rows < _GROWS_TO:
            path, first, follows = last.path, last.run.first, last.run.follows
            added = pa.concat_tables([pq.ParquetFile(path).read(), added])
        else:
            first, follows = clocked[0][1].offset, last.run.next if last else None
            path = self.root / month / f"{partition:03}-{first:020}.parquet"
        clock, record = clocked[-1]
        run = Run(
            partition=partition,
            follows=follows,
            first=first,
            next=record.offset + 1,
            clock=clock,
            rows=len(added),
            mark=fingerprint(record).text,
        )
        _replace(path, added.replace_schema_metadata({_ABOUT: json.dumps(asdict(run)).encode()}))
        self._last[partition] = File(path, run)


def files(root: Path) -> list[File]:
    """List the files of an archive by partition and offset. ArchiveError when a file between is missing."""
    found = sorted((_file(path) for path in root.glob("*/*.parquet")), key=lambda file: (file.run.partition, file.run.first))
    ends: dict[int, int] = {}
    for file in found:
        if file.run.follows != ends.get(file.run.partition):
            raise ArchiveError(f"the file ahead of {file.path.name} of {file.path.parent.name} is missing, or another")
        ends[file.run.partition] = file.run.next
    return found


def read(found: Iterable[File], columns: list[str] | None = None) -> pa.Table:
    """Read files one behind the other."""
    tables = [pq.ParquetFile(file.path).read(columns) for file in found]
    return pa.concat_tables(tables) if tables else SCHEMA.empty_table()


def month_of(clock: int) -> str:
    """Name the month a clock (ms) is in, in UTC."""
    return f"{datetime.fromtimestamp(min(clock, _END_OF_TIME_MS - 1) / 1_000, UTC):%Y-%m}"


def _file(path: Path) -> File:
    try:
        about = json.loads((pq.read_schema(path).metadata or {})[_ABOUT])
        return File(path, Run(**about))
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as wrong:
        raise ArchiveError(f"{path.name} of {path.parent.name} is no file of an archive") from wrong


def _clocked(records: Iterable[Record], clock: int) -> Iterator[tuple[int, Record]]:
    for record in records:
        clock = max(clock, record.timestamp)
        yield clock, record


def _table(partition: int, clocked: list[tuple[int, Record]]) -> pa.Table:
    columns: dict[str, list[Any]] = {
        "partition": [partition] * len(clocked),
        "offset": [record.offset for _, record in clocked],
        "timestamp": [record.timestamp for _, record in clocked],
        "clock": [clock for clock, _ in clocked],
        "key": [record.key for _, record in clocked],
        "value": [record.value for _, record in clocked],
    }
    return pa.table(columns, schema=SCHEMA)


def _replace(path: Path, table: pa.Table) -> None:
    """Put a file in its place at once: whoever looks, or is killed, finds the old one or the new one."""
    path.parent.mkdir(exist_ok=True)
    half = path.with_suffix(".part")
    with half.open("wb") as file:
        pq.write_table(table, file, compression="zstd")
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    for directory in (path.parent, path.parent.parent):
        handle = os.open(directory, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
