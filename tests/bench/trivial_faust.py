"""The trivial fold as an ordinary Faust agent: one event at a time, one script every 500 of a partition."""

import asyncio
import signal
import sys
from collections import defaultdict
from typing import Any

import faust
import uvloop
from redis.asyncio import Redis

from tests.bench.trivial import SCRIPT, arguments, counted, options

# A script an event would measure Redis, not Faust.
_BATCH = 500


async def main(text: str) -> None:
    """Run until SIGTERM."""
    chosen = options(text)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    apply: Any = Redis.from_url(chosen["redis"]).register_script(SCRIPT)
    waiting: defaultdict[int, list[Any]] = defaultdict(list)

    async def fold(stream: Any) -> None:
        async for event in stream.events():
            record = event.message
            batch = waiting[record.partition]
            batch.append(record)
            if len(batch) == _BATCH:
                await apply(**arguments(record.partition, batch[0].offset, record.offset, counted(kept.value for kept in batch)))
                batch.clear()

    app = faust.App(
        chosen["group"],
        broker=f"kafka://{chosen['kafka']}",
        store="memory://",
        topic_disable_leader=True,
        topic_allow_declare=False,
        consumer_auto_offset_reset="earliest",
        stream_wait_empty=False,
        broker_max_poll_records=5_000,
        web_enabled=False,
    )
    app.agent(app.topic(chosen["topic"], key_serializer="raw", value_serializer="raw"), concurrency=1)(fold)
    await app.start()
    await stop.wait()
    await app.stop()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
