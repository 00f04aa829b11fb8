"""A country as it was archived, and the same one whose log begins with checkpoints by now."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from services.adapters.checkpoints.checkpoint import Checkpoint, from_bytes, to_bytes
from services.adapters.codec.event_codec import Topic
from services.adapters.kafka.log_reader import Ends, Fingerprint
from services.adapters.regions import read_regions
from services.domain.beds.staleness import StalenessLimits
from services.monitor.archive.parquet_log import ParquetLog
from services.monitor.archive.paths import MonitorPaths
from services.monitor.intervals.builder import build
from services.monitor.intervals.table_store import TableStore
from services.processor.checkpoint_maker import CheckpointMaker
from services.processor.partition import ProjectionFactory
from services.processor.projections.beds import BedProjectionFactory
from services.processor.projections.demand import DemandProjectionFactory
from tests.monitor.comparison import BuiltCountry, archive_and_build
from tests.monitor.naive.country import REGIONS
from tests.monitor.records import MadeRecord
from tests.processor.logs import WIRE, Logged, ReadableLog
from tests.reference.log import Record

FACTORIES: dict[Topic, ProjectionFactory] = {"beds": BedProjectionFactory(WIRE, StalenessLimits()), "demand": DemandProjectionFactory(WIRE)}


@dataclass(frozen=True)
class PartitionedLog:
    """A truth topic in memory."""

    parts: dict[int, ReadableLog]

    @classmethod
    def of(cls, records: Iterable[Record]) -> Self:
        """Return the log of records, each in its partition."""
        log = cls({})
        for record in records:
            of_partition = log.parts.setdefault(record.partition, ReadableLog()).records
            of_partition.append(Logged(len(of_partition), record.timestamp, record.key, record.value))
        return log

    async def checkpoint(self, partition: int) -> Checkpoint | None:
        """Return the checkpoint with which a partition begins."""
        return await self.parts[partition].checkpoint(0)

    async def ends(self, partitions: Iterable[int]) -> dict[int, Ends]:
        """Return where these partitions begin and end."""
        return {number: (await self.parts[number].ends([number]))[number] for number in partitions}

    async def offset_at(self, partition: int, at: int) -> int | None:
        """Return the offset of the first record that was logged at `at` (ms) or later; None where there is none."""
        return await self.parts[partition].offset_at(0, at)

    async def fingerprint(self, partition: int, ends: Ends) -> Fingerprint:
        """Return the fingerprint of the first record of these."""
        return await self.parts[partition].fingerprint(0, ends)

    def read(self, partition: int, start: int, end: int) -> AsyncGenerator[list[Any], None]:
        """Return the records from `start` up to `end` (excluded)."""
        return self.parts[partition].read(0, start, end)


@dataclass(frozen=True)
class TwoCountries:
    """The same log, whole and forgotten before `limit` (ms)."""

    whole: BuiltCountry
    forgotten: BuiltCountry
    limit: int
    checkpoints: list[Checkpoint]


async def forget_before(root: Path, beds: Sequence[Record], demand: Sequence[Record], limit: int) -> TwoCountries:
    """Archive a log and build its tables, once whole and once from the checkpoints at `limit` and what follows them."""
    whole = archive_and_build(root / "whole", beds, demand)
    made: list[Checkpoint] = []
    directory = MonitorPaths(root / "forgotten")
    topics: tuple[tuple[Topic, Sequence[Record]], ...] = (("beds", beds), ("demand", demand))
    for topic, records in topics:
        log = PartitionedLog.of(records)
        of_topic = {checkpoint.partition: checkpoint for checkpoint in await CheckpointMaker(FACTORIES[topic], log).make(log.parts, limit)}
        made += of_topic.values()
        with ParquetLog(directory.archive(topic)) as archive:
            for number, part in log.parts.items():
                begins = 0
                if number in of_topic:
                    archive.begin_with(checkpoint := from_bytes(to_bytes(of_topic[number])))
                    begins = checkpoint.offset
                rest = [record for record in part.records if record.offset >= begins]
                rest = [record for record in part.records if record.offset >= begins]
                archive.append(number, [MadeRecord(each.offset, each.timestamp, each.key, each.value) for each in rest])
    build(directory, frozenset(REGIONS))
    return TwoCountries(whole, BuiltCountry(beds, demand, TableStore(root / "forgotten", read_regions(), simulated=True)), limit, made)
