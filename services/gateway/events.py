"""`POST /v1/events`: let in, decide whose it is, check, append, wait a moment for the view, answer. In that order, and no other.

The events of a shelter keep their order: those of a request are appended in the order they were sent, and a client that waits for an
answer before it sends on keeps its requests in order too.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from fastapi import FastAPI, Request, Response

from services.adapters.access import BEARER, let_in
from services.adapters.audit.gate import Audit, noted
from services.adapters.clock import Clock, Stopwatch
from services.adapters.identity import Caller, Identity
from services.adapters.log_port import AppendableLog, LogUnavailableError, Place, Record, TooLargeError
from services.adapters.metrics import Metrics
from services.adapters.moves import Moves
from services.adapters.problems import MEDIA_TYPE, ProblemError, documented
from services.adapters.topics import Topics
from services.adapters.view.port import ReadableView, ViewUnavailableError
from services.adapters.wire import Refused, Topic, encode, key_of
from services.domain.events import SHORT_NAMES, TYPE_NAMES, Event, ShelterRegistered
from services.gateway import answers, looks, rights
from services.gateway.body import BATCH, LARGEST_BYTES, MOST_EVENTS, ONE, read_events
from services.gateway.books import ViewBooks
from services.gateway.door import Door
from services.gateway.rights import NotYoursError, Rights

# As long as a person does not notice; the answer says whether it was long enough (design, section 4).
_VISIBLE_S: Final = 0.25
_SHORT: Final = {TYPE_NAMES[shape]: name for shape, name in SHORT_NAMES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """All that the gateway is made of."""

    identity: Identity
    audit: Audit
    door: Door
    regions: frozenset[str]
    topics: Topics
    log: AppendableLog
    view: ReadableView
    moves: Mapping[Topic, Moves]
    partitions: int
    unavailable_ms: int
    now: Clock
    seconds: Stopwatch
    metrics: Metrics

    async def take(self, request: Request) -> Response:
        """Handle one request."""
        caller = await let_in(request, self.identity)
        values = await self._own(caller, request)
        checked = [self.door.check(value, self.now()) for value in values]
        self._note(values, checked)
        accepted = [each for each in checked if isinstance(each, Event)]
        places = await self._noted(request, caller, accepted)
        return answers.written(checked, places, await self._visible(accepted, places))

    async def _own(self, caller: Caller, request: Request) -> list[Any]:
        """Read what was sent, once it is known that all of it is the caller's to send."""
        books = ViewBooks(self.view, self.partitions, self.now() - self.unavailable_ms)
        hers = Rights(caller, self.audit.pseudonyms.asked_by(caller.sub), books)
        if not hers.may_send_anything:
            await self.audit.refused(request, caller)
            raise ProblemError("not-yours")
        values = await read_events(request)
        if hers.may_send_everything:
            return values
        try:
            for value in values:
                await hers.check(rights.read(value, self.regions))
                self._remember(hers, value)
        except NotYoursError as refused:
            await self.audit.refused(request, caller)
            raise ProblemError("not-yours") from refused
        except ViewUnavailableError as away:
            raise ProblemError("view-away") from away
        return values

    def _remember(self, hers: Rights, value: Any) -> None:
        """Remember a shelter that the request registers: its units may be declared in the same one."""
        if hers.caller.role == "coordinator":
            found = self.door.check(value, self.now())
            if isinstance(found, Event) and isinstance(found.data, ShelterRegistered):
                hers.registered[found.subject] = found.data.region

    async def _noted(self, request: Request, caller: Caller, events: Sequence[Event]) -> list[Place]:
        """Append, and write down who did so: a decision before it is in the log, a fact of a shelter of hers at the same time."""
        note = partial(self.audit.note, request, caller, "events-sent", objects=looks.objects(events), what=looks.names(events))
        if not looks.decides(caller.role, events):
            return (await asyncio.gather(note(), self._append(events)))[1]
        await note()
        try:
            return await self._append(events)
        except ProblemError:
            with suppress(ProblemError):
                await note(outcome="failed")
            raise

    async def _append(self, events: Sequence[Event]) -> list[Place]:
        try:
            return await self.log.append([self._record(event) for event in events])
        except LogUnavailableError as away:
            raise ProblemError("kafka-away") from away
        except TooLargeError as large:
            raise ProblemError("too-large") from large

    def _record(self, event: Event) -> Record:
        return Record(self.topics.truth(self.door.wire.topic_of(event)), key_of(event).encode(), encode(event))

    async def _visible(self, events: Sequence[Event], places: Sequence[Place]) -> list[bool]:
        """Tell of each event whether the view of its topic shows it, after a short wait."""
        stands = [(self.door.wire.topic_of(event), place) for event, place in zip(events, places, strict=True)]
        wanted: defaultdict[Topic, dict[int, int]] = defaultdict(dict)
        for topic, place in stands:
            wanted[topic][place.partition] = max(place.offset, wanted[topic].get(place.partition, 0))
        started = self.seconds()
        reached = await asyncio.gather(*(self.moves[topic].reached(offsets, _VISIBLE_S) for topic, offsets in wanted.items()))
        if reached and all(reached):
            self.metrics.observe("plek_visible_seconds", self.seconds() - started)
        return [self.moves[topic].shows(place.partition, place.offset) for topic, place in stands]

    def _note(self, values: Sequence[Any], checked: Sequence[Event | Refused]) -> None:
        outcomes = Counter((_type(value), isinstance(each, Event)) for value, each in zip(values, checked, strict=True))
        for (name, accepted), by in outcomes.items():
            self.metrics.count("plek_events_total", by, way="http", type=name, answer="accepted" if accepted else "refused")
        for code, by in Counter(found.code for each in checked if isinstance(each, Refused) for found in each.problems).items():
            self.metrics.count("plek_problems_total", by, code=code)


def _type(value: Any) -> str:
    name = value.get("type") if type(value) is dict else None
    return _SHORT.get(name, "unknown") if type(name) is str else "unknown"


_EVENT: Final = {
    "type": "object",
    "description": "An event of the contract as CloudEvents 1.0 has it; each type has a JSON Schema of its own",
    "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
}
_DOCUMENTED: Final = documented(
    "unauthenticated", "not-yours", "too-slow", "too-large", "media-type", "kafka-away", "issuer-away", "view-away"
)
_INVALID: Final = documented("invalid")[400]["content"][MEDIA_TYPE]["schema"]


def add_events(app: FastAPI, gateway: Gateway) -> None:
    """Add the route."""

    @app.post(
        "/v1/events",
        tags=["events"],
        summary="Send one event, or a batch",
        description=f"At most {MOST_EVENTS} events and {LARGEST_BYTES} bytes. What is refused holds up nothing: the good events of a batch"
        " are accepted, and each is reported. Sent again, an event counts once.",
        response_model=None,
        responses={
            200: {"description": "All accepted and acknowledged", "content": {"application/json": {"schema": answers.SCHEMA}}},
            400: {
                "description": "`invalid`: all that is wrong; the other events were accepted",
                "content": {MEDIA_TYPE: {"schema": {"allOf": [_INVALID, answers.SCHEMA]}}},
            },
            **_DOCUMENTED,
        },
        openapi_extra={
            **BEARER,
            **noted("events-sent"),
            "requestBody": {
                "required": True,
                "content": {ONE: {"schema": _EVENT}, BATCH: {"schema": {"type": "array", "maxItems": MOST_EVENTS, "items": _EVENT}}},
            },
        },
    )
    async def post_events(request: Request) -> Response:
        return await gateway.take(request)
