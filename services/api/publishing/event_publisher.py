"""Appends events of the API to the log: made here, checked like those of others, and acknowledged before they count.

A handler takes the attempt of its call, makes its events and sends them; then it waits for the view, which alone decides what came of
them. A request that is sent again with its Idempotency-Key makes the same events, and the log counts each once (R1, R10, D1).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.adapters.auth.idempotency_keys import IdempotencyKeys
from services.adapters.auth.pseudonyms import Attempt, Pseudonyms
from services.adapters.clock import Clock
from services.adapters.codec.event_codec import EventCodec, Topic, encode, key_of
from services.adapters.http.call import Call
from services.adapters.kafka.ports import AppendableLog, LogPosition, LogRecord, LogUnavailableError, largest_offsets
from services.adapters.kafka.topics import Topics
from services.adapters.problem_details import ProblemError
from services.adapters.view.position_tracker import READ_YOUR_WRITE_S, PositionTracker
from services.domain.durations import NS_PER_MS
from services.domain.events.catalog import SHORT_NAMES, Data, Event

BREAK_GLASS: Final = "break_glass"
"""The member of a body that passes a rate limit, with a reason."""
WORKER: Final = "urn:plek:worker"
API: Final = "urn:plek:api"
"""The source of events that the API makes by itself, without a caller."""


def desk_of(shelter: str) -> str:
    """Return the source of what a shelter sends through the API; it counts as hearing of the shelter (R9), but for hold events."""
    return f"urn:plek:shelter:{shelter}:api"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPublisher:
    """Makes events and appends them. `moves` tracks for each topic how far its view has come."""

    log: AppendableLog
    topics: Topics
    wire: EventCodec
    moves: Mapping[Topic, PositionTracker]
    pseudonyms: Pseudonyms
    retries: IdempotencyKeys
    now: Clock

    async def attempt(self, call: Call[Any], body: Any, sealed: str | None = None) -> Attempt:
        """Return which attempt a call is; ProblemError 400 for a key of another form, 409 for one used with another body.

        Without a key, calls of a caller with the same `sealed` value are one attempt.
        """
        key = call.idempotency_key
        if key is None:
            return self.pseudonyms.attempt(call.caller.sub, "sealed", sealed)
        attempt = self.pseudonyms.attempt(call.caller.sub, call.operation, key)
        if await self.retries.differs(attempt, _without_reason(body)):
            raise ProblemError("key-reused")
        return attempt

    def event(self, attempt: Attempt, source: str, subject: str, data: Data) -> Event:
        """Make an event, recorded now; an attempt makes one of each type at most, and the same one when it is sent again."""
        return Event(id=attempt.id(SHORT_NAMES[type(data)]), source=source, time=self.now() * NS_PER_MS, subject=subject, data=data)

    def record(self, event: Event) -> LogRecord:
        """Return the record that an event is appended as."""
        return LogRecord(self.topics.truth(self.wire.topic_of(event)), key_of(event).encode(), encode(event))

    async def append(self, *events: Event) -> list[LogPosition]:
        """Append events in order, and return the position of each once all are acknowledged; LogUnavailableError when they are not."""
        return await self.log.append([self.record(event) for event in events])

    async def send(self, *events: Event) -> list[LogPosition]:
        """Append events as `append`; ProblemError 503 when they are not acknowledged."""
        try:
            return await self.append(*events)
        except LogUnavailableError as away:
            raise ProblemError("kafka-away") from away

    async def shown(self, events: Sequence[Event], positions: Sequence[LogPosition], within: float = READ_YOUR_WRITE_S) -> bool:
        """Wait up to `within` seconds until the views show all of these, and return whether they do; without a tracker none is."""
        by_topic: defaultdict[Topic, list[LogPosition]] = defaultdict(list)
        for event, position in zip(events, positions, strict=True):
            by_topic[self.wire.topic_of(event)].append(position)
        wanted = {topic: largest_offsets(appended) for topic, appended in by_topic.items()}
        return all([topic in self.moves and await self.moves[topic].wait_until(offsets, within) for topic, offsets in wanted.items()])


def _without_reason(body: Any) -> Any:
    """Return a body without the reason that breaks the glass: under the same key it is the request that was refused before."""
    return {name: value for name, value in body.items() if name != BREAK_GLASS} if isinstance(body, dict) else body
