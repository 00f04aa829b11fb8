"""The fold and the fence of the processor in a bare loop over a Kafka consumer: what Faust and all around it are measured against."""

import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.adapters.collector import spare_what_is_loaded
from services.adapters.log_reader import fingerprint
from services.adapters.regions import read_regions
from services.adapters.settings import Settings
from services.adapters.topics import Topics
from services.adapters.view.port import Position
from services.adapters.view.redis_view import RedisView
from services.adapters.wire import Wire
from services.domain.freshness import Limits
from services.processor.beds import BedBook, BedFold
from services.processor.faust_parts import BATCH
from services.processor.partition import Partition


async def fold(settings: Settings) -> None:
    """Fold from the beginning of the log until killed."""
    fold_of = BedFold(Wire(frozenset(read_regions())), Limits())
    view = RedisView(settings.redis, settings.prefix, settings.partitions)
    partitions: dict[int, Partition[BedBook]] = {}
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    consumer.assign([TopicPartition(Topics(settings.prefix).bed_events, number) for number in range(settings.partitions)])
    while True:
        fetched = await consumer.getmany(timeout_ms=200, max_records=5_000)
        for tp, records in fetched.items():
            if tp.partition not in partitions:
                position = Position(offset=records[0].offset - 1, fingerprint=fingerprint(records[0]).text)
                await view.begin(tp.partition, position)
                partitions[tp.partition] = fold_of.fresh(position)
            for start in range(0, len(records), BATCH):
                folded = partitions[tp.partition].fold(records[start : start + BATCH])
                if folded.refused or not await view.write(tp.partition, folded.write):
                    raise RuntimeError("a record was refused, or the fence refused the write")


if __name__ == "__main__":
    spare_what_is_loaded()  # as the processor does
    uvloop.run(fold(Settings()))
