"""A control for the fault tests: the same fold as an ordinary Faust agent, without a fence and without positions of its own.

It reads record by record, keeps its shelters in memory, writes each record's result to the view and leaves offsets to Faust.
"""

import sys
from dataclasses import replace
from typing import Any

import faust

from services.adapters.regions import read_regions
from services.adapters.settings import Settings
from services.adapters.topics import Topics
from services.adapters.view.port import Position
from services.adapters.view.redis_view import RedisView
from services.adapters.wire import Wire
from services.domain.freshness import Limits
from services.processor.beds import BedBook, BedFold
from services.processor.partition import Partition

SETTINGS = Settings()
app = faust.App(
    f"{SETTINGS.prefix}-raw",
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
view = RedisView(SETTINGS.redis, SETTINGS.prefix, SETTINGS.partitions)
wire = Wire(frozenset(read_regions()))
partitions: dict[int, Partition[BedBook]] = {}


@app.agent(app.topic(Topics(SETTINGS.prefix).bed_events, key_serializer="raw", value_serializer="raw"))  # type: ignore[untyped-decorator]  # Faust has no types
async def beds(stream: Any) -> None:
    """Fold one record at a time and write what came of it, wherever the view stands."""
    async for event in stream.events():
        record = event.message
        partition = partitions.setdefault(record.partition, BedFold(wire, Limits()).fresh(Position(offset=-1)))
        partition.position = replace(partition.position, offset=record.offset - 1)
        folded = partition.fold([_Record(record.offset, round(record.timestamp * 1000), record.key, record.value)])
        at = await view.position(record.partition)
        if at is None:
            await view.begin(record.partition, Position(offset=record.offset - 1))
        folded.write.after = at.offset if at else record.offset - 1
        await view.write(record.partition, folded.write)


class _Record:
    """A record as the fold wants it."""

    def __init__(self, offset: int, timestamp: int, key: bytes | None, value: bytes | None) -> None:
        self.offset, self.timestamp, self.key, self.value = offset, timestamp, key, value


if __name__ == "__main__":
    sys.argv = ["raw", "worker", "-l", "warn", "--without-web"]
    app.main()
