"""How the API says something: an event of its own, checked like anybody's, acknowledged by the log before it counts as said.

A handler reads its body, takes the attempt, makes its events and sends them; then it waits for the view, which alone decides what came
of it. A request that is sent again with its Idempotency-Key makes the same events, and the log counts each once (R1, R10, D1).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request

from services.adapters.clock import Clock
from services.adapters.identity import Caller
from services.adapters.instants import NS_PER_MS
from services.adapters.log_port import AppendableLog, LogUnavailableError, Place, Record
from services.adapters.moves import Moves
from services.adapters.problems import ErrorItem, ProblemError
from services.adapters.pseudonym import Attempt, Pseudonyms
from services.adapters.retries import Retries
from services.adapters.topics import Topics
from services.adapters.wire import Topic, Wire, encode, key_of
from services.domain.events import SHORT_NAMES, Data, Event

_KEY: Final = re.compile("[!-~]{1,128}", re.ASCII)
KEY: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Yours, new for each thing you want: a request sent again with it makes no second one",
    "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
}
WORKER: Final = "urn:plek:worker"
API: Final = "urn:plek:api"
"""The source of what the API says by itself, of nobody's."""


def desk_of(shelter: str) -> str:
    """Name the source of what a shelter says through the API; it counts as hearing of it (R9), but for hold events."""
    return f"urn:plek:shelter:{shelter}:api"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """All that sending takes. `moves` tells of each topic how far its view has come."""

    log: AppendableLog
    topics: Topics
    wire: Wire
    moves: Mapping[Topic, Moves]
    pseudonyms: Pseudonyms
    retries: Retries
    now: Clock

    async def attempt(self, request: Request, caller: Caller, body: Any) -> Attempt:
        """Tell which attempt a request is; ProblemError 400 for a key of another form, 409 for one used with another body."""
        key = request.headers.get("idempotency-key")
        if key is not None and not _KEY.fullmatch(key):
            raise ProblemError("invalid", errors=[ErrorItem(None, "Idempotency-Key", "bad_format", "1 to 128 visible ASCII characters")])
        attempt = self.pseudonyms.attempt(caller.sub, f"{request.method} {request.url.path}", key)
        if key is not None and await self.retries.differs(attempt, body):
            raise ProblemError("key-reused")
        return attempt

    def event(self, attempt: Attempt, source: str, subject: str, data: Data) -> Event:
        """Make an event, recorded now; an attempt makes one of each type at most, and sent again the same one."""
        return Event(id=attempt.id(SHORT_NAMES[type(data)]), source=source, time=self.now() * NS_PER_MS, subject=subject, data=data)

    def record(self, event: Event) -> Record:
        """Write an event as the record that is appended."""
        return Record(self.topics.truth(self.wire.topic_of(event)), key_of(event).encode(), encode(event))

    async def send(self, *events: Event) -> list[Place]:
        """Append events in order, and tell where each stands once all are acknowledged; ProblemError 503 when they are not."""
        try:
            return await self.log.append([self.record(event) for event in events])
        except LogUnavailableError as away:
            raise ProblemError("kafka-away") from away

    async def shown(self, events: Sequence[Event], places: Sequence[Place], within: float) -> bool:
        """Wait up to `within` seconds until the views show all of these; a topic nobody tells of is shown nowhere."""
        wanted: dict[Topic, dict[int, int]] = {}
        for event, place in zip(events, places, strict=True):
            offsets = wanted.setdefault(self.wire.topic_of(event), {})
            offsets[place.partition] = max(place.offset, offsets.get(place.partition, 0))
        return all([topic in self.moves and await self.moves[topic].reached(offsets, within) for topic, offsets in wanted.items()])
