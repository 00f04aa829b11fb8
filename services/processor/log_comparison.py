"""Compares partitions with the log in a child process of low priority: no batch waits for it, and its memory ends with it.

`python -m services.processor.log_comparison beds 0 3`: a line of JSON for each partition, and exit code 1 while Kafka or Redis is away.
"""

import asyncio
import logging
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict
from typing import Final

import orjson

from services.adapters.checkpoints.truth_log import TruthLog
from services.adapters.codec.event_codec import EventCodec, Topic
from services.adapters.config.settings import Settings, read
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.kafka.topics import Topics
from services.adapters.observability.json_logging import configure
from services.adapters.regions import read_regions
from services.adapters.view.ports import ViewUnavailableError
from services.adapters.view.redis_reader import reader_of
from services.processor.partition import ProjectionFactory
from services.processor.projections.beds import BedProjectionFactory
from services.processor.projections.demand import DemandProjectionFactory
from services.processor.view_verifier import Difference, PartitionComparison, Verifier

_log = logging.getLogger(__name__)

# One partition of a large country is read in one script
_LOAD_S: Final = 60.0
# Behind all that callers wait for, and yet some turns on a machine that is busy
_LOW_PRIORITY: Final = 10


async def compare_in_child(settings: Settings, topic: Topic, numbers: Sequence[int]) -> list[PartitionComparison]:
    """Return what a child process finds in these partitions; LogUnavailableError where it ends without."""
    words = (sys.executable, "-m", __name__, topic, *map(str, numbers))
    # It holds its end of the input open for as long as we live
    child = await asyncio.create_subprocess_exec(*words, stdin=PIPE, stdout=PIPE, env=settings.environment())
    try:
        written, _ = await child.stdout.read() if child.stdout else b"", await child.wait()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        raise LogUnavailableError("the partitions can't be compared with the log now")
    return [_read(line) for line in written.splitlines()]


def _read(line: bytes) -> PartitionComparison:
    document = orjson.loads(line)
    return PartitionComparison(**document | {"differences": [Difference(**each) for each in document["differences"]]})


async def compare(settings: Settings, topic: Topic, numbers: Sequence[int]) -> None:
    """Compare partitions one after the other, and write a line for each."""
    codec = EventCodec(frozenset(read_regions(settings.regions)))
    factory: ProjectionFactory = BedProjectionFactory(codec, settings.limits) if topic == "beds" else DemandProjectionFactory(codec)
    view = reader_of(topic, settings.redis, settings.prefix, settings.partitions, _LOAD_S)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(view.close)
        log = await stack.enter_async_context(TruthLog(settings.brokers, Topics(settings.prefix), topic))
        for number in numbers:
            sys.stdout.buffer.write(orjson.dumps(asdict(await Verifier(factory, view, log).compare(number))) + b"\n")
            sys.stdout.buffer.flush()


async def _main(topic: Topic, numbers: Sequence[int]) -> int:
    # At the end of its input its parent has ended, however that was
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), os._exit, 1)
    try:
        await compare(read(), topic, numbers)
    except (LogUnavailableError, ViewUnavailableError):
        return 1
    except Exception:  # a traceback of Python's own could hold a value
        _log.exception("the view was not compared with the log")
        return 1
    return 0


if __name__ == "__main__":
    os.nice(_LOW_PRIORITY)
    configure("processor", "info")
    sys.exit(asyncio.run(_main("demand" if sys.argv[1] == "demand" else "beds", [int(number) for number in sys.argv[2:]])))
