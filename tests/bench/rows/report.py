"""The year report, the first time: two years of a country go from Kafka into the archive, the tables and one page."""

import asyncio
import time
from itertools import islice

from services.adapters.codec.event_codec import encode, key_of
from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.clients import new_producer
from services.adapters.kafka.topics import Topics, create_topics
from services.domain.events import catalog as e
from services.simulator.model.calendar import start_of_year
from services.simulator.simulation import Simulation
from tests.bench.report import Result
from tests.bench.stage import Stage

_PREFIX = "sim-bench-report"
_BEGINS, _YEAR = 2022, 2023
_AT_ONCE = 2_000


async def measure(stage: Stage) -> list[Result]:
    """Write two years to Kafka, and have a process of its own make the report of the second."""
    kafka, _ = await stage.servers()
    await _write(kafka.brokers, stage)
    argv = stage.module("tests.bench.report_alone", str(stage.scratch / "report"), kafka.bootstrap, _PREFIX, str(_YEAR))
    process = await asyncio.create_subprocess_exec(*argv, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError("the report ended in the middle of its benchmark")
    seconds, processor, memory = (float(number) for number in out.split())
    return [
        Result(row="report", what="first report of two years, from Kafka to the page", unit="s", value=seconds, aim=60),
        Result(row="report", what="time of processors in that", unit="s", value=processor, aim=None),
        Result(row="report", what="memory of all processes of the report", unit="MiB", value=memory, aim=500),
    ]


async def _write(brokers: KafkaConnection, stage: Stage) -> None:
    began, count = time.monotonic(), 0
    await create_topics(brokers, _PREFIX)
    producer, topics = new_producer(brokers, linger_ms=5), Topics(_PREFIX)
    await producer.start()
    try:
        logged = Simulation(7, start_of_year(_BEGINS)).until(start_of_year(_YEAR + 1))
        while chunk := list(islice(logged, _AT_ONCE)):
            sent = []
            for each in chunk:
                topic = topics.demand_events if isinstance(each.event.data, e.DEMAND_EVENTS) else topics.bed_events
                sent.append(await producer.send(topic, encode(each.event), key_of(each.event).encode(), timestamp_ms=each.at))
            await asyncio.gather(*sent)
            count += len(chunk)
    finally:
        await producer.stop()
    stage.say(f"{count:,} events of two years written in {time.monotonic() - began:.0f} s")
