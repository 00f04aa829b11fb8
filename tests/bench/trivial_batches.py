"""The trivial fold in our Faust parts: batches of one partition, positions in Redis."""

import asyncio
import signal
import sys
from collections.abc import Mapping
from typing import Any

import uvloop
from faust.types import TP
from redis.asyncio import Redis

from services.adapters.config.kafka_connection import KafkaConnection
from services.processor.faust_integration import batches_of, batching_app
from tests.bench.trivial import POSITIONS, SCRIPT, arguments, counted, options


async def main(text: str) -> None:
    """Run until SIGTERM."""
    chosen = options(text)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    view: Any = Redis.from_url(chosen["redis"])
    apply: Any = view.register_script(SCRIPT)

    async def next_offsets(committed: Mapping[TP, int]) -> dict[TP, int]:
        return {tp: int(await view.hget(POSITIONS, tp.partition) or -1) + 1 for tp in committed}

    async def fold(batches: Any) -> None:
        async for records in batches:
            counts = counted(record.value for record in records)
            if not await apply(**arguments(records[0].partition, records[0].offset, records[-1].offset, counts)):
                raise RuntimeError("the batch does not follow on the view")

    app = batching_app(chosen["group"], KafkaConnection(chosen["kafka"]), 8.0, next_offsets, dict)
    app.agent(batches_of(app, chosen["topic"]), concurrency=1)(fold)
    await app.start()
    await stop.wait()
    await app.stop()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
