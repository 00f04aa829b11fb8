"""Events that are never refused because the log is away: only where the disk takes nothing either."""

from types import SimpleNamespace
from typing import Any

import pytest

from services.adapters.outbox import OutboxError
from services.adapters.problem_details import ProblemError
from services.adapters.schemas.examples import example
from services.api.publishing.durable_publisher import DurablePublisher
from services.api.publishing.need_sealing import NeedSealing
from services.domain.events.catalog import SearchEnded
from tests.twins.memory_compacted_topic import MemoryCompactedTopic
from tests.twins.memory_log import MemoryLog


def needs() -> NeedSealing:
    """Return what seals needs, with no key yet."""
    return NeedSealing(topic=MemoryCompactedTopic(MemoryLog(), "keys"), name="keys", secret=bytes(32), now=lambda: 0)


async def test_a_disk_that_is_full_is_no_log_that_is_away() -> None:
    """Where neither log nor disk takes an event its caller is answered that it was not accepted."""

    async def append_or_queue(_records: Any) -> None:
        raise OutboxError

    durable: Any = SimpleNamespace(append_or_queue=append_or_queue)
    sending: Any = SimpleNamespace(record=lambda event: event)
    event = example(SearchEnded)
    with pytest.raises(ProblemError) as problem:
        await DurablePublisher(sending, durable, needs()).append_or_queue(event)
    assert problem.value.kind == "not-accepted"


async def test_events_are_appended_in_their_order() -> None:
    """The records of several events are handed on at once, in the order of the events."""
    taken: list[Any] = []

    async def append_or_queue(records: Any) -> None:
        taken.append(records)

    durable: Any = SimpleNamespace(append_or_queue=append_or_queue)
    sending: Any = SimpleNamespace(record=lambda event: event.id)
    events = [example(SearchEnded, name) for name in ("full", "minimal")]
    await DurablePublisher(sending, durable, needs()).append_or_queue(*events)
    assert taken == [[event.id for event in events]]
