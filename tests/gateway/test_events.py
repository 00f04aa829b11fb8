"""POST /v1/events: what goes in, what is refused, and what is said of it."""

import asyncio
from typing import Any

import orjson
import pytest

from services.adapters.clock import now_ms
from services.adapters.instants import show
from services.adapters.topics import partition_of
from services.adapters.view.port import Write
from services.gateway.body import BATCH, LARGEST_BYTES, ONE
from tests.gateway.conftest import Desk
from tests.sent import admitted, declared, ended, registered
from tests.waiting import until


async def test_an_event_is_appended_in_its_canonical_form(desk: Desk) -> None:
    """What stands in the log is the event as the wire writes it, without what the contract ignores."""
    sent = admitted() | {"comment": "Fatima"}
    answer = await desk.send(desk.callers.shelter("berk"), sent)
    assert answer.status_code == 200
    place = {"partition": partition_of(b"berk", 12), "offset": 0, "visible": False}
    assert answer.json() == {"events": [{"index": 0, "status": "accepted"} | place]}
    [(topic, value)] = desk.kept
    assert topic == "plek.bed-events"
    assert orjson.loads(value) == admitted() | {"datacontenttype": "application/json", "time": sent["time"]}


async def test_a_batch_keeps_the_order_of_a_shelter(desk: Desk) -> None:
    """The events of one shelter stand in the log in the order they were sent, within and between batches."""
    for start in (0, 50):
        batch = [admitted(f"u{number}", stay=number) for number in range(start, start + 50)]
        assert (await desk.send(desk.callers.shelter("berk"), *batch)).status_code == 200
    assert [orjson.loads(value)["id"] for _, value in desk.kept] == [f"admission-{number}" for number in range(100)]


async def test_each_type_goes_to_its_own_topic(desk: Desk) -> None:
    """An event of demand is routed to the topic of demand, one of beds to that of beds."""
    answer = await desk.send(desk.callers.operator, ended(), declared())
    assert [told["visible"] for told in answer.json()["events"]] == [False, False]
    assert sorted(topic for topic, _ in desk.kept) == ["plek.bed-events", "plek.demand-events"]


async def test_the_answer_waits_for_the_view(desk: Desk) -> None:
    """An event that the view shows within the wait is answered as visible."""
    partition = partition_of(b"berk", 12)
    sending = asyncio.create_task(desk.send(desk.callers.shelter("berk"), declared()))
    await until(lambda: bool(desk.kept))
    await asyncio.sleep(0.05)
    assert not sending.done()
    await desk.folded.stand(partition, offset=0)
    assert (await sending).json()["events"][0]["visible"] is True


async def test_the_answer_waits_for_the_view_of_demand(desk: Desk) -> None:
    """An event of demand is visible once the view of demand shows it, wherever that of beds stands."""
    sending = asyncio.create_task(desk.send(desk.callers.operator, ended()))
    await until(lambda: bool(desk.kept))
    await asyncio.sleep(0.05)
    assert not sending.done()
    await desk.folded.fold(ended())
    assert (await sending).json()["events"][0]["visible"] is True


async def test_a_view_that_is_away_is_not_waited_for(desk: Desk) -> None:
    """Without Redis events are taken all the same, at once, as not visible."""
    desk.folded.view.away = True
    await until(lambda: not desk.moves.up)
    async with asyncio.timeout(0.2):
        answer = await desk.send(desk.callers.shelter("berk"), declared())
    assert answer.json()["events"][0]["visible"] is False


async def test_all_errors_of_all_events_at_once_and_the_good_ones_are_taken(desk: Desk) -> None:
    """A batch with two bad events answers 400 with everything that is wrong, and says where the good one stands."""
    worst = admitted() | {"time": show((now_ms() + 400_000) * 1_000_000)}
    worst["data"] |= {"adults": 21, "children": "two", "unit": "U!"}
    answer = await desk.send(desk.callers.shelter("berk"), worst, declared(), 7)
    found = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert {(error["index"], error["pointer"], error["code"]) for error in found["errors"]} == {
        (0, "/data/adults", "out_of_range"),
        (0, "/data/children", "wrong_type"),
        (0, "/data/unit", "bad_format"),
        (0, "/time", "in_future"),
        (2, "", "not_an_object"),
    }
    assert [told["status"] for told in found["events"]] == ["refused", "accepted", "refused"]
    assert len(desk.kept) == 1


@pytest.mark.parametrize(
    ("spoil", "pointer", "code"),
    [
        ({"time": show((now_ms() - 401 * 86_400_000) * 1_000_000)}, "/time", "too_old"),
        ({"time": show((now_ms() + 3_600_000) * 1_000_000)}, "/time", "in_future"),
        ({"type": "nl.plek.admission.v2"}, "/type", "version_too_new"),
        ({"type": "nl.plek.arrival.v1"}, "/type", "unknown_type"),
        ({"data_base64": "e30="}, "/data_base64", "data_base64"),
        ({"data": None}, "/data", "not_an_object"),
    ],
)
async def test_the_door_refuses(desk: Desk, spoil: dict[str, Any], pointer: str, code: str) -> None:
    """What is checked on the way in only, and what no reader would take."""
    answer = await desk.send(desk.callers.shelter("berk"), admitted() | spoil)
    assert answer.status_code == 400
    assert (pointer, code) in {(error["pointer"], error["code"]) for error in answer.json()["errors"]}
    assert desk.kept == []


async def test_something_that_happens_in_the_future_is_refused(desk: Desk) -> None:
    """`occurred_at` is held against the clock as `time` is."""
    sent = admitted()
    sent["data"]["occurred_at"] = show((now_ms() + 3_600_000) * 1_000_000)
    answer = await desk.send(desk.callers.shelter("berk"), sent)
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/data/occurred_at", "in_future")]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"a":NaN}', b"[" * 600])
async def test_what_is_no_json_is_said_to_be_unreadable(desk: Desk, body: bytes) -> None:
    """Bytes that RFC 8259 does not know answer 400 for the request as a whole."""
    answer = await desk.post(desk.callers.operator, ONE, body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "unreadable")


@pytest.mark.parametrize(
    "media_type", ["application/json", "text/plain", "", "application/cloudevents+json; charset=latin-1", "application/cloudevents"]
)
async def test_another_media_type_is_refused(desk: Desk, media_type: str) -> None:
    """Only CloudEvents in UTF-8, one or a batch; the answer says which."""
    answer = await desk.post(desk.callers.operator, media_type, b"{}")
    assert (answer.status_code, answer.headers["accept"]) == (415, f"{ONE}, {BATCH}")


async def test_a_charset_may_be_said(desk: Desk) -> None:
    """UTF-8 said aloud is the same media type."""
    answer = await desk.post(desk.callers.operator, 'application/CloudEvents+json; charset="UTF-8"', orjson.dumps(declared()))
    assert answer.status_code == 200


async def test_a_body_beyond_the_limit_is_refused_while_it_comes_in(desk: Desk) -> None:
    """Without a Content-Length, too, and before all of it has been read."""
    given = 0

    async def endless() -> Any:
        nonlocal given
        while given < 100 * LARGEST_BYTES:
            given += 65_536
            yield b" " * 65_536

    headers = desk.callers.operator | {"Content-Type": BATCH}
    answer = await desk.client.post("/v1/events", headers=headers, content=endless())
    assert answer.status_code == 413
    announced = await desk.client.post("/v1/events", headers=headers, content=b" " * (LARGEST_BYTES + 1))
    assert announced.status_code == 413


@pytest.mark.parametrize(("body", "code"), [(b"{}", "wrong_type"), (orjson.dumps([{}] * 1_001), "too_many")])
async def test_a_batch_is_an_array_of_at_most_a_thousand(desk: Desk, body: bytes, code: str) -> None:
    """Anything else is refused as a whole."""
    answer = await desk.post(desk.callers.operator, BATCH, body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)


async def test_an_empty_batch_is_a_batch(desk: Desk) -> None:
    """CloudEvents allows it, and nothing is wrong with it."""
    answer = await desk.post(desk.callers.operator, BATCH, b"[]")
    assert (answer.status_code, answer.json()) == (200, {"events": []})


async def test_without_kafka_nothing_is_pretended(desk: Desk) -> None:
    """503 and when to try again; not a word of what was or was not accepted."""
    desk.log.away = True
    answer = await desk.send(desk.callers.shelter("berk"), declared())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "events" not in answer.json()
    desk.log.away = False
    assert (await desk.send(desk.callers.shelter("berk"), declared())).status_code == 200


async def test_no_value_that_was_sent_comes_back(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Planted words stand in no answer, no metric and no log line."""
    canary = "CANARY-Fatima"
    for spoiled in (
        {canary: 1},
        admitted() | {"id": canary + "!", "type": canary, "time": canary},
        admitted() | {"data": {"shelter": "berk", canary: canary, "adults": canary}},
        canary,
    ):
        answer = await desk.send(desk.callers.shelter("berk"), spoiled)
        assert answer.status_code == 400
        assert canary not in answer.text
    assert (await desk.post(desk.callers.operator | {"X-Name": canary}, canary, canary.encode())).status_code == 415
    assert (await desk.client.post(f"/v1/{canary}?{canary}={canary}")).status_code == 404
    assert canary not in desk.metrics.page().decode()
    assert canary not in caplog.text


async def test_every_answer_says_which_version_and_that_it_is_not_to_be_kept(desk: Desk) -> None:
    """Errors and answers alike."""
    for answer in (await desk.send(desk.callers.operator, declared()), await desk.client.get("/v1/nothing")):
        assert (answer.headers["api-version"], answer.headers["cache-control"]) == ("1", "no-store")


async def test_what_is_sent_twice_is_taken_twice(desk: Desk) -> None:
    """The door does not know what was sent before: an event counts once because the fold says so (R1)."""
    for _ in range(2):
        assert (await desk.send(desk.callers.shelter("berk"), registered())).status_code == 200
    assert len(desk.kept) == 2


async def test_an_emptied_view_shows_nothing(desk: Desk) -> None:
    """Once Redis was emptied an offset that was visible is so no longer, until it is folded again."""
    partition = partition_of(b"berk", 12)
    await desk.folded.view.write(partition, Write(after=-1, position=desk.folded.positions[partition]))
    await desk.folded.stand(partition, offset=5)
    await asyncio.sleep(0)
    assert await desk.moves.reached({partition: 5}, 1.0)
    desk.folded.view.wipe()
    await until(lambda: not desk.moves.shows(partition, 5))
