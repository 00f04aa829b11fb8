"""The contract suite of the refusal log: Kafka and its twin in memory keep the same guarantees."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from services.adapters.clock import now_ms, seconds
from services.adapters.codec.validation import FieldProblem
from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.http.app_factory import running
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.kafka.producer import Producer
from services.adapters.kafka.topics import Topics, create_topics
from services.adapters.observability.metrics import Metrics
from services.gateway.refusals.refusal import IntakeRefusal
from services.gateway.refusals.refusal_log import KafkaRefusalLog, RefusalLog
from tests.controlled_servers import Kafka
from tests.twins.memory_refusals import MemoryRefusalLog
from tests.waiting import until

_ORGANISATIONS = ("org-1", "org-2", "org-3")


@dataclass
class Refused:
    """A refusal log, and the way to append to it."""

    log: RefusalLog
    append: Callable[[str, int], Awaitable[None]]


def refusal(topics: Topics, organisation: str, offset: int) -> IntakeRefusal:
    """Make the refusal of a record of an organisation's topic."""
    problems = (FieldProblem("/data/unit", "bad_format"),)
    return IntakeRefusal(topic=topics.intake(organisation), partition=0, offset=offset, time=now_ms(), event=None, errors=problems)


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.e2e)])
def brokers(request: pytest.FixtureRequest) -> KafkaConnection | None:
    """Return the Kafka of the session; None for the twin, for which nothing is started."""
    kafka: Kafka | None = request.getfixturevalue("kafka") if request.param == "kafka" else None
    return kafka.brokers if kafka else None


@pytest_asyncio.fixture
async def refused(brokers: KafkaConnection | None, prefix: str) -> AsyncIterator[Refused]:
    """Make each refusal log, with the topics of three organisations, none of which has a refusal."""
    topics = Topics(prefix)
    if brokers is None:
        log = MemoryRefusalLog(topics, {organisation: [] for organisation in _ORGANISATIONS})

        async def append(organisation: str, offset: int) -> None:
            record = refusal(topics, organisation, offset).record(topics.refused(organisation))
            log.refused[organisation].append((now_ms(), record))

        yield Refused(log, append)
        return
    await create_topics(brokers, prefix, 1, organisations=_ORGANISATIONS)
    producer, in_kafka = Producer(brokers, seconds, Metrics()), KafkaRefusalLog(brokers, topics)

    async def produce(organisation: str, offset: int) -> None:
        await producer.append([refusal(topics, organisation, offset).record(topics.refused(organisation))])

    async with running(producer.run_forever):
        await until(lambda: producer.ready)
        yield Refused(in_kafka, produce)
    await in_kafka.close()


async def test_it_lists_the_organisations_that_have_a_topic(refused: Refused) -> None:
    """The organisations are those with a topic for refusals."""
    assert await refused.log.organisations() == frozenset(_ORGANISATIONS)


async def test_it_reads_the_newest_of_each_organisation_and_of_no_other(refused: Refused) -> None:
    """Of each organisation that is asked for, at most so many refusals are read: the last ones; of none it reads nothing."""
    assert await refused.log.newest(_ORGANISATIONS, 0, 2) == []
    for offset in range(3):
        await refused.append("org-1", offset)
        await refused.append("org-2", 10 + offset)
    found = await refused.log.newest({"org-1", "org-3"}, 0, 2)
    assert [each["offset"] for each in found] == [1, 2]
    assert sorted(each["offset"] for each in await refused.log.newest({"org-1", "org-2"}, 0, 5)) == [0, 1, 2, 10, 11, 12]
    assert await refused.log.newest(set(), 0, 5) == []


async def test_it_reads_none_that_is_too_old(refused: Refused) -> None:
    """A refusal of before `since` is left out, also while the broker still has it."""
    await refused.append("org-1", 0)
    assert await refused.log.newest({"org-1"}, now_ms() + 1_000, 5) == []


async def test_without_kafka_it_raises() -> None:
    """Without Kafka there is no empty list: that would say that nothing was refused."""
    log: Any = KafkaRefusalLog(KafkaConnection("127.0.0.1:1"), Topics("plek"))
    with pytest.raises(LogUnavailableError):
        await log.organisations()
    with pytest.raises(LogUnavailableError):
        await log.newest({"org-1"}, 0, 1)
