"""From the archive to the interval tables: each shelter, search, fallback and entry folded by itself, one after the other.

Guarantees:
- What is built follows from the archive, the fold and the region file alone. Deleted, it is built again to the byte.
- A partition is read key by key, in the order of the log within a key: nothing of one key ever affects another (contract, section 4), so
  memory holds one shelter at a time, however many years there are.
- A partition of which the archive has nothing new is left as it is.
- Where the archive begins with a checkpoint, so does the fold of each key: what is built of the time after it is the same.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from hashlib import blake2b
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import pyarrow as pa

from services.adapters.checkpoints.checkpoint import Checkpoint
from services.adapters.codec.event_codec import EventCodec, RefusedEvent, TooNew
from services.adapters.view.ports import FOLD_VERSION
from services.monitor.archive.parquet_log import File, checkpoint_offset, checkpoints, files, read_checkpoint
from services.monitor.archive.partition_reader import PartitionReader
from services.monitor.archive.paths import MonitorPaths
from services.monitor.intervals import manifest as manifests
from services.monitor.intervals.beginning import Beginning
from services.monitor.intervals.bitemporal_rows import LoggedAt
from services.monitor.intervals.demand_rows import DemandRows
from services.monitor.intervals.manifest import Manifest, PartitionTables
from services.monitor.intervals.row_types import RowWriter
from services.monitor.intervals.shelter_rows import ShelterRows
from services.monitor.intervals.table_schemas import BED_TABLES, DEMAND_TABLES, TABLES_VERSION, Table
from services.monitor.intervals.table_writer import TableWriter
from services.monitor.query import Topic

Advance = Callable[[int], None]
"""Gets the number of records that were folded since the last call."""

# Two seconds of work: less is done before a second process has loaded what it needs
_MIN_FOR_TWO: Final = 30_000
_TABLES: Final[dict[Topic, tuple[Table, ...]]] = {"beds": BED_TABLES, "demand": DEMAND_TABLES}
TOPICS: Final[tuple[Topic, ...]] = ("beds", "demand")


def version(regions: frozenset[str]) -> str:
    """Return what tables are built by: the fold of the live view, their columns, and the region codes that decide what an event is."""
    codes = blake2b("\n".join(sorted(regions)).encode(), digest_size=4).hexdigest()
    return f"{FOLD_VERSION}-{TABLES_VERSION}-{codes}"


def pending(directory: MonitorPaths, regions: frozenset[str]) -> int:
    """Count the records that a build would fold. ArchiveError."""
    before = _read_manifest(directory, version(regions))
    return sum(
        file.run.rows for topic in TOPICS for of_partition in _stale(directory, before, topic).values() for file in of_partition.files
    )


def build(directory: MonitorPaths, regions: frozenset[str], advance: Advance = lambda _: None, *, processes: int = 2) -> Manifest:
    """Build the tables of each partition with new records in the archive, or with tables of another version. ArchiveError.

    With two processes it takes about half the time, for a user who waits.
    """
    built_by = version(regions)
    before = _read_manifest(directory, built_by)
    after = Manifest(built_by, {topic: dict(parts) for topic, parts in before.parts.items()})
    directory.tables.mkdir(parents=True, exist_ok=True)
    work = [
        _Work(directory.tables, regions, topic, number, of_partition)
        for topic in TOPICS
        for number, of_partition in _stale(directory, before, topic).items()
    ]
    use_two = processes > 1 and sum(each.rows for each in work) >= _MIN_FOR_TWO
    for each, part in _in_two_processes(work, advance) if use_two else ((each, each.run(advance)) for each in work):
        after.parts[each.topic][each.number] = part
    if after.parts != before.parts or before.version != built_by:
        manifests.replace(directory.tables, after)
    # A query that runs now may still read the tables of before; by the next build none does
    used = after.names() | before.names()
    for path in directory.tables.glob("*.parquet"):
        if path.name not in used:
            path.unlink()
    return after


@dataclass(slots=True)
class _Archived:
    """What the archive has of a partition: its files, and the file of the checkpoint that it begins with."""

    files: list[File] = field(default_factory=list)
    checkpoint: Path | None = None

    def begins_with(self) -> Checkpoint | None:
        return read_checkpoint(self.checkpoint) if self.checkpoint else None

    def is_in(self, built: PartitionTables) -> bool:
        """Return whether tables have all of it."""
        begins = checkpoint_offset(self.checkpoint) if self.checkpoint else 0
        return built.begins == begins and built.archived == (self.files[-1].run.next if self.files else begins)


@dataclass(frozen=True, slots=True)
class _Work:
    """A partition to build the tables of."""

    tables: Path
    regions: frozenset[str]
    topic: Topic
    number: int
    archived: _Archived

    @property
    def rows(self) -> int:
        return sum(file.run.rows for file in self.archived.files)

    def run(self, advance: Advance = lambda _: None) -> PartitionTables:
        # Arrow's own allocator keeps memory that was freed; the system's returns it
        pa.set_memory_pool(pa.system_memory_pool())
        return _build_partition(self, EventCodec(self.regions), advance)


def _in_two_processes(work: list[_Work], advance: Advance) -> Iterator[tuple[_Work, PartitionTables]]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
        try:
            futures = [(each, _submit(other, each, advance)) for each in sorted(work, key=lambda each: -each.rows)]
            # The other process begins with the largest and this one with the smallest, until they meet
            for each, future in reversed(futures):
                yield each, each.run(advance) if future.cancel() else future.result()
        finally:
            other.shutdown(cancel_futures=True)


def _submit(other: Executor, work: _Work, advance: Advance) -> Future[PartitionTables]:
    future = other.submit(_Work.run, work)
    future.add_done_callback(lambda done: None if done.cancelled() else advance(work.rows))
    return future


def _read_manifest(directory: MonitorPaths, built_by: str) -> Manifest:
    manifest = manifests.read(directory.tables)
    return manifest if manifest.version == built_by else Manifest()


def _stale(directory: MonitorPaths, before: Manifest, topic: Topic) -> dict[int, _Archived]:
    """Return what the archive has of each partition where the tables lack some of it, or begin before its checkpoint."""
    by_partition: defaultdict[int, _Archived] = defaultdict(_Archived)
    for file in files(directory.archive(topic)):
        by_partition[file.run.partition].files.append(file)
    for number, path in checkpoints(directory.archive(topic)).items():
        by_partition[number].checkpoint = path
    built = before.parts[topic]
    return {
        number: archived for number, archived in sorted(by_partition.items()) if number not in built or not archived.is_in(built[number])
    }


class _TooNewError(Exception):
    """An event of a type too new to be understood stands at an offset (contract R13)."""

    def __init__(self, offset: int) -> None:
        super().__init__()
        self.offset = offset


def _build_partition(work: _Work, codec: EventCodec, advance: Advance) -> PartitionTables:
    topic, number, beginning = work.topic, work.number, Beginning.of(work.archived.begins_with(), codec)
    records = PartitionReader.of(work.archived.files, beginning.offset)
    archived = records.next
    begins = f"-{beginning.offset}" if beginning.offset else ""
    while True:
        try:
            with TableWriter(work.tables, _TABLES[topic], f"{topic}-{number:03}-{records.next:020}{begins}") as writer:
                _fold(work, codec, records, beginning, writer.put, advance)
                clock, first = beginning.clock, beginning.limit
                if clock is not None:
                    writer.put("clocks", (topic, number, beginning.offset - 1, clock))
                for offset, clock in records.clocks():
                    first = clock if first is None else first
                    writer.put("clocks", (topic, number, offset, clock))
        except _TooNewError as stop:
            records = records.before(stop.offset)
        else:
            return PartitionTables(
                begins=beginning.offset,
                next=records.next,
                first_clock=first or 0,
                clock=clock or 0,
                stopped=records.next < archived,
                archived=archived,
                files=writer.names,
            )


def _fold(work: _Work, codec: EventCodec, records: PartitionReader, beginning: Beginning, put: RowWriter, advance: Advance) -> None:
    topic, number = work.topic, work.number

    def begun(key: str) -> ShelterRows | DemandRows:
        return ShelterRows(key, number, put, beginning) if topic == "beds" else DemandRows(key, number, put, beginning)

    fold: ShelterRows | DemandRows | None = None
    folded_key: bytes | None = None
    untouched = beginning.keys()
    for offset, clock, key, value in records.by_key(work.tables, advance):
        event = codec.decode(topic, key, value)
        if isinstance(event, TooNew):
            raise _TooNewError(_first_too_new(codec, topic, records.before(offset), offset))
        if isinstance(event, RefusedEvent) or key is None:
            continue  # it has moved the clock of its partition; nothing else follows from it (contract R1)
        if key != folded_key or fold is None:
            if fold:
                fold.close()
            fold, folded_key = begun(key.decode()), key
            untouched.discard(key.decode())
        fold.apply(event, LoggedAt(offset, clock))
    if fold:
        fold.close()
    for name in sorted(untouched):
        begun(name).close()


def _first_too_new(codec: EventCodec, topic: Topic, before: PartitionReader, offset: int) -> int:
    """Return the first offset that is too new, of those before one or that one: keys are not read in the order of the log."""
    rows = before.by_offset()
    return next((earlier for earlier, _, key, value in rows if isinstance(codec.decode(topic, key, value), TooNew)), offset)
