"""How notices are sent: each once, again after a failure while it is due, never in the way of another; with a clock of the test."""

import asyncio
from dataclasses import dataclass, field, replace

from services.adapters.observability.metrics import Metrics
from services.api.notices.delivery_marks import MemoryDeliveryMarks
from services.api.notices.dispatcher import LONGEST_PAUSE_S, MOST_AT_ONCE, Dispatcher, Outcome
from services.api.notices.due_notices import DueNotice

NOTICE = DueNotice(id="msg_1", kind="hold_waits", at=0, until=1_800_000, shelter="berk", organisation="org-1")


@dataclass
class Clock:
    """A clock that stands until it is set."""

    now: float = 1_000.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.now


@dataclass
class Pager:
    """A receiver that answers as the test says, and notes when it was called."""

    clock: Clock
    outcomes: list[Outcome] = field(default_factory=list)
    called_at: list[float] = field(default_factory=list)
    answers: asyncio.Event = field(default_factory=asyncio.Event)
    name: str = "webhook/org-1"
    channel: str = "webhook"

    def __post_init__(self) -> None:
        self.answers.set()

    async def send(self, _: DueNotice) -> Outcome:
        """Take a notice."""
        self.called_at.append(self.clock())
        await self.answers.wait()
        return self.outcomes.pop(0) if self.outcomes else "sent"


def _dispatcher(pager: Pager, marks: MemoryDeliveryMarks | None = None, metrics: Metrics | None = None) -> Dispatcher:
    return Dispatcher(
        receivers=lambda _: [pager],
        marks=marks or MemoryDeliveryMarks(pager.clock),
        seconds=pager.clock,
        metrics=metrics or Metrics(),
    )


async def _through(dispatcher: Dispatcher, clock: Clock, seconds: int, *notices: DueNotice) -> None:
    """Look every second for a while."""
    for _ in range(seconds):
        dispatcher.look(notices)
        await dispatcher.finish()
        clock.now += 1


async def test_a_notice_is_sent_once() -> None:
    """A hold that waits for ten minutes is one call."""
    pager = Pager(Clock())
    await _through(_dispatcher(pager), pager.clock, 600, NOTICE)
    assert len(pager.called_at) == 1


async def test_of_two_processes_one_sends() -> None:
    """Two processes that look at the same instants share one call, and a third one that starts later sends none."""
    clock = Clock()
    pager, marks = Pager(clock), MemoryDeliveryMarks(clock)
    two = [_dispatcher(pager, marks), _dispatcher(pager, marks)]
    for _ in range(60):
        for each in two:
            each.look([NOTICE])
        for each in two:
            await each.finish()
        clock.now += 1
    await _through(_dispatcher(pager, marks), clock, 60, NOTICE)
    assert len(pager.called_at) == 1


async def test_what_a_process_left_undone_is_sent_by_another() -> None:
    """A process that ends during its call has marked nothing as sent: another one sends the same when the lease is over."""
    clock = Clock()
    pager, marks = Pager(clock), MemoryDeliveryMarks(clock)
    pager.answers.clear()
    ending = _dispatcher(pager, marks)
    ending.look([NOTICE])
    await asyncio.sleep(0)
    await ending.close()
    pager.answers.set()
    await _through(_dispatcher(pager, marks), clock, 20, NOTICE)
    assert pager.called_at == [1_000.0, 1_016.0]


async def test_a_failed_call_is_made_again_after_longer_and_longer_pauses() -> None:
    """After 1, 2, 4, … seconds, then every minute, until it succeeds; then no more."""
    pager = Pager(Clock(), outcomes=["failed"] * 9)
    metrics = Metrics()
    await _through(_dispatcher(pager, metrics=metrics), pager.clock, 600, NOTICE)
    pauses = [later - earlier for earlier, later in zip(pager.called_at, pager.called_at[1:], strict=False)]
    assert pauses == [1, 2, 4, 8, 16, 32, LONGEST_PAUSE_S, LONGEST_PAUSE_S, LONGEST_PAUSE_S]
    page = metrics.page().decode()
    assert 'plek_notices_total{channel="webhook",outcome="failed"} 9.0' in page
    assert 'plek_notices_total{channel="webhook",outcome="sent"} 1.0' in page


async def test_what_is_due_no_more_is_not_tried_again() -> None:
    """A hold that is answered meanwhile is not sent, and is counted as unsent once."""
    pager, metrics = Pager(Clock(), outcomes=["failed"] * 9), Metrics()
    dispatcher = _dispatcher(pager, metrics=metrics)
    await _through(dispatcher, pager.clock, 1, NOTICE)
    await _through(dispatcher, pager.clock, 600)
    assert len(pager.called_at) == 1
    assert 'plek_notices_total{channel="webhook",outcome="unsent"} 1.0' in metrics.page().decode()


async def test_a_receiver_that_wants_no_more_is_left_alone() -> None:
    """One that is gone is called once."""
    pager = Pager(Clock(), outcomes=["gone"])
    await _through(_dispatcher(pager), pager.clock, 120, NOTICE)
    assert len(pager.called_at) == 1


async def test_deliveries_under_way_are_bounded_and_looking_never_waits() -> None:
    """With receivers that do not answer, a hundred notices make 32 calls; the others follow once these have ended."""
    pager = Pager(Clock())
    pager.answers.clear()
    dispatcher, notices = _dispatcher(pager), [replace(NOTICE, id=f"msg_{number}") for number in range(100)]
    for _ in range(3):
        dispatcher.look(notices)
        await asyncio.sleep(0)
    assert len(pager.called_at) == MOST_AT_ONCE
    pager.answers.set()
    await _through(dispatcher, pager.clock, 4, *notices)
    assert len(pager.called_at) == 100
