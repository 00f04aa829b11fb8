"""Clients of Kafka have one owner, and the guarantees that the rest stands on."""

import asyncio
import re
from pathlib import Path

import pytest
from aiokafka.errors import KafkaError

import services
from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.clients import new_consumer, new_producer, stop_consumer

# Where the names of aiokafka's clients may stand: their owner
_OWNER = Path("adapters/kafka/clients.py")


def test_one_module_makes_clients_of_kafka() -> None:
    """No other module names a client of aiokafka: it would lack the credentials outside loopback."""
    top = Path(services.__file__ or "").parent
    named = re.compile(r"AIOKafka(Producer|Consumer|AdminClient)\b|kafka://")
    found = {file.relative_to(top) for file in top.rglob("*.py") if named.search(file.read_text("utf-8"))}
    assert found == {_OWNER, Path("processor/faust_integration.py")}


async def test_a_producer_writes_once_and_waits_for_all_replicas() -> None:
    """What is acknowledged is with every replica, and a retry of the producer makes no second record."""
    producer = new_producer(KafkaConnection("127.0.0.1:1"))
    assert producer._sender._acks == -1  # all of them, as the protocol has it
    assert producer._txn_manager is not None  # without one it is not idempotent


async def test_a_consumer_commits_only_what_it_is_told_to() -> None:
    """No offset is committed by time: a record counts as handled when its effect is in the log."""
    assert new_consumer(KafkaConnection("127.0.0.1:1"))._enable_auto_commit is False


class _CutOff:
    """A consumer of which the stop is cut off, as where a fetch waited for a broker that was away."""

    def __init__(self, wrong: BaseException) -> None:
        self.wrong, self.closed, self._client = wrong, False, self

    async def stop(self) -> None:
        """Fail to stop."""
        raise self.wrong

    async def close(self) -> None:
        """Close the connection."""
        self.closed = True


@pytest.mark.parametrize("wrong", [asyncio.CancelledError(), KafkaError("away")], ids=["cancelled", "failed"])
async def test_a_stop_that_is_cut_off_ends_nothing_else(wrong: BaseException) -> None:
    """A consumer whose stop ends with a cancellation or an error is closed all the same, and its caller goes on."""
    consumer = _CutOff(wrong)
    await stop_consumer(consumer)
    assert consumer.closed
