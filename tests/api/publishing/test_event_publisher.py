"""Events of the API: each counts once, however often its request is sent, and none before the log has acknowledged it."""

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from services.adapters.auth.authentication import Caller
from services.adapters.auth.idempotency_keys import MemoryIdempotencyKeys
from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.clock import now_ms, seconds
from services.adapters.codec.event_codec import RefusedEvent
from services.adapters.http.app_factory import json_response, running
from services.adapters.http.call import Call
from services.adapters.kafka.topics import Topics
from services.adapters.observability.metrics import Metrics
from services.adapters.problem_details import install
from services.adapters.view.position_tracker import PositionTracker
from services.api.publishing.event_publisher import WORKER, EventPublisher
from services.domain.events.catalog import HoldReleased
from tests.audited import Audited
from tests.folded import WIRE, Folded
from tests.sent import declared, registered, uuid
from tests.twins.memory_log import MemoryLog
from tests.waiting import until

CALLER = Caller("w1", "worker")
RELEASED = HoldReleased(shelter="berk", hold=uuid(1))


def _sending(folded: Folded) -> EventPublisher:
    return EventPublisher(
        log=MemoryLog(),
        topics=Topics("plek"),
        wire=WIRE,
        moves={"beds": PositionTracker(folded.view, seconds, Metrics())},
        pseudonyms=Pseudonyms("key"),
        retries=MemoryIdempotencyKeys(),
        now=now_ms,
    )


def _call(request: Request) -> Call[None]:
    return Call(request=request, caller=CALLER, audit=Audited().audit, happening=None, body=None)


def _app(sending: EventPublisher) -> FastAPI:
    """Make an app that releases a hold at each POST, and answers with the id of the event."""
    app = FastAPI()
    install(app)

    @app.post("/a")
    @app.post("/b")
    async def post(request: Request) -> Response:
        attempt = await sending.attempt(_call(request), (await request.body()).decode())
        event = sending.event(attempt, WORKER, "berk", RELEASED)
        [position] = await sending.send(event)
        return json_response({"id": event.id, "offset": position.offset})

    return app


async def _posted(sending: EventPublisher, key: str | None, body: str = "", path: str = "/a") -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(_app(sending)), base_url="http://plek") as client:
        return await client.post(path, headers={} if key is None else {"Idempotency-Key": key}, content=body)


async def test_a_request_sent_again_sends_the_same_event() -> None:
    """A request sent again with its key makes the same event; without one, or to another route, another event."""
    sending = _sending(Folded(now_ms()))
    first, again, elsewhere, other, another = [
        (await _posted(sending, key, path=path)).json()["id"]
        for key, path in (("k1", "/a"), ("k1", "/a"), ("k1", "/b"), (None, "/a"), (None, "/a"))
    ]
    assert first == again
    assert len({first, elsewhere, other, another}) == 4


async def test_a_key_used_with_another_body_is_a_409() -> None:
    """A key used with another body is refused with 409, and no event is appended."""
    sending = _sending(Folded(now_ms()))
    await _posted(sending, "k1", "one")
    refused = await _posted(sending, "k1", "other")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:plek:problem:key-reused")
    assert (await _posted(sending, "k2")).json()["offset"] == 1


@pytest.mark.parametrize("key", ["", "a b", "a\tb", "x" * 129])
async def test_a_key_of_another_form_is_a_400(key: str) -> None:
    """A key of another form is refused with 400."""
    refused = await _posted(_sending(Folded(now_ms())), key)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "Idempotency-Key")


async def test_an_event_that_the_log_does_not_take_is_a_503() -> None:
    """While the log is away a request is refused with `kafka-away`."""
    sending = _sending(Folded(now_ms()))
    assert isinstance(sending.log, MemoryLog)
    sending.log.away = True
    assert (await _posted(sending, "k1")).json()["type"] == "urn:plek:problem:kafka-away"


async def test_a_record_is_an_event_of_the_contract() -> None:
    """A record decodes as an event of the contract, under the key that the fold expects."""
    sending = _sending(Folded(now_ms()))
    record = sending.record(sending.event(sending.pseudonyms.attempt("w1", "", None), WORKER, "berk", RELEASED))
    assert (record.topic, record.key) == ("plek.bed-events", b"berk")
    assert not isinstance(WIRE.decode("beds", record.key, record.value), RefusedEvent)


async def test_an_event_is_shown_when_the_view_has_folded_it() -> None:
    """Events are shown once the view has folded the last of them, and not while it has not."""
    folded = Folded(now_ms())
    await folded.begin()
    sending = _sending(folded)
    moves = sending.moves["beds"]
    async with running(moves.run_forever):
        await until(lambda: moves.up)
        events = [sending.event(sending.pseudonyms.attempt("w1", "", None), WORKER, "berk", RELEASED) for _ in range(2)]
        positions = await sending.send(*events)
        assert not await sending.shown(events, positions, 0.0)
        await folded.fold(registered(), declared())
        assert await sending.shown(events, positions, 5.0)
