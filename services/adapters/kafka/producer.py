"""Appends to Kafka with an idempotent producer, acknowledged by all replicas, that is replaced by a new one when it fails for good.

aiokafka never gives up an idempotent batch: without a timeout of our own a request would hang for as long as Kafka is away, and its
events would arrive long after the caller got a 503.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from aiokafka.errors import KafkaError

from services.adapters.clock import Stopwatch
from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.batching import PartitionBatcher
from services.adapters.kafka.clients import new_producer
from services.adapters.kafka.ports import LogPosition, LogRecord, LogUnavailableError, TooLargeError
from services.adapters.observability.metrics import Metrics

_log = logging.getLogger(__name__)

# A caller gets a 503 within 5 s, whatever Kafka does.
_ACK_S = 4.0
_CONNECT_S = 10.0
_RETRY_S = 0.5
# A gateway without requests also notices that Kafka is away, and /readyz says so.
_PROBE_S = 5.0
_STOP_S = 1.5
_NUDGE_S = 0.05
# Requests of many callers share a batch, which one broker flushes to its disk once: 16 KiB gives 28,000 events a second, this 69,000.
_BATCH_BYTES = 262_144
# Leaves room for key, headers and the frame of a batch below the 1 MiB that a broker accepts.
LARGEST_BYTES = 1_000_000
_FRAME_BYTES = 48_576


class Producer:
    """Appends to Kafka while `run_forever` runs."""

    def __init__(
        self, brokers: KafkaConnection, seconds: Stopwatch, metrics: Metrics, largest_bytes: int = LARGEST_BYTES, *, part: str = "kafka"
    ) -> None:
        self._brokers, self._seconds, self._metrics, self._largest, self._part = brokers, seconds, metrics, largest_bytes, part
        self._batcher: PartitionBatcher | None = None
        self._failed = asyncio.Event()
        self._acked_at = 0.0

    @property
    def ready(self) -> bool:
        """Whether Kafka answers, as far as is known."""
        return self._batcher is not None

    async def run_forever(self) -> None:
        """Keep a producer connected until cancelled; then what was handed over gets a moment to be acknowledged."""
        while True:
            producer = await self._connected()
            self._failed.clear()
            batcher = PartitionBatcher(producer)
            self._batcher, self._acked_at = batcher, self._seconds()
            self._metrics.set("plek_part_up", 1, part=self._part)
            _log.info("Kafka answers")
            try:
                await self._watch(producer)
            finally:
                self._batcher = None
                self._metrics.set("plek_part_up", 0, part=self._part)
                _log.info("disconnecting from Kafka")
                await (_abandon(producer) if self._failed.is_set() else _stop(producer, batcher))
            self._metrics.count("plek_producers_replaced_total")

    async def _watch(self, producer: Any) -> None:
        """Return when a producer has failed: a request noticed it, or a probe got no answer."""
        while not self._failed.is_set():
            try:
                await asyncio.wait_for(self._failed.wait(), _PROBE_S)
            except TimeoutError:
                if not await _answers(producer):
                    self._failed.set()

    async def append(self, records: Sequence[LogRecord]) -> list[LogPosition]:
        """Append in order, and return the position of each once all are acknowledged; LogUnavailableError, TooLargeError."""
        batcher, started = self._batcher, self._seconds()
        if batcher is None:
            raise LogUnavailableError
        if any(len(record.value or b"") > self._largest for record in records):
            raise TooLargeError
        try:
            async with asyncio.timeout(_ACK_S):
                positions = await batcher.append(records)
        except (KafkaError, OSError, TimeoutError) as wrong:
            self._give_up(batcher, wrong, started)
            raise LogUnavailableError from wrong
        self._acked_at = self._seconds()
        self._metrics.observe("plek_ack_seconds", self._acked_at - started)
        return positions

    def _give_up(self, batcher: PartitionBatcher, wrong: Exception, started: float) -> None:
        """Give a producer up when it failed, or when it got no acknowledgement since this request began."""
        silent = not isinstance(wrong, TimeoutError) or self._acked_at <= started
        if silent and batcher is self._batcher:
            self._batcher = None
            self._failed.set()

    async def _connected(self) -> Any:
        while True:
            producer = new_producer(
                self._brokers,
                max_batch_size=_BATCH_BYTES,
                max_request_size=self._largest + _FRAME_BYTES,
                request_timeout_ms=int(_ACK_S * 1_000),
            )
            try:
                await asyncio.wait_for(producer.start(), _CONNECT_S)
            except (KafkaError, OSError, TimeoutError):
                await _abandon(producer)
                await asyncio.sleep(_RETRY_S)
            except BaseException:
                await _abandon(producer)
                raise
            else:
                return producer


async def _answers(producer: Any) -> bool:
    try:
        return bool(await asyncio.wait_for(producer.client.force_metadata_update(), _ACK_S))
    except (KafkaError, OSError, TimeoutError):
        return False


async def _stop(producer: Any, batcher: PartitionBatcher) -> None:
    try:
        async with asyncio.timeout(_STOP_S):
            await batcher.flush()
            await producer.stop()
    except (KafkaError, OSError, TimeoutError):
        await _abandon(producer)


async def _abandon(producer: Any) -> None:
    """End a producer without waiting for what it still holds, and completely, also when this task is cancelled meanwhile."""
    ending = asyncio.create_task(_end(producer))
    try:
        await asyncio.shield(ending)
    except asyncio.CancelledError:
        await ending
        raise


async def _end(producer: Any) -> None:
    """Cancel what a producer holds, and stop it: its own stop() would flush first, and so wait for Kafka."""
    task = producer._sender.sender_task  # noqa: SLF001 - there is no other way; a test watches it
    while task and not task.done():
        task.cancel()  # the first ends the sender, the next ones each request it waits for
        await asyncio.wait([task], timeout=_NUDGE_S)
    producer._message_accumulator.fail_all(KafkaError("abandoned"))  # noqa: SLF001 - those who still wait get an error
    with suppress(KafkaError, OSError, TimeoutError):
        await asyncio.wait_for(producer.stop(), _STOP_S)
