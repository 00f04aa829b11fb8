"""Archives made without Kafka: records of a tape, or of a simulated country, put where a real log would have put them."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from services.adapters.topics import partition_of
from services.monitor.archive import Archive
from services.monitor.directory import Directory
from services.monitor.question import Topic
from tests.monitor.records import Made
from tests.reference.log import Record


def archived(root: Path, topic: Topic, records: Iterable[Record]) -> Directory:
    """Write the records that an archive lacks into it, each behind the others of its partition."""
    directory, made = Directory(root), defaultdict[int, list[Made]](list)
    for record in records:
        of = made[record.partition]
        of.append(Made(len(of), record.timestamp, record.key, record.value))
    with Archive(directory.archive(topic)) as archive:
        for partition, of in made.items():
            position = archive.position(partition)
            archive.append(partition, of[position.next if position else 0 :])
    return directory


def spread(records: Iterable[Record], partitions: int = 12) -> list[Record]:
    """Put records in the partitions that their keys name."""
    return [record._replace(partition=partition_of(record.key or b"", partitions)) for record in records]
