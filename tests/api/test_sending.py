"""The API appends events of its own: each once, however often it is asked for, and never one that the log has not acknowledged."""

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from services.adapters.clock import now_ms, seconds
from services.adapters.identity import Caller
from services.adapters.memory_log import MemoryLog
from services.adapters.metrics import Metrics
from services.adapters.moves import Moves
from services.adapters.problems import install
from services.adapters.pseudonym import Pseudonyms
from services.adapters.retries import MemoryRetries
from services.adapters.topics import Topics
from services.adapters.web import answer, keeping
from services.adapters.wire import Refused
from services.api.sending import WORKER, Sending
from services.domain.events import HoldReleased
from tests.folded import WIRE, Folded
from tests.sent import declared, registered, uuid
from tests.waiting import until

CALLER = Caller("w1", "worker")
RELEASED = HoldReleased(shelter="berk", hold=uuid(1))


def _sending(folded: Folded) -> Sending:
    return Sending(
        log=MemoryLog(),
        topics=Topics("plek"),
        wire=WIRE,
        moves={"beds": Moves(folded.view, seconds, Metrics())},
        pseudonyms=Pseudonyms("key"),
        retries=MemoryRetries(),
        now=now_ms,
    )


def _app(sending: Sending) -> FastAPI:
    """Release a hold at each POST, and tell the id of the event."""
    app = FastAPI()
    install(app)

    @app.post("/a")
    @app.post("/b")
    async def post(request: Request) -> Response:
        attempt = await sending.attempt(request, CALLER, (await request.body()).decode())
        event = sending.event(attempt, WORKER, "berk", RELEASED)
        [place] = await sending.send(event)
        return answer({"id": event.id, "offset": place.offset})

    return app


async def _posted(sending: Sending, key: str | None, body: str = "", path: str = "/a") -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(_app(sending)), base_url="http://plek") as client:
        return await client.post(path, headers={} if key is None else {"Idempotency-Key": key}, content=body)


async def test_a_request_sent_again_sends_the_same_event() -> None:
    """With its key: so the log counts it once. Without one, or to another route, it is another event."""
    sending = _sending(Folded(now_ms()))
    first, again, elsewhere, other, another = [
        (await _posted(sending, key, path=path)).json()["id"]
        for key, path in (("k1", "/a"), ("k1", "/a"), ("k1", "/b"), (None, "/a"), (None, "/a"))
    ]
    assert first == again
    assert len({first, elsewhere, other, another}) == 4


async def test_a_key_used_with_another_body_is_a_409() -> None:
    """And nothing is sent."""
    sending = _sending(Folded(now_ms()))
    await _posted(sending, "k1", "one")
    refused = await _posted(sending, "k1", "other")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:plek:problem:key-reused")
    assert (await _posted(sending, "k2")).json()["offset"] == 1


@pytest.mark.parametrize("key", ["", "a b", "a\tb", "x" * 129])
async def test_a_key_of_another_form_is_a_400(key: str) -> None:
    """And the answer does not repeat it."""
    refused = await _posted(_sending(Folded(now_ms())), key)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "Idempotency-Key")


async def test_what_the_log_does_not_take_is_not_said() -> None:
    """503: send it again."""
    sending = _sending(Folded(now_ms()))
    assert isinstance(sending.log, MemoryLog)
    sending.log.away = True
    assert (await _posted(sending, "k1")).json()["type"] == "urn:plek:problem:kafka-away"


async def test_a_record_is_an_event_of_the_contract() -> None:
    """Under the key that the fold expects."""
    sending = _sending(Folded(now_ms()))
    record = sending.record(sending.event(sending.pseudonyms.attempt("w1", "", None), WORKER, "berk", RELEASED))
    assert (record.topic, record.key) == ("plek.bed-events", b"berk")
    assert not isinstance(WIRE.decode("beds", record.key, record.value), Refused)


async def test_it_waits_for_the_view() -> None:
    """Until it shows the last of them; not for a place that nobody folds to."""
    folded = Folded(now_ms())
    await folded.begin()
    sending = _sending(folded)
    moves = sending.moves["beds"]
    async with keeping(moves.keep):
        await until(lambda: moves.up)
        events = [sending.event(sending.pseudonyms.attempt("w1", "", None), WORKER, "berk", RELEASED) for _ in range(2)]
        places = await sending.send(*events)
        assert not await sending.shown(events, places, 0.0)
        await folded.fold(registered(), declared())
        assert await sending.shown(events, places, 5.0)
