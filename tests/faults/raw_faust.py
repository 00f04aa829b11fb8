"""A control for the fault tests: the same fold as an ordinary Faust agent, without a fence and without positions of its own.

It reads record by record, keeps its shelters in memory, writes each record's result to the view and leaves offsets to Faust.
`python -m tests.faults.raw_faust FOLDER`: Faust makes a folder of its own there.
"""

import sys
from dataclasses import replace
from typing import Any

import faust

from services.adapters.codec.event_codec import EventCodec
from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import Topics
from services.adapters.regions import read_regions
from services.adapters.view.ports import Position
from services.adapters.view.redis_reader import RedisReader
from services.domain.beds.staleness import StalenessLimits
from services.processor.partition import Partition
from services.processor.projections.beds import BedProjection, BedProjectionFactory
from tests.processor.logs import Logged

SETTINGS = Settings()
app = faust.App(
    f"{SETTINGS.prefix}-raw",
    datadir=sys.argv[1],
    broker=f"kafka://{SETTINGS.kafka}",
    store="memory://",
    topic_disable_leader=True,
    topic_allow_declare=False,
    consumer_auto_offset_reset="earliest",
    stream_wait_empty=False,
    broker_session_timeout=SETTINGS.session_timeout_s,
    broker_heartbeat_interval=SETTINGS.session_timeout_s / 4,
    web_enabled=False,
)
view = RedisReader(SETTINGS.redis, SETTINGS.prefix, SETTINGS.partitions)
wire = EventCodec(frozenset(read_regions()))
partitions: dict[int, Partition[BedProjection]] = {}


@app.agent(app.topic(Topics(SETTINGS.prefix).bed_events, key_serializer="raw", value_serializer="raw"))  # type: ignore[untyped-decorator]  # Faust has no types
async def beds(stream: Any) -> None:
    """Fold one record at a time and write what came of it, wherever the view stands."""
    async for event in stream.events():
        record = event.message
        partition = partitions.setdefault(record.partition, BedProjectionFactory(wire, StalenessLimits()).fresh(Position(offset=-1)))
        partition.position = replace(partition.position, offset=record.offset - 1)
        result = partition.fold([Logged(record.offset, round(record.timestamp * 1000), record.key, record.value)])
        at = await view.position(record.partition)
        if at is None:
            await view.begin(record.partition, Position(offset=record.offset - 1))
        result.write.after = at.offset if at else record.offset - 1
        await view.write(record.partition, result.write)


if __name__ == "__main__":
    sys.argv = ["raw", "worker", "-l", "warn", "--without-web"]
    app.main()
