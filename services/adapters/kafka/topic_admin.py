"""Creates, deletes and describes topics with Kafka's admin client. Every failure is a TopicsError of one line."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

from aiokafka import TopicPartition
from aiokafka.admin import NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, NodeNotReadyError, TopicAlreadyExistsError, for_code

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.clients import new_admin

_WAIT_TRIES, _REQUEST_TRIES = 100, 10
_PAUSE_S = 0.1


class TopicsError(Exception):
    """Kafka can't be reached, or refuses to create a topic; the message is one clear line."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A topic as it must be, or as it is: its partitions, its copies, its settings as Kafka spells them."""

    name: str
    partitions: int
    copies: int
    settings: Mapping[str, str]


class TopicAdmin:
    """Kafka's admin client; every method raises TopicsError."""

    def __init__(self, brokers: KafkaConnection) -> None:
        self._brokers, self._client = brokers, new_admin(brokers, request_timeout_ms=10_000)

    async def __aenter__(self) -> Self:
        try:
            await self._client.start()
        except (KafkaError, OSError) as wrong:
            await self._client.close()
            raise TopicsError(self._brokers.no_answer) from wrong
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def _request(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """Send a request to the broker that the client picks; it also picks one that has just died, and then another is tried."""
        for _ in range(_REQUEST_TRIES):
            try:
                return await call()
            except NodeNotReadyError:
                await asyncio.sleep(_PAUSE_S)
            except (KafkaError, OSError, TimeoutError) as wrong:
                raise TopicsError(self._brokers.no_answer) from wrong
        raise TopicsError(self._brokers.no_answer)

    async def brokers(self) -> int:
        """Return the number of brokers that are up or named: one that is away for a moment makes a cluster no smaller."""
        up = len((await self._request(self._client.describe_cluster))["brokers"])
        return max(up, len(self._brokers.addresses.split(",")))

    async def create(self, wanted: list[Plan]) -> None:
        """Create the topics that do not exist."""
        new = [
            NewTopic(plan.name, num_partitions=plan.partitions, replication_factor=plan.copies, topic_configs=dict(plan.settings))
            for plan in wanted
        ]
        answer = await self._request(partial(self._client.create_topics, new))
        for name, code, *_ in answer.topic_errors:
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise TopicsError(f"Kafka refuses to create {name}: {error.__name__}")

    async def names(self) -> list[str]:
        """List the names of all topics."""
        return list(await self._request(self._client.list_topics))

    async def delete(self, names: list[str]) -> None:
        """Delete topics, and wait until they are gone."""
        answer = await self._request(partial(self._client.delete_topics, names)) if names else None
        for name, code in answer.topic_error_codes if answer else ():
            if code:
                raise TopicsError(f"Kafka refuses to delete {name}: {for_code(code).__name__}")
        for _ in range(_WAIT_TRIES):
            if not set(names) & set(await self.names()):
                return
            await asyncio.sleep(_PAUSE_S)
        raise TopicsError("Kafka deletes the topics, but is not done yet: try again in a moment")

    async def delete_below(self, topic: str, offsets: Mapping[int, int]) -> None:
        """Delete the records of a topic below an offset of each of these partitions: no reader sees them from now on.

        Their bytes leave the disk with the segment that holds them.
        """
        below = {TopicPartition(topic, partition): RecordsToDelete(offset) for partition, offset in offsets.items()}
        if below:
            await self._request(partial(self._client.delete_records, below))

    async def wait_for_leaders(self, names: list[str]) -> None:
        """Wait until every partition has a leader: a topic is listed a little before it can be written to."""
        for _ in range(_WAIT_TRIES):
            topics = await self._request(partial(self._client.describe_topics, names))
            if all(topic["partitions"] and all(part["leader"] >= 0 for part in topic["partitions"]) for topic in topics):
                return
            await asyncio.sleep(_PAUSE_S)
        raise TopicsError("Kafka made the topics but gives them no leader")

    async def describe(self, names: list[str]) -> dict[str, Plan]:
        """Return each of these topics that exists, as it is, by name."""
        topics = [topic for topic in await self._request(partial(self._client.describe_topics, names)) if topic["error_code"] == 0]
        settings = await self._settings([topic["topic"] for topic in topics])
        return {
            topic["topic"]: Plan(
                topic["topic"],
                len(topic["partitions"]),
                min(len(part["replicas"]) for part in topic["partitions"]),
                settings[topic["topic"]],
            )
            for topic in topics
        }

    async def _settings(self, names: list[str]) -> dict[str, dict[str, str]]:
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        answers: list[Any] = await self._request(partial(self._client.describe_configs, resources)) if resources else []
        described = [resource for answer in answers for resource in answer.resources]
        return {name: {entry[0]: entry[1] for entry in entries} for _, _, _, name, entries in described}
