"""/v1/duty-list: one number per organisation and region, whatever else is down, entered by coordinators of the region alone."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from services.adapters.rfc3339 import parse
from services.api.duty.disk_copy import DutyCopy, DutyNumbersAsOf
from services.domain.search.duty_numbers import Number, OrganisationInRegion
from tests.api.conftest import kind
from tests.api.desks import Desks, desks
from tests.sent import registered

LIST = "/v1/duty-list"
HERE = f"{LIST}/org-1/R07"


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API."""
    async with desks(tmp_path) as opened:
        yield opened


async def register(at: Desks, shelter: str, region: str = "R07", organisation: str = "org-1", **facts: Any) -> None:
    """Have a shelter registered, and the list refreshed."""
    said = registered(shelter, region, organisation)
    await at.say(said | {"data": said["data"] | facts})
    await at.duty.refresh()


async def listed(at: Desks, query: str = "", who: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """Read the entries of the list."""
    answer = await at.call("get", LIST + query, who or at.callers.worker())
    assert answer.status_code == 200, answer.text
    entries: list[dict[str, Any]] = answer.json()["entries"]
    return entries


def rows(entries: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    """Return region, organisation, number and kind of entries."""
    return [(each["region"]["code"], each["organisation"], each["phone"], each["kind"]) for each in entries]


async def enter(at: Desks, phone: str = "0800-000099", path: str = HERE, **more: Any) -> Any:
    """Enter a number as the coordinator of R07."""
    return await at.call("put", path, more.get("who") or at.callers.coordinator("R07"), {"phone": phone})


async def test_one_number_per_organisation_and_region_by_name(at: Desks) -> None:
    """The list is ordered by region name and organisation, each entry with its date, and names no shelter."""
    await register(at, "berk", "R07", "org-2", intake_phone="0800-000001")
    await register(at, "els", "R07", "org-1", intake_phone="0800-000002")
    await register(at, "den", "R01", "org-1", intake_phone="0800-000003")
    answer = await at.call("get", LIST, at.callers.worker())
    entries = answer.json()["entries"]
    assert [entry["region"]["name"] for entry in entries] == ["Alkmaar", "Breda", "Breda"]
    assert rows(entries) == [
        ("R01", "org-1", "0800-000003", "intake"),
        ("R07", "org-1", "0800-000002", "intake"),
        ("R07", "org-2", "0800-000001", "intake"),
    ]
    assert all(set(entry) == {"organisation", "region", "phone", "kind", "since"} for entry in entries)
    assert answer.json()["as_of"] is not None
    assert not any(name in answer.text for name in ("berk", "els", 'den"', "Locatie"))
    assert rows(await listed(at, "?region=R01")) == [("R01", "org-1", "0800-000003", "intake")]
    assert kind(await at.call("get", f"{LIST}?region=R99", at.callers.worker())) == (400, "invalid")
    assert kind(await at.call("get", f"{LIST}?near=R01", at.callers.worker())) == (400, "invalid")


async def test_a_high_secure_shelter_has_no_number_in_it(at: Desks) -> None:
    """Its number is told nowhere, not even where it shares that with an open house."""
    await register(at, "berk", intake_phone="0800-000001")
    assert rows(await listed(at)) == [("R07", "org-1", "0800-000001", "intake")]
    await register(at, "els", security="high_secure", intake_phone="0800 000001")
    assert await listed(at) == []
    assert (await enter(at)).status_code == 200
    assert rows(await listed(at)) == [("R07", "org-1", "0800-000099", "duty")]


async def test_an_entered_number_stands_until_it_is_taken_back(at: Desks) -> None:
    """A duty number comes before that of a shelter; taken back, the shelter's stands again, and a second time nothing changes."""
    await register(at, "berk")
    entered = await enter(at)
    assert (entered.status_code, rows([entered.json()])) == (200, [("R07", "org-1", "0800-000099", "duty")])
    assert await listed(at) == [entered.json()]
    coordinator = at.callers.coordinator("R07")
    assert [(await at.call("delete", HERE, coordinator)).json()["status"] for _ in range(2)] == ["taken-back", "unchanged"]
    assert rows(await listed(at)) == [("R07", "org-1", "0800-000001", "intake")]


async def test_who_may_see_it_and_who_may_change_it(at: Desks) -> None:
    """Four roles read the list; a coordinator of the region alone changes it, and only where the organisation has a shelter."""
    await register(at, "berk")
    await register(at, "den", "R01", "org-2")
    for reader in (at.callers.worker(), at.callers.shelter("berk"), at.callers.coordinator("R07"), at.callers.operator):
        assert len(await listed(at, who=reader)) == 2
    for role in ("analyst", "auditor"):
        assert kind(await at.call("get", LIST, at.callers.of(role))) == (403, "forbidden")
    assert (await at.client.get(LIST)).status_code == 401
    for who in (at.callers.worker(), at.callers.shelter("berk"), at.callers.operator, at.callers.coordinator("R01")):
        assert kind(await enter(at, who=who)) == (403, "forbidden")
        assert kind(await at.call("delete", HERE, who)) == (403, "forbidden")
    for path in (f"{LIST}/org-2/R07", f"{LIST}/org-1/R01", f"{LIST}/jansen-1980/R07", f"{LIST}/org-1/R99"):
        assert kind(await enter(at, path=path)) == (403, "forbidden")


@pytest.mark.parametrize("phone", ["", "bel Piet", "0" * 31, "+ - +", "12"])
async def test_a_number_must_be_one_that_can_be_dialled(at: Desks, phone: str) -> None:
    """Of the contract's form of a phone, with three digits or more."""
    await register(at, "berk")
    answer = await enter(at, phone)
    assert (kind(answer), answer.json()["errors"][0]["pointer"]) == ((400, "invalid"), "/phone")


async def test_each_look_and_each_change_is_audited(at: Desks) -> None:
    """A look names the region that was asked for, a change the organisation and the region; the number stands in neither."""
    await register(at, "berk")
    await listed(at)
    await listed(at, "?region=R07")
    await enter(at)
    await at.call("delete", HERE, at.callers.coordinator("R07"))
    await enter(at, path=f"{LIST}/org-1/R01")
    assert at.audited.told == [
        ("duty-list-shown", "success", []),
        ("duty-list-shown", "success", ["R07"]),
        ("duty-number-changed", "success", ["org-1", "R07"]),
        ("duty-number-changed", "success", ["org-1", "R07"]),
        ("duty-number-changed", "refused", []),
    ]
    assert [entry["what"] for entry in at.audited.entries][2:4] == [["entered"], ["taken-back"]]
    assert not any(b"0800" in value for value in at.audited.values)


async def test_the_coordinators_of_the_region_hear_of_a_change(at: Desks) -> None:
    """A number that was entered or taken back is an alarm of its region, with the organisation; another region hears nothing."""
    await register(at, "berk")
    await enter(at)
    await at.call("delete", HERE, at.callers.coordinator("R07"))
    heard = (await at.call("get", "/v1/alarms", at.callers.coordinator("R07"))).json()["alarms"]
    assert [(each["what"], each["region"], each["reason"]) for each in heard] == [("number", "R07", "org-1")] * 2
    assert (await at.call("get", "/v1/alarms", at.callers.coordinator("R01"))).json()["alarms"] == []


async def test_it_is_kept_by_the_browser_for_a_day_and_nothing_else_is(at: Desks) -> None:
    """The list alone may be cached, by the caller's own device; its refusals and its changes are not."""
    await register(at, "berk")
    shown = await at.call("get", LIST, at.callers.worker())
    assert shown.headers.get_list("cache-control") == ["private, max-age=86400"]
    for other in (await at.client.get(LIST), await enter(at), await at.call("get", f"{LIST}?region=R99", at.callers.worker())):
        assert other.headers.get_list("cache-control") == ["no-store"]


async def test_it_is_answered_whatever_else_is_down(at: Desks) -> None:
    """Redis, Kafka, the audit log and the shared numbers away at once: the list is answered as it was, with its age."""
    await register(at, "berk")
    before = (await at.call("get", LIST, at.callers.worker())).json()
    at.folded.view.away = at.folded.demand.away = at.numbers.away = at.log.away = at.audited.log.away = True
    at.folded.now += 3_600_000
    await at.duty.refresh()
    assert (await at.call("get", LIST, at.callers.worker())).json() == before


async def test_a_look_that_can_not_be_noted_is_logged(at: Desks, caplog: pytest.LogCaptureFixture) -> None:
    """With neither the audit log nor its disk the list is answered, and the program's own log says that the look is missing."""
    await register(at, "berk")
    at.audited.log.away = True
    with caplog.at_level(logging.ERROR):
        assert len(await listed(at)) == 1
    assert [(record.msg, record.what) for record in caplog.records if hasattr(record, "what")] == [
        ("answered though it can't be noted in the audit log", "duty-list-shown")
    ]


async def test_nothing_is_changed_where_it_can_not_be_kept(at: Desks) -> None:
    """Without the shared numbers a change is refused and says so, and the list stands as it was."""
    await register(at, "berk")
    await enter(at)
    at.numbers.away = True
    assert kind(await enter(at, "0800-000098")) == (503, "duty-away")
    assert kind(await at.call("delete", HERE, at.callers.coordinator("R07"))) == (503, "duty-away")
    assert rows(await listed(at)) == [("R07", "org-1", "0800-000099", "duty")]


async def test_it_survives_a_restart_without_anything_else(at: Desks, tmp_path: Path) -> None:
    """A new process that finds neither Redis nor Kafka answers from the disk, which its owner alone can read."""
    await register(at, "berk")
    await register(at, "den", "R01")
    await enter(at)
    before = (await at.call("get", LIST, at.callers.worker())).json()
    [file] = tmp_path.glob("*.duty-list*")
    assert file.stat().st_mode & 0o777 == 0o600
    async with desks(tmp_path) as again:
        again.folded.view.away = again.numbers.away = True
        await again.duty.refresh()
        assert (await again.call("get", LIST, again.callers.worker())).json() == before


async def test_a_rebuilt_view_takes_no_number_away(at: Desks) -> None:
    """While the view is worked out again the numbers of before stand, with the time at which they were last known to be right."""
    await register(at, "berk")
    before = (await at.call("get", LIST, at.callers.worker())).json()
    for partition in range(12):
        await at.folded.view.forget(partition)
    at.folded.now += 60_000
    await at.duty.refresh()
    assert (await at.call("get", LIST, at.callers.worker())).json() == before


async def test_a_halted_partition_keeps_its_numbers(at: Desks) -> None:
    """What is free there is not shown; whom to phone is."""
    await register(at, "berk")
    before = await listed(at)
    for partition in range(12):
        await at.folded.view.halt(partition, "a type that is too new")
    await at.duty.refresh()
    assert await listed(at) == before != []


async def test_what_was_entered_comes_back_when_redis_was_emptied(at: Desks) -> None:
    """Each process writes back what it has, taken back or not, and the later statement counts."""
    await register(at, "berk")
    await register(at, "els", "R07", "org-2")
    await enter(at)
    await enter(at, path=f"{LIST}/org-2/R07")
    await at.call("delete", f"{LIST}/org-2/R07", at.callers.coordinator("R07"))
    kept = dict(at.numbers.kept["duty"])
    at.numbers.kept.clear()
    later = Number(kept[OrganisationInRegion("org-1", "R07")].at + 1, "0800-000097")
    await at.numbers.merge({"duty": {OrganisationInRegion("org-1", "R07"): later}})
    await at.duty.refresh()
    assert at.numbers.kept["duty"] == kept | {OrganisationInRegion("org-1", "R07"): later}
    assert rows(await listed(at)) == [("R07", "org-1", "0800-000097", "duty"), ("R07", "org-2", "0800-000001", "intake")]


async def test_two_processes_agree_on_numbers_and_dates(at: Desks, tmp_path: Path) -> None:
    """A number entered through one is shown by the other after its next look, and a shelter's number has one date in both."""
    await register(at, "berk")
    async with desks(tmp_path / "other", folded=at.folded) as other:
        other.duty.numbers = at.numbers
        other.folded.now += 5_000
        await other.duty.refresh()
        assert await listed(other, who=other.callers.worker()) == await listed(at)
        await enter(at)
        await other.duty.refresh()
        assert await listed(other, who=other.callers.worker()) == await listed(at)


async def test_a_look_that_began_before_does_not_undo_a_change(at: Desks) -> None:
    """Looks and changes at the same time end with the last number entered, in memory and on the disk."""
    await register(at, "berk")
    done = await asyncio.gather(*(enter(at, f"0800-0001{each:02}") if each % 2 else at.duty.refresh() for each in range(20)))
    last = max((answer.json() for answer in done if answer is not None), key=lambda entry: parse(entry["since"]))
    assert await listed(at) == [last]
    kept = at.duty.copy.read()
    assert kept is not None
    assert kept.duty[OrganisationInRegion("org-1", "R07")].phone == last["phone"]


def test_a_copy_of_another_hand_is_not_believed(tmp_path: Path) -> None:
    """A number that somebody without the secret wrote to the disk is never given out; nor does half a file end the API."""
    file, numbers = tmp_path / "list", DutyNumbersAsOf(5, {OrganisationInRegion("org-1", "R07"): Number(5, "0800-000001")})
    DutyCopy(file, b"ours").write(numbers)
    assert DutyCopy(file, b"ours").read() == numbers
    assert DutyCopy(file, b"theirs").read() is None
    for spoiled in (file.read_bytes().replace(b"0800", b"0900"), file.read_bytes()[:-9], b"", b"\xff\n{}"):
        file.write_bytes(spoiled)
        assert DutyCopy(file, b"ours").read() is None


def test_a_disk_that_takes_nothing_is_no_reason_not_to_answer(tmp_path: Path) -> None:
    """A copy that can't be written is logged, and nothing is raised."""
    (tmp_path / "in-the-way").write_text("")
    copy = DutyCopy(tmp_path / "in-the-way" / "list", b"ours")
    copy.write(DutyNumbersAsOf(1))
    assert copy.read() is None
