"""From the archive to the interval tables: each shelter, search, fallback and entry folded by itself, one after the other.

The laws of this file:
- What is built follows from the archive, the fold and the region file alone. Thrown away, it is built again to the byte.
- A partition is read key by key, in the order of the log within a key: nothing of one key ever touches another (contract, section 4),
  so memory holds one shelter at a time, however many years there are.
- A partition of which the archive has nothing new is left as it is.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from services.adapters.view.port import FOLD_VERSION
from services.adapters.wire import Refused, TooNew, Wire
from services.monitor import manifest as manifests
from services.monitor.archive import File, files, read
from services.monitor.columns import BED_TABLES, COLUMNS, DEMAND_TABLES, TABLES_VERSION, Table
from services.monitor.demand_rows import DemandRows
from services.monitor.directory import Directory
from services.monitor.ledger import Logged
from services.monitor.manifest import Manifest, Part
from services.monitor.question import Topic
from services.monitor.shelter_rows import ShelterRows
from services.monitor.then import Put

Advance = Callable[[int], None]
"""Hears of so many records more that were folded."""

# So many records are in hand as Python values, and so many rows before they go to the disk
_AT_ONCE: Final = 2_000
_ROWS_AT_ONCE: Final = 50_000
# Two seconds of work: less than that is done before a second process has loaded what it needs
_WORTH_TWO: Final = 30_000
_PROCESSES: Final = 2
_TABLES: Final[dict[Topic, tuple[Table, ...]]] = {"beds": BED_TABLES, "demand": DEMAND_TABLES}
TOPICS: Final[tuple[Topic, ...]] = ("beds", "demand")


def version(regions: frozenset[str]) -> str:
    """Tell what tables are made by: the fold of the live view, our columns, and the region codes that decide what an event is."""
    codes = blake2b("\n".join(sorted(regions)).encode(), digest_size=4).hexdigest()
    return f"{FOLD_VERSION}-{TABLES_VERSION}-{codes}"


def pending(directory: Directory, regions: frozenset[str]) -> int:
    """Count the records that a build would fold. ArchiveError."""
    before = _before(directory, version(regions))
    return sum(file.run.rows for topic in TOPICS for of in _stale(directory, before, topic).values() for file in of)


def build(directory: Directory, regions: frozenset[str], advance: Advance = lambda _: None) -> Manifest:
    """Build the tables anew where the archive has gone on, or they were made by another version. ArchiveError."""
    made_by = version(regions)
    before = _before(directory, made_by)
    made = Manifest(made_by, {topic: dict(parts) for topic, parts in before.parts.items()})
    directory.tables.mkdir(parents=True, exist_ok=True)
    work = [
        _Work(directory.tables, regions, topic, number, of) for topic in TOPICS for number, of in _stale(directory, before, topic).items()
    ]
    for each, part in _done(work, advance):
        made.parts[each.topic][each.number] = part
    if made.parts != before.parts or before.version != made_by:
        manifests.replace(directory.tables, made)
        # Who asks just now may still read the tables of before
        keep = made.names() | before.names()
        for path in directory.tables.glob("*.parquet"):
            if path.name not in keep:
                path.unlink()
    return made


@dataclass(frozen=True, slots=True)
class _Work:
    """A partition that has gone on."""

    tables: Path
    regions: frozenset[str]
    topic: Topic
    number: int
    files: list[File]

    @property
    def rows(self) -> int:
        return sum(file.run.rows for file in self.files)

    def do(self, advance: Advance = lambda _: None) -> Part:
        return _partition(self.tables, Wire(self.regions), self.topic, self.number, self.files, advance)


def _done(work: list[_Work], advance: Advance) -> Iterator[tuple[_Work, Part]]:
    """Do it, the largest first; where it is much, by two processes at once."""
    work = sorted(work, key=lambda each: -each.rows)
    if sum(each.rows for each in work) < _WORTH_TWO:
        yield from ((each, each.do(advance)) for each in work)
        return
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as pool:
        for each, part in zip(work, pool.map(_Work.do, work), strict=True):
            advance(each.rows)
            yield each, part


def _before(directory: Directory, made_by: str) -> Manifest:
    found = manifests.read(directory.tables)
    return found if found.version == made_by else Manifest()


def _stale(directory: Directory, before: Manifest, topic: Topic) -> dict[int, list[File]]:
    """List the files of each partition that has gone on since its tables were built."""
    found: dict[int, list[File]] = {}
    for file in files(directory.archive(topic)):
        found.setdefault(file.run.partition, []).append(file)
    known = before.parts[topic]
    return {number: of for number, of in found.items() if number not in known or known[number].archived != of[-1].run.next}


class _Writer:
    """Writes the tables of one partition, some rows at a time."""

    def __init__(self, tables: Path, topic: Topic, suffix: str) -> None:
        self.names: dict[Table, str] = {table: f"{table}-{suffix}.parquet" for table in _TABLES[topic]}
        self._tables = tables
        self._rows: dict[Table, list[tuple[Any, ...]]] = {table: [] for table in _TABLES[topic]}
        self._files = {
            table: pq.ParquetWriter(tables / f"{name}.part", COLUMNS[table], compression="zstd") for table, name in self.names.items()
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for table, name in self.names.items():
            if kind is None:
                self._flush(table)
            self._files[table].close()
            half = self._tables / f"{name}.part"
            if kind is None:
                half.replace(self._tables / name)
            else:
                half.unlink()

    def put(self, table: Table, row: tuple[Any, ...]) -> None:
        """Take a row."""
        rows = self._rows[table]
        rows.append(row)
        if len(rows) >= _ROWS_AT_ONCE:
            self._flush(table)

    def _flush(self, table: Table) -> None:
        rows, schema = self._rows[table], COLUMNS[table]
        columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
        self._files[table].write_table(
            pa.table([pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema)
        )
        rows.clear()


class _StoppedError(Exception):
    """A type too new to be understood stands at an offset."""

    def __init__(self, offset: int) -> None:
        super().__init__()
        self.offset = offset


def _partition(tables: Path, wire: Wire, topic: Topic, number: int, found: list[File], advance: Advance) -> Part:
    archived, limit = found[-1].run.next, found[-1].run.next
    records = read(found, ["offset", "clock", "key", "value"])
    while True:
        suffix = f"{_named(topic, number)}-{limit:020}"
        try:
            with _Writer(tables, topic, suffix) as writer:
                _fold(wire, topic, number, records, writer.put, advance)
                for offset, clock in zip(records["offset"].to_pylist(), records["clock"].to_pylist(), strict=True):
                    writer.put("clocks", (topic, number, offset, clock))
        except _StoppedError as stopped:
            limit = stopped.offset
            records = records.filter(pc.less(records["offset"], limit))
        else:
            clocks = records["clock"]
            first, last = (clocks[0].as_py(), clocks[-1].as_py()) if len(records) else (0, 0)
            return Part(next=limit, first_clock=first, clock=last, stopped=limit < archived, archived=archived, files=writer.names)


def _named(topic: Topic, number: int) -> str:
    """Name a partition in the name of a file."""
    return f"{topic}-{number:03}"


def _fold(wire: Wire, topic: Topic, number: int, records: pa.Table, put: Put, advance: Advance) -> None:
    fold: ShelterRows | DemandRows | None = None
    of: bytes | None = None
    for offset, clock, key, value in _by_key(records, advance):
        event = wire.decode(topic, key, value)
        if isinstance(event, TooNew):
            raise _StoppedError(_first_too_new(wire, topic, records, offset))
        if isinstance(event, Refused) or key is None:
            continue  # its clock has moved the partition's already; nothing else follows from it
        if key != of or fold is None:
            if fold:
                fold.close()
            fold, of = (ShelterRows if topic == "beds" else DemandRows)(key.decode(), number, put), key
        fold.take(event, Logged(offset, clock))
    if fold:
        fold.close()


def _first_too_new(wire: Wire, topic: Topic, records: pa.Table, at_most: int) -> int:
    """Find the first record before which a reader must stop: keys are not read in the order of the log."""
    before = records.filter(pc.less(records["offset"], at_most))
    for offset, _, key, value in _rows(before):
        if isinstance(wire.decode(topic, key, value), TooNew):
            return offset
    return at_most


def _by_key(records: pa.Table, advance: Advance) -> Iterator[tuple[int, int, bytes | None, bytes | None]]:
    order = pc.sort_indices(records, [("key", "ascending"), ("offset", "ascending")])
    for start in range(0, len(order), _AT_ONCE):
        chunk = records.take(order[start : start + _AT_ONCE])
        yield from _rows(chunk)
        advance(len(chunk))


def _rows(records: pa.Table) -> Iterator[tuple[int, int, bytes | None, bytes | None]]:
    for batch in records.to_batches(_AT_ONCE):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
