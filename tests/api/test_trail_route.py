"""`GET /v1/me/trail`: a person reads the own looks and acts, and learns nothing from it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from services.adapters.audit.records import Entry, encode_record
from services.adapters.clock import now_ms
from services.adapters.kafka.ports import LogRecord
from services.domain.durations import DAY_MS
from tests.api.conftest import kind
from tests.api.desks import Desks, desks
from tests.audited import TOPIC


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API in which a second search without a hold raises an alarm."""
    async with desks(tmp_path, alarm_at=2) as opened:
        yield opened


async def _trail(at: Desks, who: dict[str, str], query: str = "") -> dict[str, Any]:
    answer = await at.call("get", f"/v1/me/trail{query}", who)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_worker_reads_the_own_acts_the_newest_first(at: Desks) -> None:
    """The search and the hold of the caller, and nothing of a colleague; the look itself is in the log, and in the next trail."""
    await at.shelters("berkenhof")
    worker, colleague = at.callers.worker(), at.callers.worker("w9")
    found = await at.search(worker)
    hold = (await at.hold(found["offers"][0]["offer"], worker)).json()["hold"]
    await at.search(colleague)
    first, second = await _trail(at, worker), await _trail(at, worker)
    assert [each["event"] for each in first["records"]] == ["hold-asked", "search-made"]
    assert [each["objects"] for each in first["records"]] == [[{"type": "hold", "id": hold}], []]
    assert [each["event"] for each in second["records"]] == ["trail-shown", "hold-asked", "search-made"]
    assert first["user"] == at.audited.entries[0]["user"]
    assert (first["next"], first["records"][0]["outcome"], first["records"][0]["purpose"]) == (None, "success", "placement")


async def test_a_worker_learns_no_shelter_from_the_trail(at: Desks) -> None:
    """The audit log names the shelter of a hold that was asked for; the trail does not, whether the hold was granted or refused."""
    await at.shelters("berkenhof")
    offers = [(await at.search(at.callers.worker(sub)))["offers"][0]["offer"] for sub in ("w1", "w9")]
    for sub, offer, status in (("w9", offers[1], 201), ("w1", offers[0], 409)):
        assert (await at.hold(offer, at.callers.worker(sub))).status_code == status
    assert b"berkenhof" in b"".join(at.audited.values)
    for sub in ("w1", "w9"):
        assert "berkenhof" not in str(await _trail(at, at.callers.worker(sub)))


async def test_a_worker_reads_the_ids_that_were_given(at: Desks) -> None:
    """A hotel is in the trail under the id that the worker got when it was logged."""
    logged = await at.call("post", "/v1/fallbacks", at.callers.worker(), {"adults": 1, "accommodation": "hotel", "reason": "nothing_free"})
    record = (await _trail(at, at.callers.worker()))["records"][0]
    assert (record["event"], record["objects"]) == ("demand-logged", [{"type": "fallback", "id": logged.json()["fallback"]}])


async def test_a_refusal_does_not_say_whether_its_object_exists(at: Desks) -> None:
    """A refused look is in the trail without its object: the log names it only where there is one."""
    who = at.callers.worker()
    entry = Entry.by(
        await _caller(at, who),
        at.audited.pseudonyms.audited("w1"),
        now_ms(),
        "hold-changed",
        objects=(("hold", "a-hold"),),
        outcome="refused",
        what=("role",),
    )
    await at.audited.writer.append(entry)
    [record] = (await _trail(at, who))["records"]
    assert (record["outcome"], record["objects"], record["what"]) == ("refused", [], [])


async def test_the_trail_does_not_say_that_an_alarm_was_raised(at: Desks) -> None:
    """Two searches without a hold raise an alarm about the person, of which the person reads nothing."""
    await at.shelters("berkenhof")
    for _ in range(2):
        await at.search()
    assert "alarm-raised" in [event for event, _, _ in at.audited.told]
    assert [each["event"] for each in (await _trail(at, at.callers.worker()))["records"]] == ["search-made"] * 2


async def test_pages_follow_each_other_and_are_of_their_reader(at: Desks) -> None:
    """Page after page holds each record once; the token of a page shows no position, and is refused from another person."""
    for _ in range(3):
        await at.call("get", "/v1/holds", at.callers.worker())
    page = await _trail(at, at.callers.worker(), "?limit=2")
    rest = await _trail(at, at.callers.worker(), f"?limit=2&next={page['next']}")
    assert [len(each["records"]) for each in (page, rest)] == [2, 1]
    assert rest["next"] is None
    for who, token in ((at.callers.worker("w9"), page["next"]), (at.callers.worker(), "7"), (at.callers.worker(), page["next"][:-1])):
        assert kind(await at.call("get", f"/v1/me/trail?next={token}", who)) == (400, "invalid")


async def test_the_trail_ends_after_ninety_days(at: Desks) -> None:
    """What was done 91 days ago is not in it, and what was done 89 days ago is."""
    caller, now, user = await _caller(at, at.callers.worker()), now_ms(), at.audited.pseudonyms.audited("w1")
    entries = [Entry.by(caller, user, now - days * DAY_MS, "holds-shown") for days in (91, 89)]
    [kept] = at.audited.log.records.values()
    kept[:0] = [LogRecord(TOPIC, None, encode_record(entry, "earlier", 0, None, "plek.test")) for entry in entries]
    found = await _trail(at, at.callers.worker())
    assert [each["event"] for each in found["records"]] == ["holds-shown"]
    assert found["next"] is None


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "next=", "next=a&next=b", "before=3"])
async def test_a_query_that_is_none_is_refused(at: Desks, query: str) -> None:
    """A wrong query is a problem in words of ours."""
    assert kind(await at.call("get", f"/v1/me/trail?{query}", at.callers.worker())) == (400, "invalid")


async def test_a_log_that_is_away_is_not_an_empty_trail(at: Desks) -> None:
    """Without the log the answer is 503, never a trail without records."""
    at.audited.log.away = True
    assert kind(await at.call("get", "/v1/me/trail", at.callers.worker())) == (503, "data-unavailable")


async def _caller(at: Desks, headers: dict[str, str]) -> Any:
    return await at.app.state.guard.authentication.caller(headers["Authorization"], None)
