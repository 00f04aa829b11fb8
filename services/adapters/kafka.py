"""Law: clients of Kafka are made here and nowhere else, so that none forgets to prove who it is; a lint rule bans their names elsewhere.

Faust makes its own clients: `services/processor/faust_parts.py` hands it the same proof.
"""

from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer  # noqa: TID251  the one owner
from aiokafka.admin import AIOKafkaAdminClient  # noqa: TID251  the one owner

from services.adapters.brokers import Brokers


def new_producer(brokers: Brokers, **options: Any) -> Any:
    """Make a producer, not yet started: acknowledged by all and idempotent, whatever else is asked (the default lost 94 of 100)."""
    return AIOKafkaProducer(**brokers.options(), acks="all", enable_idempotence=True, **options)


def new_consumer(brokers: Brokers, **options: Any) -> Any:
    """Make a consumer, not yet started, that commits nothing by itself."""
    return AIOKafkaConsumer(**brokers.options(), enable_auto_commit=False, **options)


def new_admin(brokers: Brokers, **options: Any) -> Any:
    """Make an admin client, not yet started."""
    return AIOKafkaAdminClient(**brokers.options(), **options)
