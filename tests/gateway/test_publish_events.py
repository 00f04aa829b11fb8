"""POST /v1/events: what is accepted, what is refused, and what the answer says of it."""

import asyncio
from typing import Any

import orjson
import pytest

from services import __version__
from services.adapters.clock import now_ms
from services.adapters.http.sealed_positions import SealedPositions
from services.adapters.kafka.topics import partition_of
from services.adapters.problem_details import MOST_ERRORS
from services.adapters.rfc3339 import show
from services.adapters.view.ports import Write
from services.gateway.cloudevents_body import BATCH, LARGEST_BYTES, ONE
from tests.gateway.conftest import Desk
from tests.sent import admitted, asked, declared, ended, event, id_of, registered, uuid
from tests.waiting import until


async def test_an_event_is_appended_in_its_canonical_form(desk: Desk) -> None:
    """The log has the event as the codec writes it, without what the contract ignores."""
    await desk.folded.fold(registered(), declared())
    sent = admitted() | {"comment": "Fatima"}
    answer = await desk.send(desk.callers.shelter("berk"), sent)
    assert answer.status_code == 200
    [outcome] = answer.json()["events"]
    place = SealedPositions(desk.pseudonyms).read(outcome.pop("at_least"), numbers=False)
    assert (outcome, place) == ({"index": 0, "status": "accepted", "visible": True}, (partition_of(b"berk", 12), 0))
    [(topic, value)] = desk.records
    assert topic == "plek.bed-events"
    assert orjson.loads(value) == admitted() | {"datacontenttype": "application/json", "time": sent["time"]}


async def test_a_fact_has_the_trace_of_its_request_and_nothing_else_has(desk: Desk) -> None:
    """A fact names the trace of its request; a hold or a search does not: one id would link them to the stay that follows."""
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    sent = [admitted(), ended(), asked("a" * 32)]
    answer = await desk.send(desk.callers.operator | {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}, *sent)
    assert (answer.status_code, answer.headers["traceparent"].split("-")[1]) == (200, trace)
    headers = {orjson.loads(record.value or b"")["type"]: record.headers for records in desk.log.records.values() for record in records}
    assert headers == {
        "nl.plek.admission.v1": (("traceparent", answer.headers["traceparent"].encode()),),
        "nl.plek.fallback-ended.v1": (),
        "nl.plek.hold-requested.v1": (),
    }


async def test_f12_only_an_operator_gets_a_position_in_numbers(desk: Desk) -> None:
    """F12: an offset would show a shelter when another one of its partition moved; a token does not, and no two are alike."""
    await desk.folded.fold(registered(), declared())
    outcomes = [(await desk.send(desk.callers.shelter("berk"), admitted())).json()["events"][0] for _ in range(2)]
    assert all(set(each) == {"index", "status", "at_least", "visible"} for each in outcomes)
    assert outcomes[0]["at_least"] != outcomes[1]["at_least"]
    [operated] = (await desk.send(desk.callers.operator, admitted())).json()["events"]
    partition = partition_of(b"berk", 12)
    assert operated == {
        "index": 0,
        "status": "accepted",
        "at_least": f"{partition}:2",
        "partition": partition,
        "offset": 2,
        "visible": False,
    }


async def test_a_batch_keeps_the_order_of_a_shelter(desk: Desk) -> None:
    """The events of one shelter stand in the log in the order they were sent, within and between batches."""
    for start in (0, 50):
        batch = [admitted(f"u{number}", stay=number) for number in range(start, start + 50)]
        assert (await desk.send(desk.callers.shelter("berk"), *batch)).status_code == 200
    assert [orjson.loads(value)["id"] for _, value in desk.records] == [id_of("admission", number) for number in range(100)]


async def test_each_type_goes_to_its_own_topic(desk: Desk) -> None:
    """An event of demand is routed to the topic of demand, one of beds to that of beds."""
    answer = await desk.send(desk.callers.operator, ended(), declared())
    assert [outcome["visible"] for outcome in answer.json()["events"]] == [False, False]
    assert sorted(topic for topic, _ in desk.records) == ["plek.bed-events", "plek.demand-events"]


async def test_the_answer_waits_for_the_view(desk: Desk) -> None:
    """An event that the view shows within the wait is answered as visible."""
    partition = partition_of(b"berk", 12)
    sending = asyncio.create_task(desk.send(desk.callers.shelter("berk"), admitted()))
    await until(lambda: bool(desk.records))
    await asyncio.sleep(0.05)
    assert not sending.done()
    await desk.folded.stand(partition, offset=0)
    assert (await sending).json()["events"][0]["visible"] is True


async def test_the_answer_waits_for_the_view_of_demand(desk: Desk) -> None:
    """An event of demand is visible once the view of demand shows it, wherever that of beds stands."""
    sending = asyncio.create_task(desk.send(desk.callers.operator, ended()))
    await until(lambda: bool(desk.records))
    await asyncio.sleep(0.05)
    assert not sending.done()
    await desk.folded.fold(ended())
    assert (await sending).json()["events"][0]["visible"] is True


async def test_a_view_that_is_away_is_not_waited_for(desk: Desk) -> None:
    """Without Redis events are taken all the same, at once, as not visible."""
    await desk.send(desk.callers.shelter("berk"), admitted())  # what takes long once is made before it is timed
    desk.folded.view.away = True
    await until(lambda: not desk.tracker.up)
    async with asyncio.timeout(0.2):
        answer = await desk.send(desk.callers.shelter("berk"), admitted())
    assert answer.json()["events"][0]["visible"] is False


async def test_all_errors_are_answered_at_once_and_the_good_events_are_accepted(desk: Desk) -> None:
    """A batch with two bad events answers 400 with everything that is wrong, and says where the good one stands."""
    worst = admitted() | {"time": show((now_ms() + 400_000) * 1_000_000)}
    worst["data"] |= {"adults": 21, "children": "two", "unit": "U!"}
    answer = await desk.send(desk.callers.shelter("berk"), worst, admitted(), 7)
    found = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert {(error["index"], error["pointer"], error["code"]) for error in found["errors"]} == {
        (0, "/data/adults", "out_of_range"),
        (0, "/data/children", "wrong_type"),
        (0, "/data/unit", "bad_format"),
        (0, "/time", "in_future"),
        (2, "", "not_an_object"),
    }
    assert [outcome["status"] for outcome in found["events"]] == ["refused", "accepted", "refused"]
    assert [outcome.get("code") for outcome in found["events"]] == ["bad_format", None, "not_an_object"]
    assert len(desk.records) == 1


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
async def test_the_validator_refuses(desk: Desk, spoil: dict[str, Any], pointer: str, code: str) -> None:
    """An event is refused for what is checked on the way in only, and for what no reader could decode."""
    answer = await desk.send(desk.callers.shelter("berk"), admitted() | spoil)
    assert answer.status_code == 400
    assert (pointer, code) in {(error["pointer"], error["code"]) for error in answer.json()["errors"]}
    assert desk.records == []


async def test_something_that_happens_in_the_future_is_refused(desk: Desk) -> None:
    """`occurred_at` is compared with the clock as `time` is."""
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
    """Only CloudEvents in UTF-8 are accepted, one or a batch; the answer names both media types."""
    answer = await desk.post(desk.callers.operator, media_type, b"{}")
    assert (answer.status_code, answer.headers["accept"]) == (415, f"{ONE}, {BATCH}")


async def test_a_charset_may_be_said(desk: Desk) -> None:
    """A stated charset of UTF-8 is the same media type."""
    answer = await desk.post(desk.callers.operator, 'application/CloudEvents+json; charset="UTF-8"', orjson.dumps(declared()))
    assert answer.status_code == 200


async def test_a_body_beyond_the_limit_is_refused_while_it_comes_in(desk: Desk) -> None:
    """A body beyond the limit is a 413, also without a Content-Length, and before all of it has been read."""
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
    """A batch that is no array, or holds more than a thousand events, is refused as a whole."""
    answer = await desk.post(desk.callers.operator, BATCH, body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)


async def test_f12_a_small_request_has_no_large_answer(desk: Desk) -> None:
    """F12: of a thousand bad events the answer has the first 250 errors, the number of the others, and the first code of each event."""
    body = orjson.dumps([{"a": 1}] * 1_000)
    answer = await desk.post(desk.callers.operator, BATCH, body)
    found = answer.json()
    assert (len(found["errors"]), found["errors_left_out"]) == (MOST_ERRORS, 7_000 - MOST_ERRORS)
    assert [outcome["code"] for outcome in found["events"]] == ["missing"] * 1_000
    assert len(answer.content) < 12 * len(body)


async def test_an_empty_batch_is_a_batch(desk: Desk) -> None:
    """An empty batch is accepted, as CloudEvents allows it."""
    answer = await desk.post(desk.callers.operator, BATCH, b"[]")
    assert (answer.status_code, answer.json()) == (200, {"events": []})


async def test_without_kafka_nothing_is_pretended(desk: Desk) -> None:
    """Without Kafka the answer is 503 with when to try again, and says of no event that it was accepted."""
    desk.log.away = True
    answer = await desk.send(desk.callers.shelter("berk"), admitted())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "events" not in answer.json()
    desk.log.away = False
    assert (await desk.send(desk.callers.shelter("berk"), admitted())).status_code == 200


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
    """A success and a problem both carry `api-version` and `cache-control: no-store`."""
    for answer in (await desk.send(desk.callers.operator, declared()), await desk.client.get("/v1/nothing")):
        assert (answer.headers["api-version"], answer.headers["cache-control"]) == (__version__, "no-store")


async def test_an_event_that_is_sent_twice_is_accepted_twice(desk: Desk) -> None:
    """The gateway does not know what was sent before: an event counts once because of the fold (R1)."""
    for _ in range(2):
        assert (await desk.send(desk.callers.shelter("berk"), admitted())).status_code == 200
    assert len(desk.records) == 2


async def test_an_emptied_view_shows_nothing(desk: Desk) -> None:
    """Once Redis was emptied an offset that was visible is so no longer, until it is folded again."""
    partition = partition_of(b"berk", 12)
    await desk.folded.view.write(partition, Write(after=-1, position=desk.folded.positions[partition]))
    await desk.folded.stand(partition, offset=5)
    await asyncio.sleep(0)
    assert await desk.tracker.wait_until({partition: 5}, 1.0)
    desk.folded.view.wipe()
    await until(lambda: not desk.tracker.includes(partition, 5))


async def test_d9_what_looks_wrong_is_answered_with_the_event(desk: Desk) -> None:
    """D9: too many persons, no such unit, a second household, a stay that never was: all accepted, each with its warning, and counted."""
    await desk.folded.fold(registered(), declared(), declared("u2"), admitted("u2", stay=9))
    await until(lambda: desk.tracker.up)
    large = admitted("u1", stay=1)
    large["data"] |= {"adults": 2, "children": 5}
    batch = [large, admitted("u7", stay=2), admitted("u2", stay=3), event("discharge", stay=uuid(4), destination="home"), declared("u5")]
    events = (await desk.send(desk.callers.shelter("berk"), *batch)).json()["events"]
    assert [[each["code"] for each in outcome.get("warnings", [])] for outcome in events] == [
        ["unit-too-small"],
        ["unit-not-declared"],
        ["unit-occupied"],
        ["stay-unknown"],
        [],
    ]
    assert events[2]["warnings"][0]["nl"] == "In deze unit staat al een ander huishouden."
    assert 'plek_warnings_total{code="unit-occupied"} 1.0' in desk.metrics.page().decode()


async def test_without_the_view_a_fact_is_accepted_as_not_checked(desk: Desk) -> None:
    """A view that is away, or behind, refuses no fact: the answer says that nothing was compared."""
    desk.folded.view.away = True
    await until(lambda: not desk.tracker.up)
    [outcome] = (await desk.send(desk.callers.shelter("berk"), admitted())).json()["events"]
    assert [each["code"] for each in outcome["warnings"]] == ["not-checked"]
