"""What the gateways read of the intake topics, as their consumer group states it to Kafka."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import KafkaError

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.clients import new_admin
from services.adapters.kafka.log_reader import Log
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.kafka.topics import Topics

# The places of the members in a described group, and of the assignment in a member, in every version of Kafka's answer
_MEMBERS: Final = 5
_ASSIGNMENT: Final = 4


@dataclass(frozen=True, slots=True)
class IntakeGroup:
    """The consumer group of the gateways of one data set; each read is a LogUnavailableError while Kafka does not answer."""

    brokers: KafkaConnection
    topics: Topics

    async def topics_read(self) -> frozenset[str] | None:
        """Return the intake topics that gateways read now; None where no gateway is a member of the group."""
        async with self._admin() as admin:
            described = await admin.describe_consumer_groups([self.topics.intake_group])
        members = [member for answer in described for group in answer.groups for member in group[_MEMBERS]]
        assigned = [ConsumerProtocolMemberAssignment.decode(member[_ASSIGNMENT]) for member in members if member[_ASSIGNMENT]]
        return frozenset(topic for each in assigned for topic, _ in each.assignment) if members else None

    async def unread(self, organisation: str) -> int:
        """Return how many records of an organisation no gateway has read yet."""
        topic = self.topics.intake(organisation)
        async with self._admin() as admin:
            committed = (await admin.list_consumer_group_offsets(self.topics.intake_group)).get(TopicPartition(topic, 0))
        start, end = await self._ends(topic)
        return end - (max(start, committed.offset) if committed else start)

    async def refused(self, organisation: str) -> int:
        """Return how many refusals of an organisation are kept."""
        start, end = await self._ends(self.topics.refused(organisation))
        return end - start

    async def _ends(self, topic: str) -> tuple[int, int]:
        async with Log(self.brokers, topic) as log:
            ends = (await log.ends([0]))[0]
        return ends.start, ends.end

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[Any]:
        admin = new_admin(self.brokers, request_timeout_ms=10_000)
        try:
            await admin.start()
            yield admin
        except (KafkaError, OSError, TimeoutError) as away:
            raise LogUnavailableError("Kafka can't be reached") from away
        finally:
            await admin.close()
