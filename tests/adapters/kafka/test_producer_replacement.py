"""When a producer is given up for a new one, by itself: no broker is there."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaError

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.http.app_factory import running
from services.adapters.kafka import producer as producer_module
from services.adapters.kafka.ports import LogPosition, LogRecord, LogUnavailableError, TooLargeError
from services.adapters.kafka.producer import Producer
from services.adapters.observability.metrics import Metrics
from tests.waiting import until

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


async def test_a_record_of_the_largest_size_is_taken() -> None:
    """A value of just the largest size is appended, and of one byte more nothing of its batch."""
    producer, batcher = Producer(KafkaConnection("127.0.0.1:1"), lambda: 0.0, Metrics(), largest_bytes=10), _Batcher()
    _use(producer, batcher)
    assert await producer.append([LogRecord("t", b"k", bytes(10))])
    with pytest.raises(TooLargeError):
        await producer.append([_RECORD, LogRecord("t", b"k", bytes(11))])
    assert producer.ready


class _Connected(Producer):
    """A producer whose clients are played; `steps` has how each of them ended."""

    def __init__(self, *, answers: bool = True) -> None:
        super().__init__(KafkaConnection("127.0.0.1:1"), lambda: 0.0, Metrics())
        self.steps: list[str] = []
        self.connected, self._answers = 0, answers

    async def _connected(self) -> Any:
        self.connected += 1
        if self.connected > 1:
            await asyncio.Event().wait()
        return SimpleNamespace(
            stop=self._stop,
            client=SimpleNamespace(force_metadata_update=self._probe),
            _sender=SimpleNamespace(sender_task=None),
            _message_accumulator=SimpleNamespace(fail_all=lambda _: self.steps.append("failed all")),
        )

    async def _stop(self) -> None:
        self.steps.append("stopped")

    async def _probe(self) -> bool:
        return self._answers


async def test_a_producer_that_failed_is_ended_without_waiting() -> None:
    """What a producer that failed still holds is failed, not waited for, before it stops; then the next one is connected."""
    producer = _Connected()
    async with running(producer.run_forever):
        await until(lambda: producer.ready)
        producer._failed.set()
        await until(lambda: producer.connected == 2)
        assert (producer.steps, producer.ready) == (["failed all", "stopped"], False)


async def test_at_the_end_what_was_handed_over_is_sent_first() -> None:
    """A producer that is ended with its process waits for what is on its way, and then stops."""
    producer = _Connected()

    async def on_its_way() -> None:
        await asyncio.sleep(0.01)
        producer.steps.append("acknowledged")

    async with running(producer.run_forever):
        await until(lambda: producer.ready)
        batcher: Any = producer._batcher
        batcher._batchers["t", 0] = SimpleNamespace(sending=asyncio.create_task(on_its_way()))
    assert producer.steps == ["acknowledged", "stopped"]


@pytest.mark.parametrize("answers", [True, False])
async def test_a_probe_without_an_answer_gives_a_producer_up(monkeypatch: pytest.MonkeyPatch, *, answers: bool) -> None:
    """A client whose broker does not answer a probe is no producer any more; one that is answered stays."""
    monkeypatch.setattr(producer_module, "_PROBE_S", 0.01)
    played = _Connected(answers=answers)
    watching = asyncio.create_task(played._watch(await played._connected()))
    await asyncio.wait([watching], timeout=0.1)
    assert (watching.done(), played._failed.is_set()) == (not answers, not answers)
    watching.cancel()
    await asyncio.wait([watching])
