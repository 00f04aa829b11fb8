"""Searches that nobody ends: a day later they have ended, once, whoever looks how often."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from services.adapters.kafka.topics import partition_of
from services.adapters.view.ports import ViewUnavailableError
from services.api.searches.auto_close import AutoClose
from services.api.searches.sealed_offers import SEARCH_MS
from services.domain.demand.case_fold import Case
from tests.api.desks import Desks, desks


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API."""
    async with desks(tmp_path) as opened:
        yield opened


def _unended(at: Desks) -> AutoClose:
    """Make what ends them, as an API does that was started just now."""
    sending = at.sending
    return AutoClose(demand=at.folded.demand, partitions=12, sending=sending, now=lambda: at.folded.now, metrics=at.metrics)


def _outcomes(at: Desks) -> list[str]:
    return [end["outcome"] for end in at.log.said("search-ended")]


def _cases(at: Desks) -> list[Case]:
    return [case for partition in at.folded.of_demand.values() for case in partition.projection.state.cases.values()]


async def test_a_search_that_nobody_ends_has_ended_a_day_later(at: Desks) -> None:
    """Not a moment before; how, nobody knows. An API that is started again finds none that is open, and says it no second time."""
    await at.search()
    [(made, *_)] = [case.starts for case in _cases(at)]
    await at.later(SEARCH_MS - 1)
    await _unended(at).end()
    assert _outcomes(at) == []
    await at.later(1)
    for _ in range(2):
        await _unended(at).end()
    assert _outcomes(at) == ["unknown"]
    [case] = _cases(at)
    assert case.end
    assert (case.open, case.end.at, case.end.event.source) == (False, made.at + SEARCH_MS * 1_000_000, "urn:plek:api")


async def test_two_that_look_at_once_end_it_once(at: Desks) -> None:
    """Neither sees the other's: both say the same event, and the log counts it once (D1)."""
    await at.search()
    await at.later(SEARCH_MS)
    at.log.stalled = True
    for _ in range(2):
        await _unended(at).end()
    at.log.stalled = False
    await at.log.catch_up()
    assert _outcomes(at) == ["unknown", "unknown"]
    assert [len(case.ends) for case in _cases(at)] == [1]


async def test_what_somebody_said_is_what_counts(at: Desks) -> None:
    """A search that was held, or ended in words, has ended; also where that comes into the view after the day was over (D3)."""
    await at.shelters("berk")
    offer = (await at.search())["offers"][0]["offer"]
    assert (await at.hold(offer)).status_code == 201
    mine, who = (await at.search())["search"], at.callers.worker()
    await at.later(SEARCH_MS - 1)
    at.log.stalled = True
    assert (await at.call("post", f"/v1/searches/{mine}/end", who, {"outcome": "elsewhere"})).status_code == 200
    await at.later(1)
    await _unended(at).end()
    at.log.stalled = False
    await at.log.catch_up()
    assert sorted(case.end.data.outcome for case in _cases(at) if case.end) == ["elsewhere", "held"]


async def test_nothing_is_ended_by_half_a_view(at: Desks) -> None:
    """What is folded anew may have its end still before it; what is away tells nothing."""
    await at.search()
    await at.later(SEARCH_MS)
    [key] = [case.key for case in _cases(at)]
    partition = partition_of(key.encode(), 12)
    saved = at.folded.demand.reach(partition).saved
    assert saved
    whole, saved.position = saved.position, replace(saved.position, rebuild_until=saved.position.offset + 2)
    await _unended(at).end()
    at.folded.demand.away = True
    with pytest.raises(ViewUnavailableError):
        await _unended(at).end()
    at.folded.demand.away = False
    assert _outcomes(at) == []
    saved.position = whole
    await _unended(at).end()
    assert _outcomes(at) == ["unknown"]
