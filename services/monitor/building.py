"""From the archive to the interval tables: each shelter, search, fallback and entry folded by itself, one after the other.

The laws of this file:
- What is built follows from the archive, the fold and the region file alone. Thrown away, it is built again to the byte.
- A partition is read key by key, in the order of the log within a key: nothing of one key ever touches another (contract, section 4),
  so memory holds one shelter at a time, however many years there are.
- A partition of which the archive has nothing new is left as it is.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import pyarrow as pa

from services.adapters.view.port import FOLD_VERSION
from services.adapters.wire import Refused, TooNew, Wire
from services.monitor import manifest as manifests
from services.monitor.archive import File, files
from services.monitor.columns import BED_TABLES, DEMAND_TABLES, TABLES_VERSION, Table
from services.monitor.demand_rows import DemandRows
from services.monitor.directory import Directory
from services.monitor.ledger import Logged
from services.monitor.manifest import Manifest, Part
from services.monitor.question import Topic
from services.monitor.records import Records
from services.monitor.shelter_rows import ShelterRows
from services.monitor.table_files import TableFiles
from services.monitor.then import Put

Advance = Callable[[int], None]
"""Hears of so many records more that were folded."""

# Two seconds of work: less than that is done before a second process has loaded what it needs
_WORTH_TWO: Final = 30_000
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


def build(directory: Directory, regions: frozenset[str], advance: Advance = lambda _: None, *, processes: int = 2) -> Manifest:
    """Build the tables anew where the archive has gone on, or they were made by another version; by one or two processes. ArchiveError."""
    made_by = version(regions)
    before = _before(directory, made_by)
    made = Manifest(made_by, {topic: dict(parts) for topic, parts in before.parts.items()})
    directory.tables.mkdir(parents=True, exist_ok=True)
    work = [
        _Work(directory.tables, regions, topic, number, of) for topic in TOPICS for number, of in _stale(directory, before, topic).items()
    ]
    worth = processes > 1 and sum(each.rows for each in work) >= _WORTH_TWO
    for each, part in _together(work, advance) if worth else _alone(work, advance):
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
        # Arrow's own way of allocating keeps what it was once given; the system's lets go of it
        pa.set_memory_pool(pa.system_memory_pool())
        return _partition(self.tables, Wire(self.regions), self.topic, self.number, Records.of(self.files), advance)


def _alone(work: list[_Work], advance: Advance) -> Iterator[tuple[_Work, Part]]:
    return ((each, each.do(advance)) for each in work)


def _together(work: list[_Work], advance: Advance) -> Iterator[tuple[_Work, Part]]:
    """Do it with a second process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
        try:
            theirs = [(each, _handed(other, each, advance)) for each in sorted(work, key=lambda each: -each.rows)]
            # The other one begins with the largest and this one with the smallest, until they meet: nobody waits and takes up memory
            for each, future in reversed(theirs):
                yield each, each.do(advance) if future.cancel() else future.result()
        finally:
            other.shutdown(cancel_futures=True)


def _handed(other: Executor, work: _Work, advance: Advance) -> Future[Part]:
    future = other.submit(_Work.do, work)
    future.add_done_callback(lambda done: None if done.cancelled() else advance(work.rows))
    return future


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


class _StoppedError(Exception):
    """A type too new to be understood stands at an offset."""

    def __init__(self, offset: int) -> None:
        super().__init__()
        self.offset = offset


def _partition(tables: Path, wire: Wire, topic: Topic, number: int, records: Records, advance: Advance) -> Part:
    archived = records.next
    while True:
        try:
            with TableFiles(tables, _TABLES[topic], f"{topic}-{number:03}-{records.next:020}") as made:
                _fold(wire, topic, number, records, made.put, advance)
                clock = first = None
                for offset, clock in records.clocks():
                    first = clock if first is None else first
                    made.put("clocks", (topic, number, offset, clock))
        except _StoppedError as stopped:
            records = records.before(stopped.offset)
        else:
            stopped_early = records.next < archived
            return Part(
                next=records.next, first_clock=first or 0, clock=clock or 0, stopped=stopped_early, archived=archived, files=made.names
            )


def _fold(wire: Wire, topic: Topic, number: int, records: Records, put: Put, advance: Advance) -> None:
    fold: ShelterRows | DemandRows | None = None
    of: bytes | None = None
    for offset, clock, key, value in records.by_key(advance):
        event = wire.decode(topic, key, value)
        if isinstance(event, TooNew):
            raise _StoppedError(_first_too_new(wire, topic, records.before(offset), offset))
        if isinstance(event, Refused) or key is None:
            continue  # its clock has moved the partition's already; nothing else follows from it
        if key != of or fold is None:
            if fold:
                fold.close()
            fold, of = (ShelterRows if topic == "beds" else DemandRows)(key.decode(), number, put), key
        fold.take(event, Logged(offset, clock))
    if fold:
        fold.close()


def _first_too_new(wire: Wire, topic: Topic, before: Records, found: int) -> int:
    """Find the first record before which a reader must stop: keys are not read in the order of the log."""
    read = before.by_offset()
    return next((offset for offset, _, key, value in read if isinstance(wire.decode(topic, key, value), TooNew)), found)
