"""Topics: their names, and a cluster that is not as it ought to be."""

from dataclasses import replace

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from services.adapters.brokers import Brokers
from services.adapters.topic_admin import TopicsError
from services.adapters.topics import Topics, check_topics, create_topics, differences, partition_of, plans
from services.local.kafka import Kafka


def test_names_stand_under_a_prefix() -> None:
    """A world of its own per prefix, an intake topic per organisation."""
    topics = Topics("sim")
    assert (topics.truth("beds"), topics.truth("demand")) == ("sim.bed-events", "sim.demand-events")
    assert topics.organisation(topics.intake("de-linden")) == "de-linden"


@pytest.mark.parametrize("name", ["plek.intake.", "plek.intake.A", "plek.intake.a.b", "xplek.intake.a", "plekXintake.a", "plek.bed-events"])
def test_other_topics_are_nobodys_intake(name: str) -> None:
    """The pattern takes a whole name, and a dot for a dot."""
    assert Topics("plek").organisation(name) is None


@pytest.mark.parametrize(("key", "hashed"), [(b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536)])
def test_keys_go_where_every_client_puts_them(key: bytes, hashed: int) -> None:
    """The hashes are those of Kafka's own tests: an organisation that writes with another client means the same partition."""
    assert partition_of(key, 12) == (hashed & 0x7FFFFFFF) % 12


def test_truth_is_never_deleted_and_safe_before_it_is_acknowledged() -> None:
    """With three brokers two copies, with one a flush; never compacted, timed by the broker."""
    for brokers, safe in ((1, {"flush.messages": "1"}), (3, {"min.insync.replicas": "2", "unclean.leader.election.enable": "false"})):
        for plan in plans(Topics("plek"), brokers=brokers)[:2]:
            kept = {"retention.ms": "-1", "cleanup.policy": "delete", "message.timestamp.type": "LogAppendTime"}
            assert (kept | safe).items() <= plan.settings.items()
            assert plan.copies == (3 if brokers == 3 else 1)


def test_each_difference_is_one_clear_line() -> None:
    """Missing, partitions, copies, settings; what the operator set beside that is his."""
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
async def test_topics_are_made_once_and_checked(kafka: Kafka, prefix: str) -> None:
    """Made again nothing changes; another number of partitions or another clock is named."""
    assert await check_topics(kafka.brokers, prefix) == [f"{plan.name}: missing" for plan in plans(Topics(prefix), brokers=1)]
    for _ in range(2):
        await create_topics(kafka.brokers, prefix, organisations=["org-1"])
    assert await check_topics(kafka.brokers, prefix) == []
    assert f"{prefix}.bed-events: message.timestamp.type is LogAppendTime, must be CreateTime" in await check_topics(
        kafka.brokers, prefix, 3, timestamps="CreateTime"
    )


@pytest.mark.e2e
@pytest.mark.parametrize("topic", ["bed-events", "demand-events", "intake.org-1"])
async def test_what_is_too_large_unpacked_does_not_come_in(kafka: Kafka, prefix: str, topic: str) -> None:
    """A few kilobytes that unpack to many megabytes would make a dead letter that no topic takes, and so stop their partition."""
    await create_topics(kafka.brokers, prefix, organisations=["org-1"])
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, compression_type="gzip", max_request_size=9_000_000) as producer:
        with pytest.raises(MessageSizeTooLargeError):
            await producer.send_and_wait(f"{prefix}.{topic}", b"x" * 5_000_000, b"berk")
        await producer.send_and_wait(f"{prefix}.{topic}", b"x" * 1_000_000, b"berk")


async def test_without_kafka_it_says_so_in_one_line() -> None:
    """The address that was tried, and no traceback of a client."""
    with pytest.raises(TopicsError, match=r"^Kafka does not answer at 127\.0\.0\.1:1$"):
        await create_topics(Brokers("127.0.0.1:1"), "plek")
