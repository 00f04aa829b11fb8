"""A program for the fault tests: archives the beds of a data set, few records at a time, until it is killed.

`python -m tests.monitor.archiver BOOTSTRAP PREFIX PARTITIONS ROOT AT_ONCE`
"""

import asyncio
import sys
from pathlib import Path

from services.adapters.checkpoints.truth_log import TruthLog
from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.topics import Topics
from services.monitor.archive.ingest import Archiver
from services.monitor.archive.parquet_log import ParquetLog


async def main(bootstrap: str, prefix: str, partitions: str, root: str, at_once: str) -> None:
    """Catch up, again and again."""
    with ParquetLog(Path(root)) as archive:
        async with TruthLog(KafkaConnection(bootstrap), Topics(prefix), "beds") as log:
            archiver = Archiver(log, archive, int(partitions), int(at_once))
            while True:
                await archiver.catch_up()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
