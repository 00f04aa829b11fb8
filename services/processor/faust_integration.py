"""All that leans on half-private parts of Faust, in one file; tests/processor/test_faust_integration.py fails when an upgrade breaks it.

An agent is handed batches of one partition, a consumer starts where the view stands however long the view takes to be loaded, and group
offsets follow the view.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import faust
from faust.serializers import codecs
from faust.tables import TableManager
from faust.tables.recovery import Recovery
from faust.transport.drivers import aiokafka as driver
from faust.transport.utils import DefaultSchedulingStrategy
from faust.types import TP

from services.adapters.config.kafka_connection import KafkaConnection

# Large enough that Faust's cost per event vanishes, small enough that one batch is folded and written within a heartbeat.
BATCH_SIZE: Final = 2_000

NextOffsets = Callable[[Mapping[TP, int]], Awaitable[dict[TP, int]]]
"""From the group's offset of each partition that was assigned to the offset it is to be read from."""
Folded = Callable[[], dict[TP, int]]
"""Returns the offset that follows on the view, of each partition."""


class Batch:
    """Many records in the form of one: the offset of the last record, and all records as its value."""

    __slots__ = (
        "checksum",
        "headers",
        "key",
        "offset",
        "partition",
        "serialized_key_size",
        "serialized_value_size",
        "timestamp",
        "timestamp_type",
        "topic",
        "value",
    )

    def __init__(self, records: list[Any]) -> None:
        last = records[-1]
        self.topic, self.partition, self.offset = last.topic, last.partition, last.offset
        self.timestamp, self.timestamp_type = last.timestamp, last.timestamp_type
        self.headers, self.key, self.value = (), None, records
        self.checksum, self.serialized_key_size, self.serialized_value_size = None, 0, 0


class BatchScheduler(DefaultSchedulingStrategy):
    """Faust's `ConsumerScheduler`: batches of one partition instead of single records."""

    def iterate(self, records: Mapping[TP, list[Any]]) -> Iterator[tuple[TP, Any]]:
        """Yield what was fetched in batches of one partition, the partitions in turn: two batches of one can't be folded at once."""
        for start in range(0, max(map(len, records.values()), default=0), BATCH_SIZE):
            for tp, fetched in records.items():
                if start < len(fetched):
                    yield tp, Batch(fetched[start : start + BATCH_SIZE])


class _PassThrough(codecs.Codec):
    """Leaves a batch as it is: it is no bytes."""

    def _loads(self, s: Any) -> Any:
        return s

    def _dumps(self, s: Any) -> Any:
        return s


codecs.register("plek-batch", _PassThrough())


class ViewConsumer(driver.Consumer):
    """A consumer that starts and commits at the positions of the view: with batches Faust's own bookkeeping lags behind."""

    next_offsets: NextOffsets
    folded: Folded

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek every partition to the offset that follows on the view."""
        committed = await super().seek_to_committed()
        self.committed = {tp: max(committed.get(tp) or 0, 0) for tp in self.assignment()}
        wanted = await self.next_offsets(self.committed)
        await self.seek_wait(wanted)
        return wanted

    async def _commit(self, _offsets: Mapping[TP, int]) -> bool:
        """Commit the positions of the view, whatever Faust counts as acknowledged, but never back: below them dead letters were sent."""
        committed: dict[TP, int] = getattr(self, "committed", {})
        further = {tp: offset for tp, offset in self.folded().items() if offset > committed.get(tp, offset)}
        if further and await super()._commit(further):
            committed |= further
        return True

    async def commit_positions(self) -> None:
        """Commit the positions of the view now."""
        await self._commit({})

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Check nothing: Faust's check compares clocks of two kinds; `stall_watchdog.py` compares positions."""


class _Recovery(Recovery):
    """What Faust does with the partitions of an assignment: here it only seeks them, and then reads them."""

    async def _wait(self, coro: Any, timeout: Any = None) -> None:  # noqa: ARG002, ASYNC109 - Faust passes it
        """Wait for as long as it takes: to seek is to load partitions, which waits for Redis and Kafka.

        Faust gives a seek the time of one request (10 s). Where that is over it takes the service for stopped, ends this task and logs
        nothing: the worker keeps its partitions and its seat in the group, and never reads a record.
        """
        await super()._wait(coro)


class _Tables(TableManager):
    """No tables; the seek after an assignment is in here."""

    _recovery: Recovery | None

    @property
    def recovery(self) -> Recovery:
        """The service that seeks."""
        if self._recovery is None:
            self._recovery = _Recovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return self._recovery


class _App(faust.App):
    """An app without tables: it needs no directory in the folder it is started from."""

    def _create_directories(self) -> None:
        """Create none."""


def _credentials(brokers: KafkaConnection) -> Any:
    """Return the credentials of `services/adapters/kafka/clients.py` for the clients that Faust makes; None where none are needed."""
    context = brokers.tls()
    if brokers.authenticates:
        return faust.SASLCredentials(username=brokers.user, password=brokers.password, mechanism=brokers.mechanism, ssl_context=context)
    return faust.SSLCredentials(context) if context else None


def batching_app(name: str, brokers: KafkaConnection, session_timeout: float, next_offsets: NextOffsets, folded: Folded) -> faust.App:
    """Return a Faust app with agents that get batches and a consumer that starts and commits at the positions of the view."""
    app = _App(
        name,
        broker=";".join(f"kafka://{address}" for address in brokers.addresses.split(",")),
        broker_credentials=_credentials(brokers),
        store="memory://",
        ConsumerScheduler=BatchScheduler,
        TableManager=_Tables,
        stream_wait_empty=False,  # true: a stop waits for streams that never end
        stream_buffer_maxsize=16,  # batches, not records: more would only be thrown away at a rebalance
        table_standby_replicas=0,
        topic_disable_leader=True,
        topic_allow_declare=False,  # topics are made when the cluster is set up
        consumer_auto_offset_reset="earliest",
        broker_commit_interval=1.0,
        broker_max_poll_records=5_000,
        broker_session_timeout=session_timeout,
        broker_heartbeat_interval=session_timeout / 4,
        broker_request_timeout=max(10.0, session_timeout + 1),
        web_enabled=False,
    )

    class Transport(driver.Transport):
        Consumer = type("Consumer", (ViewConsumer,), {"next_offsets": staticmethod(next_offsets), "folded": staticmethod(folded)})

    app.transport = Transport(app.conf.broker_consumer, app)
    return app


def batches_of(app: faust.App, topic: str) -> Any:
    """Return a topic of which the records arrive in batches."""
    return app.topic(topic, key_serializer="plek-batch", value_serializer="plek-batch")


def assigned(app: faust.App, topic: str) -> list[int]:
    """List the partitions of a topic that this worker owns now."""
    if app.rebalancing or not app.consumer:
        return []
    tps: Iterable[TP] = app.consumer.assignment()
    return sorted(tp.partition for tp in tps if tp.topic == topic)
