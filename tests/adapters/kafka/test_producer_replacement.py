"""When a producer is given up for a new one, by itself: no broker is there."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka.errors import KafkaError

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.ports import LogPosition, LogRecord, LogUnavailableError
from services.adapters.kafka.producer import Producer
from services.adapters.observability.metrics import Metrics

_RECORD = LogRecord("t", b"k", b"v")


class _Batcher:
    """Takes records when a test says so, or fails."""

    def __init__(self, wrong: Exception | None = None) -> None:
        self.wrong, self.goes_on = wrong, asyncio.Event()
        self.goes_on.set()

    async def append(self, records: Sequence[LogRecord]) -> list[LogPosition]:
        """Acknowledge, or fail."""
        await self.goes_on.wait()
        if self.wrong:
            raise self.wrong
        return [LogPosition(0, number) for number in range(len(records))]


def _producing(*readings: float) -> tuple[Producer, _Batcher]:
    """Return a producer that is connected, with a clock that is read as stated and then stands still."""
    left = list(readings)
    producer, batcher = Producer(KafkaConnection("127.0.0.1:1"), lambda: left.pop(0) if len(left) > 1 else left[0], Metrics()), _Batcher()
    _use(producer, batcher)
    return producer, batcher


def _use(producer: Producer, batcher: Any) -> None:
    producer._batcher = batcher


@pytest.mark.parametrize("wrong", [KafkaError("away"), ConnectionResetError(), TimeoutError()], ids=lambda wrong: type(wrong).__name__)
async def test_a_producer_that_gets_no_acknowledgement_is_given_up(wrong: Exception) -> None:
    """After an append that failed, or was not acknowledged in time, the producer is replaced, and until then none is ready."""
    producer, batcher = _producing(1.0)
    batcher.wrong = wrong
    with pytest.raises(LogUnavailableError):
        await producer.append([_RECORD])
    assert (producer.ready, producer._failed.is_set()) == (False, True)


async def test_a_late_failure_of_an_old_producer_leaves_the_new_one() -> None:
    """A request that fails with a producer that was replaced meanwhile does not give up the one in its place."""
    producer, old = _producing(1.0)
    old.goes_on.clear()
    old.wrong = KafkaError("abandoned")
    late = asyncio.create_task(producer.append([_RECORD]))
    await asyncio.sleep(0)
    _use(producer, _Batcher())
    old.goes_on.set()
    with pytest.raises(LogUnavailableError):
        await late
    assert (producer.ready, producer._failed.is_set()) == (True, False)


@pytest.mark.parametrize(("acknowledged_at", "kept"), [(4.0, False), (5.0, False), (6.0, True)])
async def test_a_slow_request_among_quick_ones_keeps_its_producer(acknowledged_at: float, kept: bool) -> None:  # noqa: FBT001 - a row
    """A producer that acknowledged another request since this one began is busy, and not away: it stays."""
    producer, batcher = _producing(5.0)
    batcher.wrong = TimeoutError()
    producer._acked_at = acknowledged_at
    with pytest.raises(LogUnavailableError):
        await producer.append([_RECORD])
    assert producer.ready is kept


async def test_an_acknowledgement_counts_from_when_it_came() -> None:
    """The last acknowledgement is dated when it arrives, not when its request began."""
    producer, _ = _producing(5.0, 7.0)
    await producer.append([_RECORD])
    assert producer._acked_at == 7.0


async def test_without_a_producer_an_append_fails_at_once() -> None:
    """While no producer is connected nothing is taken, and nothing is waited for."""
    with pytest.raises(LogUnavailableError):
        await Producer(KafkaConnection("127.0.0.1:1"), lambda: 0.0, Metrics()).append([_RECORD])
