"""Changing a topic's settings behind the back of the services, as somebody with a Kafka tool might."""

from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.clients import new_admin
from services.adapters.kafka.topic_admin import Plan
from services.adapters.kafka.topics import Topics, plans


async def change(brokers: KafkaConnection, topic: str, settings: dict[str, str]) -> None:
    """Give a topic of ours these settings beside those it ought to have."""
    names = Topics(topic.rpartition(".")[0])
    ought: Plan = next(plan for plan in plans(names, brokers=len(brokers.addresses.split(","))) if plan.name == topic)
    admin = new_admin(brokers, request_timeout_ms=10_000)
    try:
        await admin.start()
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, {**ought.settings, **settings})
        for answer in await admin.alter_configs([resource]):
            for code, *_ in answer.resources:
                if code:
                    raise for_code(code)
    finally:
        await admin.close()
