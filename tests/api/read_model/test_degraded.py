"""Degraded operation: what is answered while Kafka is away, what a halted partition hides, and what stays an error."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest_asyncio

from services.adapters.audit.hash_chain import ChainLink, Checker
from services.adapters.clock import seconds
from services.adapters.durable_log import DurableLog
from services.adapters.kafka.topics import partition_of
from services.adapters.observability.metrics import Metrics
from services.adapters.view.position_tracker import PositionTracker
from services.api.publishing.durable_publisher import DurablePublisher
from services.api.read_model.data_age import DataAge
from services.api.read_model.log_outage import LogOutage
from tests.api.conftest import kind
from tests.api.desks import MOTHER, SINGLE, Desks, desks
from tests.waiting import until

LISTS = ("/v1/fallbacks?open=true", "/v1/waiting-list", "/v1/holds", "/v1/areas")
HOUR_MS = 3_600_000


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API whose audit entries can wait on disk."""
    async with desks(tmp_path, audit_on_disk=True) as opened:
        yield opened


def older(at: Desks, ms: int) -> None:
    """Let time pass in which no partition is stamped."""
    at.folded.now += ms


async def _refresh(at: Desks) -> None:
    await at.board.refresh()


async def test_answers_of_any_age_are_given_while_kafka_is_away(at: Desks) -> None:
    """An hour after the last stamp every list and a search are answered, and say how old they are and that nothing can be held."""
    await at.shelters("berk")
    await _refresh(at)
    at.log.away = at.audited.log.away = True
    older(at, HOUR_MS)
    await _refresh(at)
    for path in LISTS:
        answer = await at.call("get", path, at.callers.worker())
        assert answer.status_code == 200, (path, answer.text)
        said = answer.json()
        assert (said["degraded"], said["can_hold"], said["duty_list"]) == (True, False, "/v1/duty-list"), path
        assert said["age_seconds"] >= HOUR_MS // 1_000, path
    found = await at.search()
    assert (found["degraded"], found["can_hold"], found["age_seconds"]) == (True, False, HOUR_MS // 1_000)


async def test_an_old_view_is_refused_while_kafka_is_there(at: Desks) -> None:
    """The processor stands still and Kafka does not: an old number is not shown, and the problem links to the duty list."""
    await at.shelters("berk")
    older(at, HOUR_MS)
    for method, path, body in (("get", "/v1/fallbacks", None), ("get", "/v1/holds", None), ("post", "/v1/searches", SINGLE)):
        answer = await at.call(method, path, at.callers.worker(), body)
        assert kind(answer) == (503, "data-unavailable"), path
        assert answer.json()["duty_list"] == "/v1/duty-list"


async def test_a_view_that_never_was_whole_is_refused_while_kafka_is_away(at: Desks) -> None:
    """A partition that is worked out from the beginning is half, however long Kafka is away."""
    await at.shelters("berk")
    at.log.away = at.audited.log.away = True
    await at.folded.stand(3, alive_at=0, rebuild_until=100)
    assert kind(await at.call("post", "/v1/searches", at.callers.worker(), SINGLE)) == (503, "rebuilding")


async def test_redis_away_is_refused_while_kafka_is_away_too(at: Desks) -> None:
    """Without the view there is nothing to show, at whatever age."""
    at.log.away = at.audited.log.away = at.folded.view.away = True
    assert kind(await at.call("post", "/v1/searches", at.callers.worker(), SINGLE)) == (503, "data-unavailable")


async def test_nothing_can_be_held_while_kafka_is_away(at: Desks) -> None:
    """A hold is refused at once with the reason and the duty list, and its request is not sent when Kafka is back."""
    await at.shelters("berk")
    offer = (await at.search())["offers"][0]["offer"]
    at.log.away = True
    answer = await at.hold(offer)
    assert kind(answer) == (503, "kafka-away")
    assert answer.json()["duty_list"] == "/v1/duty-list"
    at.log.away = False
    assert at.log.said("hold-requested") == []
    assert (await at.hold(offer)).status_code == 201


async def test_a_search_is_ended_while_kafka_is_away(at: Desks) -> None:
    """Its end is queued behind it, and both are in the log afterwards, in this order."""
    await at.shelters("berk")
    at.log.away = True
    found = await at.search()
    ended = await at.call("post", f"/v1/searches/{found['search']}/end", at.callers.worker(), {"outcome": "elsewhere"})
    assert (ended.status_code, ended.json()["status"]) == (202, "queued"), ended.text
    at.log.away = False
    await until(lambda: not at.outbox.waiting)
    [made], [end] = at.log.said("search-made"), at.log.said("search-ended")
    assert made["search"] == end["search"]


async def test_every_look_during_an_outage_is_in_the_audit_log_afterwards(at: Desks) -> None:
    """Ten searches without Kafka are noted in their order, each with the time it happened, and the chain holds together."""
    await at.shelters("berk")
    at.log.away = at.audited.log.away = True
    for _ in range(10):
        await at.search()
        await asyncio.sleep(0.002)
    assert not [each for each in at.audited.entries if each["event"] == "search-made"]
    at.log.away = at.audited.log.away = False
    await until(lambda: sum(each["event"] == "search-made" for each in at.audited.entries) == 10)
    times = [each["at"] for each in at.audited.entries if each["event"] == "search-made"]
    assert times == sorted(set(times))
    checker = Checker()
    assert not any(checker.take(ChainLink(offset, 0, value)) for offset, value in enumerate(at.audited.values))
    await until(lambda: at.audited.writer.ready)


async def test_with_neither_the_audit_log_nor_a_disk_nothing_is_shown(at: Desks, tmp_path: Path) -> None:
    """A look that can't be written anywhere is refused, and names the duty list."""
    await at.shelters("berk")
    await until((tmp_path / "outbox" / "outbox.sqlite").exists)
    shutil.rmtree(tmp_path / "outbox")
    (tmp_path / "outbox").write_text("in the way")
    at.audited.log.away = True
    for method, path, body in (("post", "/v1/searches", SINGLE), ("get", "/v1/fallbacks", None)):
        assert kind(await at.call(method, path, at.callers.worker(), body)) == (503, "data-unavailable"), path


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_an_outage_excuses_an_old_view_for_a_while_after_it(at: Desks) -> None:
    """The processor gets a minute to catch up after an outage; one of less than five seconds is none."""
    clock = _Clock()
    outage = LogOutage(DurablePublisher(at.sending, DurableLog(at.log, at.outbox), at.needs), clock, 60.0)
    assert (outage.away, outage.excused) == (False, False)
    for lasted, excused in ((2.0, False), (10.0, True)):
        at.log.away = True
        assert (outage.away, outage.excused) == (True, True)
        clock.now += lasted
        assert outage.excused
        at.log.away = False
        assert (outage.away, outage.excused) == (False, excused)
    clock.now += 61
    assert not outage.excused


def elsewhere() -> tuple[str, str]:
    """Name two shelters of different partitions."""
    names = [f"s{number}" for number in range(20)]
    first = names[0]
    return first, next(name for name in names if partition_of(name.encode(), 12) != partition_of(first.encode(), 12))


async def _halted(at: Desks, shelter: str) -> None:
    """Halt the partition of a shelter, and let an hour pass in which the others are stamped."""
    number = partition_of(shelter.encode(), 12)
    await at.folded.view.halt(number, "a type too new")
    at.folded.now += HOUR_MS
    for partition in range(12):
        if partition != number:
            await at.folded.stand(partition)


async def test_a_halted_partition_hides_its_shelters_and_not_the_country(at: Desks) -> None:
    """A search goes on with the other shelters and says that one is hidden; nothing about it is old."""
    one, other = elsewhere()
    await at.shelters(one, other)
    await _halted(at, one)
    found = await at.search()
    assert (len(found["offers"]), found["hidden_shelters"], found["degraded"]) == (1, 1, False)
    listed = await at.call("get", "/v1/holds", at.callers.worker())
    assert (listed.status_code, listed.json()["hidden_shelters"]) == (200, 1)
    held = await at.hold(found["offers"][0]["offer"])
    assert (held.status_code, at.log.said("hold-requested")[-1]["shelter"]) == (201, other)


async def test_the_units_of_a_halted_partition_are_unknown_in_its_area(at: Desks) -> None:
    """An area whose only free place is hidden is unknown, not full; another free place makes it capacity again."""
    one, other = elsewhere()
    await at.shelters(one)
    await _refresh(at)
    assert {area.value for area in at.board.answer().areas} == {"capacity"}
    await _halted(at, one)
    await _refresh(at)
    answer = at.board.answer()
    assert ({area.value for area in answer.areas}, answer.hidden_shelters) == ({"unknown"}, 1)
    await at.shelters(other)
    at.folded.now += HOUR_MS
    for partition in range(12):
        if partition != partition_of(one.encode(), 12):
            await at.folded.stand(partition)
    await _refresh(at)
    assert {area.value for area in at.board.answer().areas} == {"capacity"}


async def test_a_halted_partition_of_demand_hides_its_cases(at: Desks) -> None:
    """The list of fallbacks goes on, and says how many it does not show."""
    hotel: dict[str, Any] = MOTHER | {"accommodation": "hotel", "reason": "nothing_free"}
    for _ in range(6):
        await at.call("post", "/v1/fallbacks", at.callers.worker(), hotel)
    everything = (await at.call("get", "/v1/fallbacks", at.callers.worker())).json()
    number = partition_of(everything["fallbacks"][0]["fallback"].encode(), 12)
    await at.folded.demand.halt(number, "a type too new")
    hidden = sum(partition_of(each["fallback"].encode(), 12) == number for each in everything["fallbacks"])
    listed = (await at.call("get", "/v1/fallbacks", at.callers.worker())).json()
    assert (len(listed["fallbacks"]), listed["hidden_cases"]) == (6 - hidden, hidden)


async def test_a_frozen_log_holds_up_one_answer_and_no_more(at: Desks) -> None:
    """A log that never answers is doubted in less than a second; the answers after that do not wait for it."""
    await at.shelters("berk")
    at.log.answers.clear()
    at.audited.log.answers.clear()
    loop = asyncio.get_running_loop()
    began = loop.time()
    await at.search()
    first, began = loop.time() - began, loop.time()
    for _ in range(5):
        await at.search()
    # Five that waited until they doubted would take four seconds
    assert (first < 3.5, loop.time() - began < 3.5) == (True, True)
    # And before them the key of the day, which seals what they need
    assert len(at.outbox.waiting) == 7
    at.log.answers.set()
    at.audited.log.answers.set()
    await until(lambda: not at.outbox.waiting and at.audited.writer.ready)
    assert len({each["search"] for each in at.log.said("search-made")}) == 6
    assert sum(each["event"] == "search-made" for each in at.audited.entries) == 6


async def test_nothing_can_be_held_while_nothing_is_decided(at: Desks) -> None:
    """While no processor writes to the view, as with a Redis that refuses writes, answers say that nothing can be held."""
    reading, age = at.hub.reading, DataAge(at.folded.now, rebuilding=False)
    silent = replace(reading, moves=PositionTracker(at.folded.view, seconds, Metrics()))
    said = [each.with_outage(age).head(at.folded.now, each.age_limits)["can_hold"] for each in (reading, silent)]
    assert said == [True, False]
