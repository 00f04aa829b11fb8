"""The half-private parts of Faust that the processor uses are as it expects them: an upgrade that breaks it fails here, by name."""

import asyncio
import inspect
from dataclasses import dataclass

import faust
import pytest
from faust.tables.recovery import Recovery, ServiceStopped
from faust.transport.consumer import Consumer as AnyConsumer
from faust.transport.consumer import ThreadDelegateConsumer
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from services.adapters.config.kafka_connection import KafkaConnection
from services.processor.faust_integration import BATCH_SIZE, Batch, BatchScheduler, ViewConsumer, batching_app


@dataclass(frozen=True, slots=True)
class Fetched:
    """A record as aiokafka returns it."""

    topic: str
    partition: int
    offset: int
    timestamp: int = 5
    timestamp_type: int = 1


async def nowhere(_: object) -> dict[TP, int]:
    """Return no offsets."""
    return {}


def test_the_scheduler_cuts_what_was_fetched_into_batches_of_one_partition() -> None:
    """The scheduler gives Faust batches of one partition, in order and without loss, the partitions in turn."""
    fetched = {TP("t", 0): [Fetched("t", 0, offset) for offset in range(BATCH_SIZE + 3)], TP("t", 1): [Fetched("t", 1, 9)]}
    cut = list(BatchScheduler().iterate(fetched))
    assert [(tp.partition, len(batch.value), batch.offset) for tp, batch in cut] == [
        (0, BATCH_SIZE, BATCH_SIZE - 1),
        (1, 1, 9),
        (0, 3, BATCH_SIZE + 2),
    ]


def test_a_batch_has_all_that_faust_reads_of_a_record() -> None:
    """A batch has every attribute that the driver copies into its message."""
    message = inspect.getsource(driver.Consumer._to_message)
    read = {name for name in Batch.__slots__ if f"record.{name}" in message}
    wanted = {word.split("record.")[1].split(",")[0].strip().rstrip(")") for word in message.split("\n") if "record." in word}
    assert wanted <= read


def test_what_is_overridden_exists() -> None:
    """Each method that is overridden is one that Faust calls, with these arguments."""
    assert inspect.signature(ThreadDelegateConsumer.seek_to_committed).parameters.keys() == {"self"}
    assert list(inspect.signature(ThreadDelegateConsumer._commit).parameters) == ["self", "offsets"]
    assert list(inspect.signature(driver.Consumer.verify_event_path).parameters) == ["self", "now", "tp"]
    assert "self.seek_to_committed()" in inspect.getsource(AnyConsumer.perform_seek)
    assert "self._create_directories()" in inspect.getsource(faust.App)
    assert "self._commit(" in inspect.getsource(AnyConsumer._commit_offsets)
    assert "self.scheduler.iterate(" in inspect.getsource(AnyConsumer.getmany)


async def test_a_seek_may_take_longer_than_a_request_to_a_broker() -> None:
    """Partitions are loaded for as long as it takes; Faust itself takes a seek that is late for a stop, and reads no record ever after."""
    app = batching_app("x", KafkaConnection("127.0.0.1:1"), 8.0, nowhere, dict)
    sought: list[str] = []

    async def seek(name: str) -> None:
        await asyncio.sleep(0.05)
        sought.append(name)

    recovery = app.tables.recovery
    with pytest.raises(ServiceStopped):
        await Recovery._wait(recovery, seek("as Faust has it"), timeout=0.01)
    await recovery._wait(seek("as it is here"), timeout=0.01)
    assert sought == ["as it is here"]
    assert "await self._wait(\n                consumer.perform_seek(), timeout=" in inspect.getsource(Recovery._resume_streams)


def test_the_app_is_set_up_as_measured() -> None:
    """The app has the settings that matter: the view's consumer, short sessions, a shutdown that does not wait for streams."""
    app = batching_app("x", KafkaConnection("127.0.0.1:1,127.0.0.1:2"), 8.0, nowhere, dict)
    assert issubclass(app.transport.Consumer, ViewConsumer)
    assert (app.conf.broker_session_timeout, app.conf.broker_heartbeat_interval) == (8.0, 2.0)
    assert (app.conf.stream_wait_empty, app.conf.topic_allow_declare, app.conf.table_standby_replicas) == (False, False, 0)
    assert [str(url) for url in app.conf.broker] == ["kafka://127.0.0.1:1", "kafka://127.0.0.1:2"]


@pytest.mark.parametrize(
    "brokers",
    [
        KafkaConnection("k:1"),
        KafkaConnection("k:1", "SSL"),
        KafkaConnection("k:1", "SASL_PLAINTEXT", "processor", "quite-secret"),
        KafkaConnection("k:1", "SASL_SSL", "processor", "quite-secret", "SCRAM-SHA-256"),
    ],
)
def test_faust_authenticates_as_every_other_client_does(brokers: KafkaConnection) -> None:
    """Faust gives its clients the same credentials as the other clients have; each has a TLS context of its own."""
    app = batching_app("x", brokers, 8.0, nowhere, dict)
    faust_has = dict(driver.credentials_to_aiokafka_auth(app.conf.broker_credentials, app.conf.ssl_context))
    ours = {name: value for name, value in brokers.options().items() if name != "bootstrap_servers"}
    assert (faust_has.pop("ssl_context", None) is None) == (ours.pop("ssl_context") is None)
    assert faust_has == ours
