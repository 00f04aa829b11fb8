"""The fold and the fence of the processor in a bare loop over a Kafka consumer: what Faust and all around it are measured against."""

import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.adapters.codec.event_codec import EventCodec
from services.adapters.config.settings import Settings
from services.adapters.kafka.log_reader import fingerprint
from services.adapters.kafka.topics import Topics
from services.adapters.observability.gc_tuning import freeze_gc
from services.adapters.regions import read_regions
from services.adapters.view.ports import Position
from services.adapters.view.redis_reader import RedisReader
from services.domain.beds.staleness import StalenessLimits
from services.processor.faust_integration import BATCH_SIZE
from services.processor.partition import Partition
from services.processor.projections.beds import BedProjection, BedProjectionFactory


async def fold(settings: Settings) -> None:
    """Fold from the beginning of the log until killed."""
    factory = BedProjectionFactory(EventCodec(frozenset(read_regions())), StalenessLimits())
    view = RedisReader(settings.redis, settings.prefix, settings.partitions)
    partitions: dict[int, Partition[BedProjection]] = {}
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    consumer.assign([TopicPartition(Topics(settings.prefix).bed_events, number) for number in range(settings.partitions)])
    while True:
        fetched = await consumer.getmany(timeout_ms=200, max_records=5_000)
        for tp, records in fetched.items():
            if tp.partition not in partitions:
                position = Position(offset=records[0].offset - 1, fingerprint=fingerprint(records[0]).text)
                await view.begin(tp.partition, position)
                partitions[tp.partition] = factory.fresh(position)
            for start in range(0, len(records), BATCH_SIZE):
                result = partitions[tp.partition].fold(records[start : start + BATCH_SIZE])
                if result.refused or not await view.write(tp.partition, result.write):
                    raise RuntimeError("a record was refused, or the fence refused the write")


if __name__ == "__main__":
    freeze_gc()  # as the processor does
    uvloop.run(fold(Settings()))
