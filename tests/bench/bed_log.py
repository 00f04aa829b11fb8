"""The log that every contestant of a run folds: records on one broker, in topics as Plek makes them."""

from collections import Counter
from collections.abc import Iterable

from aiokafka import AIOKafkaProducer

from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import Topics, create_topics, partition_of
from tests.bench.country import Sent


async def fill(settings: Settings, records: Iterable[Sent]) -> dict[int, int]:
    """Make the topics and write these records; return how many went to each partition when all are acknowledged."""
    await create_topics(settings.brokers, settings.prefix, settings.partitions)
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, acks="all", enable_idempotence=True, max_batch_size=256_000, linger_ms=20)
    ends: Counter[int] = Counter()
    await producer.start()
    try:
        topic = Topics(settings.prefix).bed_events
        for sent in records:
            ends[partition_of(sent.key, settings.partitions)] += 1
            await producer.send(topic, sent.value, sent.key)
        await producer.flush()
    finally:
        await producer.stop()
    return ends
