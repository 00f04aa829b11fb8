"""/v1/fallbacks and /v1/waiting-list: logged with evidence, never refused for a fault of ours, each once, and only hers."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from services.adapters.rfc3339 import show
from tests.api.conftest import kind
from tests.api.desks import MOTHER, Desks, desks
from tests.sent import uuid
from tests.waiting import until

HOTEL: dict[str, Any] = MOTHER | {"accommodation": "hotel", "reason": "nothing_free"}
HOUSEHOLD = ("adults", "men", "children", "oldest_son_age")
WAITS = {"kind": "crisis", "adults": 1, "children": 2}


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API."""
    async with desks(tmp_path) as opened:
        yield opened


async def post(at: Desks, path: str, body: Any, key: str | None = None, who: dict[str, str] | None = None) -> httpx.Response:
    """Send as a worker."""
    return await at.call("post", path, who or at.callers.worker(), body, key)


async def open_ones(at: Desks, who: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """List what is open."""
    listed = await at.call("get", "/v1/fallbacks?open=true", who or at.callers.worker())
    assert listed.status_code == 200, listed.text
    found: list[dict[str, Any]] = listed.json()["fallbacks"]
    return found


async def started(at: Desks, **more: Any) -> str:
    """Log a hotel."""
    answer = await post(at, "/v1/fallbacks", HOTEL | more)
    assert answer.status_code == 201, answer.text
    fallback: str = answer.json()["fallback"]
    return fallback


async def test_a_hotel_is_logged_with_what_was_free(at: Desks) -> None:
    """Counts of the instant, those left out for safety apart, and where the view stood; the worker is told no number."""
    await at.shelters("berk", "els")
    await at.shelters("den", region="R01")
    answer = await post(at, "/v1/fallbacks", HOTEL | {"exclude_regions": ["R01"]})
    assert (answer.status_code, answer.json()["status"], answer.json()["visible"]) == (201, "logged", True)
    assert set(answer.json()) == {"fallback", "evidence", "status", "visible", "fitting_now", "duty_list"}
    [said] = at.log.said("fallback-started")
    evidence = said["evidence"]
    assert (evidence["status"], evidence["free_nationally"], evidence["fitting_nationally"]) == ("complete", 3, 2)
    assert (evidence["fitting_excluded_for_safety"], evidence["unknown_units"]) == (1, 0)
    assert evidence["view"]
    assert at.audited.told[-1] == ("demand-logged", "success", [answer.json()["fallback"]])
    [shown] = await open_ones(at)
    assert (shown["region"], shown["accommodation"]) == ("R07", "hotel")
    assert {member: shown[member] for member in HOUSEHOLD} == {"adults": 1, "men": 0, "children": 2, "oldest_son_age": 3}


async def test_without_redis_it_is_taken_and_says_so(at: Desks) -> None:
    """The evidence is unavailable: no count, no position."""
    at.folded.view.away = at.folded.demand.away = True
    at.log.stalled = True
    answer = await post(at, "/v1/fallbacks", HOTEL)
    assert (answer.status_code, answer.json()["evidence"], answer.json()["visible"]) == (201, "unavailable", False)
    [said] = at.log.said("fallback-started")
    assert {name: number for name, number in said["evidence"].items() if number} == {"status": "unavailable"}


async def test_without_kafka_it_is_queued_and_counted_once(at: Desks) -> None:
    """Start and end wait on disk in their order; sent again with the same key they are still one."""
    at.log.away = True
    first = await post(at, "/v1/fallbacks", HOTEL, "k1")
    again = await post(at, "/v1/fallbacks", HOTEL, "k1")
    assert (first.status_code, first.json()["status"], first.json()["fallback"]) == (202, "queued", again.json()["fallback"])
    ended = await post(at, f"/v1/fallbacks/{first.json()['fallback']}/end", {"outcome": "placed"})
    assert ended.status_code == 202
    at.log.away = False
    await until(lambda: not at.outbox.waiting)
    assert len(at.log.said("fallback-started")) == 2
    assert await open_ones(at) == []
    assert sum(len(fold.projection.state.cases) for fold in at.folded.of_demand.values()) == 1


async def test_neither_kafka_nor_disk_is_an_honest_error(at: Desks, tmp_path: Path) -> None:
    """Nothing is promised."""
    at.log.away = True
    await until((tmp_path / "outbox" / "outbox.sqlite").exists)
    shutil.rmtree(tmp_path / "outbox")
    (tmp_path / "outbox").write_text("in the way")
    assert kind(await post(at, "/v1/fallbacks", HOTEL)) == (503, "not-accepted")


async def test_without_the_audit_log_it_is_taken(at: Desks) -> None:
    """A household in a hotel is logged all the same; nothing is shown then."""
    at.audited.log.away = True
    assert (await post(at, "/v1/fallbacks", HOTEL)).status_code == 201
    assert (await at.call("get", "/v1/fallbacks", at.callers.worker())).status_code == 503


async def test_the_same_key_with_another_body_is_refused(at: Desks) -> None:
    """A retry makes no second thing, and a mistake with a key is told."""
    first = await post(at, "/v1/fallbacks", HOTEL, "k1")
    again = await post(at, "/v1/fallbacks", HOTEL, "k1")
    assert first.json()["fallback"] == again.json()["fallback"]
    assert kind(await post(at, "/v1/fallbacks", HOTEL | {"reason": "at_night"}, "k1")) == (409, "key-reused")
    assert len(await open_ones(at)) == 1


async def test_it_ends_and_an_end_is_taken_back(at: Desks) -> None:
    """Ended it is no longer listed; the end taken back it is open again, the start taken back it never was."""
    fallback = await started(at)
    assert (await post(at, f"/v1/fallbacks/{fallback}/end", {"outcome": "placed"})).status_code == 200
    assert await open_ones(at) == []
    assert (await post(at, f"/v1/fallbacks/{fallback}/correct", {"undo": "end", "reason": "mistake"})).status_code == 200
    assert [each["fallback"] for each in await open_ones(at)] == [fallback]
    assert kind(await post(at, f"/v1/fallbacks/{fallback}/correct", {"undo": "end", "reason": "mistake"})) == (409, "nothing-to-undo")
    assert (await post(at, f"/v1/fallbacks/{fallback}/correct", {"undo": "start", "reason": "duplicate"})).status_code == 200
    assert await open_ones(at) == []


async def test_an_end_that_changes_nothing_says_so(at: Desks) -> None:
    """The first counts (D3): the second is not logged, and the first taken back it is open again. With its key the first is itself."""
    fallback = await started(at)

    async def said(path: str, key: str) -> Any:
        await at.later(1)
        return (await post(at, path, {"outcome": "placed"}, key)).json()["status"]

    ends = [await said(f"/v1/fallbacks/{fallback}/end", key) for key in ("k1", "k2", "k1")]
    assert ends == ["logged", "unchanged", "logged"]
    assert (await post(at, f"/v1/fallbacks/{fallback}/correct", {"undo": "end", "reason": "mistake"})).status_code == 200
    assert [each["fallback"] for each in await open_ones(at)] == [fallback]
    entry = (await post(at, "/v1/waiting-list", WAITS)).json()["entry"]
    assert [await said(f"/v1/waiting-list/{entry}/leave", key) for key in ("k1", "k2")] == ["logged", "unchanged"]


async def test_an_end_that_happened_earlier_counts(at: Desks) -> None:
    """So it is logged though there is one; and where the view may not have all there is, so is every other."""
    fallback = await started(at)
    path, now = f"/v1/fallbacks/{fallback}/end", at.folded.now
    for ms in (0, -60_000):
        answer = await post(at, path, {"outcome": "placed", "occurred_at": show((now + ms) * 1_000_000)})
        assert answer.json()["status"] == "logged"
    at.log.away = True
    assert (await post(at, path, {"outcome": "home"})).json()["status"] == "queued"


async def test_what_is_queued_is_taken_back_too(at: Desks) -> None:
    """Without a view that has it: what waits on disk says how it is named."""
    at.log.away = True
    fallback = (await post(at, "/v1/fallbacks", HOTEL)).json()["fallback"]
    assert (await post(at, f"/v1/fallbacks/{fallback}/correct", {"undo": "start", "reason": "mistake"})).status_code == 202
    at.log.away = False
    await until(lambda: not at.outbox.waiting)
    assert await open_ones(at) == []


async def test_only_hers(at: Desks) -> None:
    """Of another region, of nobody, or of no form: one answer; and she logs for no region but her own."""
    fallback, other = await started(at), at.callers.worker("w2", regions=("R01",))
    for key in (fallback, uuid(9), "x"):
        for path, body in (("end", {"outcome": "home"}), ("correct", {"undo": "start", "reason": "mistake"})):
            assert kind(await post(at, f"/v1/fallbacks/{key}/{path}", body, who=other)) == (403, "forbidden")
    assert await open_ones(at, other) == []
    assert kind(await post(at, "/v1/fallbacks", HOTEL | {"region": "R01"})) == (403, "forbidden")
    assert kind(await post(at, "/v1/fallbacks", HOTEL, who=at.callers.shelter("berk"))) == (403, "forbidden")


async def test_all_that_is_wrong_at_once(at: Desks) -> None:
    """By the rules of the contract, times ahead of the clock included."""
    wrong = await post(at, "/v1/fallbacks", {"adults": 21, "accommodation": "tent", "reason": "x"})
    assert {error["pointer"] for error in wrong.json()["errors"]} == {"/adults", "/accommodation", "/reason"}
    late = show((at.folded.now + 400_000) * 1_000_000)
    assert kind(await post(at, "/v1/fallbacks", HOTEL | {"occurred_at": late})) == (400, "invalid")
    assert kind(await at.call("get", "/v1/fallbacks?open=false", at.callers.worker())) == (400, "invalid")


async def test_a_waiting_list_has_positions(at: Desks) -> None:
    """By region and kind, in the order in which they joined, whoever has left moving the others up."""
    entries = []
    for minute, more in enumerate(({}, {"kind": "emergency"}, {}, {})):
        when = show((at.folded.now - (60 - minute) * 60_000) * 1_000_000)
        entries.append((await post(at, "/v1/waiting-list", WAITS | more | {"occurred_at": when})).json()["entry"])

    async def places() -> list[tuple[int, int]]:
        listed = (await at.call("get", "/v1/waiting-list", at.callers.worker())).json()["entries"]
        return [(entries.index(each["entry"]), each["position"]) for each in listed]

    assert await places() == [(0, 1), (1, 1), (2, 2), (3, 3)]
    assert (await post(at, f"/v1/waiting-list/{entries[0]}/leave", {"outcome": "placed"})).status_code == 200
    assert await places() == [(1, 1), (2, 1), (3, 2)]
    assert kind(await post(at, f"/v1/waiting-list/{uuid(3)}/leave", {"outcome": "placed"})) == (403, "forbidden")
    assert kind(await post(at, "/v1/waiting-list", {"kind": "crisis", "adults": 0})) == (400, "invalid")


async def test_an_entry_and_its_end_are_taken_back(at: Desks) -> None:
    """The end taken back it waits again, and has no end to take back; the entry taken back it never was."""
    entries = [(await post(at, "/v1/waiting-list", WAITS | {"children": number})).json()["entry"] for number in (1, 2)]
    path = f"/v1/waiting-list/{entries[0]}"

    async def waiting() -> list[str]:
        return [each["entry"] for each in (await at.call("get", "/v1/waiting-list", at.callers.worker())).json()["entries"]]

    assert (await post(at, f"{path}/leave", {"outcome": "placed"})).status_code == 200
    assert await waiting() == entries[1:]
    assert (await post(at, f"{path}/correct", {"undo": "end", "reason": "mistake"})).json()["status"] == "logged"
    assert sorted(await waiting()) == sorted(entries)
    assert kind(await post(at, f"{path}/correct", {"undo": "end", "reason": "mistake"})) == (409, "nothing-to-undo")
    assert (await post(at, f"{path}/correct", {"undo": "start", "reason": "mistake"})).status_code == 200
    assert await waiting() == entries[1:]
    assert kind(await post(at, f"{path}/correct", {"undo": "start", "reason": "mistake"})) == (403, "forbidden")


async def test_a_waiting_list_takes_a_household_and_keeps_its_size(at: Desks) -> None:
    """The household of a search is taken as it is; the log and the list have its adults and children, no men and no age."""
    assert (await post(at, "/v1/waiting-list", MOTHER | {"kind": "crisis", "men": 1})).status_code == 201
    [said] = at.log.said("waiting-list-joined")
    [entry] = (await at.call("get", "/v1/waiting-list", at.callers.worker())).json()["entries"]
    for shown in (said, entry):
        assert {member: shown[member] for member in HOUSEHOLD if member in shown} == {"adults": 1, "children": 2}
    assert kind(await post(at, "/v1/waiting-list", WAITS | {"men": 2})) == (400, "invalid")


@pytest.mark.parametrize("key", [None, "k"])
async def test_a_queued_entry_waits_too(at: Desks, key: str | None) -> None:
    """Without Kafka, as a fallback."""
    at.log.away = True
    assert (await post(at, "/v1/waiting-list", WAITS, key)).status_code == 202


async def test_a_coordinator_reads_the_cases_of_own_regions_and_changes_none(at: Desks) -> None:
    """Fallbacks and waiting lists of the own regions, with an audit entry; another role and each change is refused for the role (D11)."""
    own, other = at.callers.coordinator("R07"), at.callers.coordinator("R01")
    fallback = (await at.call("post", "/v1/fallbacks", at.callers.worker(), HOTEL)).json()["fallback"]
    entry = (await at.call("post", "/v1/waiting-list", at.callers.worker(), WAITS)).json()["entry"]
    for path, member, name, case in (("/v1/fallbacks", "fallbacks", "fallback", fallback), ("/v1/waiting-list", "entries", "entry", entry)):
        assert [each[name] for each in (await at.call("get", path, own)).json()[member]] == [case]
        assert (await at.call("get", path, other)).json()[member] == []
        refused = await at.call("get", path, at.callers.of("analyst"))
        assert (kind(refused), refused.json()["because"]) == ((403, "forbidden"), "role")
    ended = await at.call("post", f"/v1/fallbacks/{fallback}/end", own, {"outcome": "home"})
    assert (kind(ended), ended.json()["because"]) == ((403, "forbidden"), "role")
    assert ("demand-shown", "success", [fallback]) in at.audited.told
