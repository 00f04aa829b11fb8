"""A program for the fault tests: archives a topic, few records at a time, until it is killed.

`python -m tests.monitor.archiver BOOTSTRAP TOPIC PARTITIONS ROOT AT_ONCE`
"""

import asyncio
import sys
from pathlib import Path

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.log_reader import Log
from services.monitor.archive.ingest import Archiver
from services.monitor.archive.parquet_log import ParquetLog


async def main(bootstrap: str, topic: str, partitions: str, root: str, at_once: str) -> None:
    """Catch up, again and again."""
    with ParquetLog(Path(root)) as archive:
        async with Log(KafkaConnection(bootstrap), topic) as log:
            archiver = Archiver(log, archive, int(partitions), int(at_once))
            while True:
                await archiver.catch_up()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
