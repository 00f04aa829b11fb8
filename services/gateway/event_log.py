"""The topics of the truth, as events are appended to them: acknowledged before they count, and waited for until the views show them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.adapters.clock import Stopwatch
from services.adapters.codec.event_codec import EventCodec, Topic, encode, key_of
from services.adapters.kafka.ports import AppendableLog, LogPosition, LogRecord, LogUnavailableError, TooLargeError, largest_offsets
from services.adapters.kafka.topics import Topics
from services.adapters.observability import trace_context
from services.adapters.observability.metrics import Metrics
from services.adapters.problem_details import ProblemError
from services.adapters.view.position_tracker import PositionTracker
from services.domain.events.catalog import HOLD_EVENTS, Event
from services.gateway.event_volume import EventVolume


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLog:
    """Appends events to the topics of the truth, and says which of them the views show. `trackers` follow the view of each topic."""

    log: AppendableLog
    topics: Topics
    codec: EventCodec
    trackers: Mapping[Topic, PositionTracker]
    seconds: Stopwatch
    metrics: Metrics
    volume: EventVolume

    async def append(self, events: Sequence[Event], *, counted: bool = True) -> list[LogPosition]:
        """Append events in order, and return the position of each once all are acknowledged; ProblemError 413 or 503.

        They count among those of their shelters today, unless they are not to be `counted`.
        """
        try:
            positions = await self.log.append([self._record(event) for event in events])
        except LogUnavailableError as away:
            raise ProblemError("kafka-away") from away
        except TooLargeError as large:
            raise ProblemError("too-large") from large
        if counted:
            self.volume.add(events)
        return positions

    def _record(self, event: Event) -> LogRecord:
        topic = self.codec.topic_of(event)
        # Of a hold or a case it would link what nothing may link
        is_fact = topic == "beds" and not isinstance(event.data, HOLD_EVENTS)
        headers = trace_context.fact_headers() if is_fact else ()
        return LogRecord(self.topics.truth(topic), key_of(event).encode(), encode(event), headers)

    async def visible(self, events: Sequence[Event], positions: Sequence[LogPosition]) -> list[bool]:
        """Return of each event whether the view of its topic shows it, after a short wait."""
        placed = [(self.codec.topic_of(event), position) for event, position in zip(events, positions, strict=True)]
        topics = {topic for topic, _ in placed}
        wanted = {topic: largest_offsets(position for other, position in placed if other == topic) for topic in topics}
        started = self.seconds()
        waits = [self.trackers[topic].wait_until(offsets) for topic, offsets in wanted.items()]
        # Nearly every request is of one topic, and needs no task of its own to wait for it
        reached = [await waits[0]] if len(waits) == 1 else await asyncio.gather(*waits)
        if reached and all(reached):
            self.metrics.observe("plek_visible_seconds", self.seconds() - started)
        return [self.trackers[topic].includes(position.partition, position.offset) for topic, position in placed]
