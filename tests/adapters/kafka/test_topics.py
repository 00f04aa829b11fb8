"""Topics: their names, and a cluster with wrong settings."""

from dataclasses import replace

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.topic_admin import TopicsError
from services.adapters.kafka.topics import Topics, check_topics, create_topics, delete_topics, differences, list_worlds, partition_of, plans
from tests.controlled_servers import Kafka


def test_names_begin_with_the_prefix() -> None:
    """Each prefix has topics of its own, and each organisation an intake topic."""
    topics = Topics("sim")
    assert (topics.truth("beds"), topics.truth("demand")) == ("sim.bed-events", "sim.demand-events")
    assert topics.organisation(topics.intake("de-linden")) == "de-linden"


@pytest.mark.parametrize("name", ["plek.intake.", "plek.intake.A", "plek.intake.a.b", "xplek.intake.a", "plekXintake.a", "plek.bed-events"])
def test_other_topics_are_no_intake(name: str) -> None:
    """The pattern of intake topics matches a whole name, and a dot only for a dot."""
    assert Topics("plek").organisation(name) is None


@pytest.mark.parametrize(("key", "hashed"), [(b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536)])
def test_keys_go_where_every_client_puts_them(key: bytes, hashed: int) -> None:
    """The hashes are those of Kafka's own tests: any client gives a key the same partition."""
    assert partition_of(key, 12) == (hashed & 0x7FFFFFFF) % 12


def test_truth_is_never_deleted_and_safe_before_it_is_acknowledged() -> None:
    """A truth topic is never compacted nor expired, timed by the broker, and has two copies with three brokers and a flush with one."""
    for brokers, safe in ((1, {"flush.messages": "1"}), (3, {"min.insync.replicas": "2", "unclean.leader.election.enable": "false"})):
        for plan in plans(Topics("plek"), brokers=brokers)[:2]:
            kept = {"retention.ms": "-1", "cleanup.policy": "delete", "message.timestamp.type": "LogAppendTime"}
            assert (kept | safe).items() <= plan.settings.items()
            assert plan.copies == (3 if brokers == 3 else 1)


def test_each_difference_is_one_clear_line() -> None:
    """A missing topic, its partitions, copies and settings are a line each; other settings are the operator's."""
    wanted = plans(Topics("plek"), brokers=3)[0]
    assert differences(wanted, None) == ["plek.bed-events: missing"]
    assert differences(wanted, replace(wanted, copies=4, settings={**wanted.settings, "segment.bytes": "1"})) == []
    found = replace(wanted, partitions=3, copies=1, settings={**wanted.settings, "retention.ms": "604800000"})
    assert differences(wanted, found) == [
        "plek.bed-events: has 3 partitions, must have 12",
        "plek.bed-events: has 1 copies, must have 3",
        "plek.bed-events: retention.ms is 604800000, must be -1",
    ]


@pytest.mark.e2e
async def test_topics_of_another_program_hide_no_data_set(kafka: Kafka, prefix: str) -> None:
    """A data set is listed beside topics whose prefix begins like one and is no name of one, because it is too long."""
    named, nameless = f"sim-{prefix[-8:]}", f"sim-{'x' * 41}"
    for each in (named, nameless):
        await create_topics(kafka.brokers, each, 1)
    listed = await list_worlds(kafka.brokers)
    assert (named in listed, nameless in listed) == (True, False)
    for each in (named, nameless):
        await delete_topics(kafka.brokers, each)


@pytest.mark.e2e
async def test_topics_are_made_once_and_checked(kafka: Kafka, prefix: str) -> None:
    """Creating topics again changes nothing; another number of partitions is listed."""
    assert await check_topics(kafka.brokers, prefix) == [f"{plan.name}: missing" for plan in plans(Topics(prefix), brokers=1)]
    for _ in range(2):
        await create_topics(kafka.brokers, prefix, organisations=["org-1"])
    assert await check_topics(kafka.brokers, prefix) == []
    assert f"{prefix}.bed-events: has 12 partitions, must have 3" in await check_topics(kafka.brokers, prefix, 3)


@pytest.mark.e2e
@pytest.mark.parametrize("topic", ["bed-events", "demand-events", "intake.org-1"])
async def test_what_is_too_large_unpacked_does_not_come_in(kafka: Kafka, prefix: str, topic: str) -> None:
    """A few kilobytes that decompress to many megabytes are refused: their dead letter would stop the partition."""
    await create_topics(kafka.brokers, prefix, organisations=["org-1"])
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, compression_type="gzip", max_request_size=9_000_000) as producer:
        with pytest.raises(MessageSizeTooLargeError):
            await producer.send_and_wait(f"{prefix}.{topic}", b"x" * 5_000_000, b"berk")
        await producer.send_and_wait(f"{prefix}.{topic}", b"x" * 1_000_000, b"berk")


async def test_without_kafka_it_says_so_in_one_line() -> None:
    """Without Kafka the error is one line with the address, without a traceback of the client."""
    with pytest.raises(TopicsError, match=r"^Kafka does not answer at 127\.0\.0\.1:1$"):
        await create_topics(KafkaConnection("127.0.0.1:1"), "plek")
