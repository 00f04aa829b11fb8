"""Archives made without Kafka: records of a tape or of a simulated country, in the partitions of a real log."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from services.adapters.kafka.topics import partition_of
from services.monitor.archive.parquet_log import ParquetLog, files
from services.monitor.archive.paths import MonitorPaths
from services.monitor.query import Topic
from tests.monitor.records import MadeRecord
from tests.reference.log import Record


def archived(root: Path, topic: Topic, records: Iterable[Record]) -> MonitorPaths:
    """Append the records that an archive lacks, each to its partition."""
    directory, by_partition = MonitorPaths(root), defaultdict[int, list[MadeRecord]](list)
    for record in records:
        of_partition = by_partition[record.partition]
        of_partition.append(MadeRecord(len(of_partition), record.timestamp, record.key, record.value))
    with ParquetLog(directory.archive(topic)) as archive:
        for partition, of_partition in by_partition.items():
            position = archive.position(partition)
            archive.append(partition, of_partition[position.next if position else 0 :])
    return directory


def read_archive(root: Path, columns: list[str] | None = None) -> pa.Table:
    """Read the files of an archive that has some, by partition and offset."""
    return pa.concat_tables(pq.ParquetFile(file.path).read(columns) for file in files(root))


def spread(records: Iterable[Record], partitions: int = 12) -> list[Record]:
    """Return records with the partitions of their keys."""
    return [record._replace(partition=partition_of(record.key or b"", partitions)) for record in records]
