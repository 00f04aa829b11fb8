"""The contract suite of the view: Redis and its twin in memory keep the same guarantees."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from services.adapters.view import shelter_documents
from services.adapters.view.case_documents import case_document
from services.adapters.view.keys import partition_keys
from services.adapters.view.ports import FOLD_VERSION, MOST_CHANGES, Change, PartitionCheck, Position, Saved, ViewUnavailableError, Write
from services.adapters.view.redis_reader import RedisDemandReader, RedisReader
from services.domain.beds.holds import HoldFacts
from services.domain.beds.shelter_snapshot import Discrepancy, Held, Paused, ShelterSnapshot, StaySnapshot, UnitSnapshot
from services.domain.demand.case_fold import Case
from services.domain.events import catalog as e
from tests.controlled_servers import Valkey
from tests.twins.memory_redis import in_redis
from tests.twins.memory_view import MemoryDemandView, MemoryView

START = Position(offset=6, fingerprint="7:1000:ab", rebuild_until=20)
HOLD = HoldFacts(
    hold="h", offset=8, status="granted", unit="u1", reason=None, requested_at=1, until=2, adults=1, children=2, desk="d", asked_by="f" * 16
)
BERK = ShelterSnapshot("berk", heard_at=5, paused=Paused("staffing", None), discrepancy=Discrepancy(1, 2))
UNIT = UnitSnapshot("u1", kind="crisis", max_adults=2, max_children=3, beds=5, features=("cot",), stays=(StaySnapshot("s", 1, 2, 3, None),))

REDIS, REDIS_DEMAND = in_redis(), in_redis("redis demand")


async def views(kind: str, url: str, prefix: str) -> AsyncIterator[Any]:
    """Make a view of a kind, and close it."""
    match kind:
        case "memory":
            yield MemoryView(partitions=2)
        case "memory demand":
            yield MemoryDemandView(partitions=2)
        case _:
            redis = (RedisDemandReader if kind.endswith("demand") else RedisReader)(url, prefix, partitions=2)
            yield redis
            await redis.close()


@pytest_asyncio.fixture(params=["memory", *REDIS, "memory demand", *REDIS_DEMAND])
async def view(request: pytest.FixtureRequest, redis_url: str, prefix: str) -> AsyncIterator[Any]:
    """Make each view: of beds and of demand, in memory and in Redis."""
    async for made in views(request.param, redis_url, prefix):
        yield made


@pytest_asyncio.fixture(params=["memory", *REDIS])
async def beds(request: pytest.FixtureRequest, redis_url: str, prefix: str) -> AsyncIterator[Any]:
    """Make each view of beds."""
    async for made in views(request.param, redis_url, prefix):
        yield made


@pytest_asyncio.fixture(params=["memory demand", *REDIS_DEMAND])
async def demand(request: pytest.FixtureRequest, redis_url: str, prefix: str) -> AsyncIterator[Any]:
    """Make each view of demand."""
    async for made in views(request.param, redis_url, prefix):
        yield made


KEY = "e43dede7-a5c8-45c5-81c7-5baba4879205"


def case(id_: str, fact: e.CaseFact, time: int) -> Case:
    """Return a case with one fact."""
    made = Case(KEY)
    made.add(e.Event(id=id_, source="urn:plek:worker", time=time, subject="R07", data=fact), fact, 0)
    return made


WAITING = case("1", e.WaitingListJoined(entry=KEY, region="R07", kind="crisis", adults=1, children=0), 5)
GONE = case("2", e.FallbackEnded(fallback=KEY, outcome="home"), 7)


def write(after: int = 6, to: int = 9, **what: Any) -> Write:
    """Make a write from one offset to another, on the position START."""
    return Write(after=after, position=replace(START, offset=to, clock=50, swept_at=60, alive_at=70), **what)


FULL: dict[str, Any] = {
    "facts": {7: b"seven", 8: b"eight"},
    "seen": {b"\x00" * 16: 40, b"\xff" * 16: 50},
    "corrected": {b"\n\r" * 8: 50},
    "holds": {"berk/h": shelter_documents.hold_document(HOLD)},
    "shelters": {"berk": shelter_documents.shelter_document(BERK)},
    "units": {"berk/u1": shelter_documents.unit_document(UNIT)},
    "cases": {f"entry/{KEY}": case_document(WAITING), f"fallback/{KEY}": case_document(GONE)},
    "open": {f"entry/{KEY}": case_document(WAITING)},
    "counts": {"national:free": 3, "shelter:berk:free": 0},
    "changes": [(7, "berk"), (8, "es"), (8, "berk")],
}


async def test_nothing_is_there_before_it_begins(view: Any) -> None:
    """A partition that was never folded has no position, no state and no shelters: unknown, not zero."""
    look = await view.read_partition(0)
    assert not getattr(look, "shelters", None)
    assert (await view.load(0), await view.position(0), await view.positions(), look.position) == (None, None, {}, None)
    assert not await view.write(0, write())


async def test_all_that_is_written_is_read_back(view: Any) -> None:
    """A write is stored whole and without loss, also bytes that are no text."""
    await view.begin(0, START)
    assert await view.write(0, write(**FULL))
    saved = await view.load(0)
    kept = {name: getattr(saved, name) for name in FULL if name != "changes"}
    assert kept == {name: value for name, value in FULL.items() if name != "changes"}
    assert saved.position == replace(START, offset=9, clock=50, swept_at=60, alive_at=70) == await view.position(0)


async def test_beds_are_read_as_written(beds: Any) -> None:
    """A reader gets shelters with their units, and holds, as they were written."""
    await beds.begin(0, START)
    await beds.write(0, write(**FULL))
    look = await beds.read_partition(0)
    assert look.shelters == {"berk": replace(BERK, units={"u1": UNIT})}
    assert look.holds == {("berk", "h"): HOLD}
    assert await beds.hold(0, "berk", "h") == HOLD
    assert await beds.hold(0, "berk", "another") is None


async def test_open_cases_are_read_as_written(demand: Any) -> None:
    """A reader gets open cases with their start, and by id also a case that has ended, or of which only the end is known."""
    await demand.begin(0, START)
    await demand.write(0, write(**FULL))
    (entry,) = (await demand.read_partition(0)).open
    assert (entry.kind, entry.key, entry.region, entry.open, entry.start.id) == ("entry", KEY, "R07", True, "1")
    assert (entry.start.time, entry.start.occurred_at, entry.start.data["kind"]) == (5, 5, "crisis")
    assert await demand.case(0, "entry", KEY) == entry
    gone = await demand.case(0, "fallback", KEY)
    assert (gone.region, gone.open, gone.end.data["outcome"]) == (None, False, "home")
    assert await demand.case(0, "search", KEY) is None


@pytest.mark.parametrize(
    "wrong",
    [
        write(after=5, **FULL),
        write(after=7, **FULL),
        replace(write(**FULL), position=replace(START, offset=9, fold_version=FOLD_VERSION + 1)),
        replace(write(**FULL), position=replace(START, offset=9, fingerprint="7:1000:other")),
    ],
    ids=["behind", "ahead", "other fold", "other log"],
)
async def test_the_fence_refuses_a_write_for_another_state(view: Any, wrong: Write) -> None:
    """A write for another position, fold version or log changes nothing at all."""
    await view.begin(0, START)
    before = await view.load(0)
    assert not await view.write(0, wrong)
    assert await view.load(0) == before
    assert await view.changes(0, "0") == []


async def test_a_write_twice_is_refused_the_second_time(view: Any) -> None:
    """A writer that got no reply may write again: the second time is refused, and counts nothing twice."""
    await view.begin(0, START)
    assert await view.write(0, write(**FULL))
    assert not await view.write(0, write(**FULL))


async def test_an_empty_log_gets_its_fingerprint_with_the_first_write(view: Any) -> None:
    """A partition that was empty takes the fingerprint of the first write."""
    await view.begin(0, replace(START, fingerprint=""))
    assert await view.write(0, write())
    assert (await view.position(0)).fingerprint == START.fingerprint


async def test_what_is_gone_is_removed(view: Any) -> None:
    """Dropped facts, units that are no longer shown and expired names are removed from the view."""
    await view.begin(0, START)
    await view.write(0, write(**FULL))
    gone = {"cases_gone": [f"entry/{KEY}"], "open_gone": [f"entry/{KEY}", "entry/another"]}
    assert await view.write(0, write(after=9, to=10, facts_dropped=[7, 99], units_gone=["berk/u1"], names_before=40, **gone))
    saved = await view.load(0)
    assert (saved.facts, saved.units, saved.seen) == ({8: b"eight"}, {}, {b"\xff" * 16: 50})
    assert (list(saved.cases), saved.open) == ([f"fallback/{KEY}"], {})


async def test_begin_leaves_a_view_of_this_fold_alone(view: Any) -> None:
    """Two processors that begin at once do not clear each other's view; another fold version starts anew."""
    await view.begin(0, START)
    await view.write(0, write(**FULL))
    await view.begin(0, START)
    assert (await view.position(0)).offset == 9
    await view.begin(0, replace(START, fold_version=FOLD_VERSION + 1))
    saved = await view.load(0)
    assert (saved.position.offset, saved.facts, saved.seen, saved.counts) == (6, {}, {}, {})


async def test_rebuilding_lasts_until_the_end_seen_at_assignment(view: Any) -> None:
    """The end of the log at assignment stays through writes, and is reached by the position alone."""
    await view.begin(0, START)
    assert (await view.position(0)).rebuilding
    await view.assign(0, 10)
    await view.write(0, write(to=8))
    assert (await view.position(0)).rebuilding
    await view.write(0, write(after=8, to=9))
    assert not (await view.position(0)).rebuilding


async def test_an_end_at_assignment_makes_no_position(view: Any) -> None:
    """A view that is emptied between load and assignment stays empty, and has no half position."""
    await view.assign(0, 10)
    assert (await view.load(0), await view.positions()) == (None, {})


async def test_the_feed_has_ids_of_the_log(view: Any) -> None:
    """The id of a change is its offset; a change by time alone comes after the offset at which it was noticed."""
    await view.begin(0, START)
    await view.write(0, write(**FULL))
    await view.write(0, write(after=9, to=9, changes=[(9, "es")]))
    await view.write(0, write(after=9, to=9, changes=[(9, "berk")]))
    expected = [Change("7-1", "berk"), Change("8-1", "es"), Change("8-2", "berk", ("h",)), Change("9-1", "es"), Change("9-2", "berk")]
    assert await view.changes(0, "0") == expected
    assert await view.changes(0, "8-2") == expected[3:]
    assert await view.changes(0, "9-2") == []
    assert await view.changes(0, "3-1") == "reload"


async def test_what_changed_is_read_alone(beds: Any) -> None:
    """The changes since an entry are its shelters as they are now, with their holds that changed, those on units, and those asked for."""
    await beds.begin(0, START)
    els, other, third = ShelterSnapshot("els", heard_at=1), replace(HOLD, hold="h2", status="released"), replace(HOLD, hold="h3")
    everything: dict[str, Any] = {
        "shelters": {"berk": shelter_documents.shelter_document(BERK), "els": shelter_documents.shelter_document(els)}
    }
    await beds.write(0, write(to=7, changes=[(7, "berk")], holds={"berk/h3": shelter_documents.hold_document(third)}, **everything))
    assert (await beds.read_partition(0)).newest == "7-1"
    held = {"berk/u1": shelter_documents.unit_document(replace(UNIT, held=Held("h", 9)))}
    came_and_went = {f"berk/{hold.hold}": shelter_documents.hold_document(hold) for hold in (HOLD, other)}
    await beds.write(0, write(after=7, to=8, units=held, changes=[(8, "berk"), (8, "els"), (8, "berk")], holds=came_and_went))
    since = await beds.changes_since(0, "7-1", [])
    assert (since.position, since.newest) == (replace(START, offset=8, clock=50, swept_at=60, alive_at=70), "8-3")
    assert since.shelters == {"berk": replace(BERK, units={"u1": replace(UNIT, held=Held("h", 9))}), "els": els}
    assert since.holds == {("berk", "h"): HOLD, ("berk", "h2"): other}
    nothing = await beds.changes_since(0, "8-3", [("berk", "h2")])
    assert (nothing.newest, nothing.shelters, nothing.holds) == ("8-3", {}, {})
    await beds.write(0, write(after=8, changes=[(9, "berk")]))
    assert (await beds.changes_since(0, "8-3", [])).holds == {("berk", "h"): HOLD}
    assert (await beds.changes_since(0, "8-3", [("berk", "h3"), ("els", "h4")])).holds == {("berk", "h"): HOLD, ("berk", "h3"): third}
    assert (await beds.changes_since(0, "0", [])).holds == {("berk", "h"): HOLD, ("berk", "h2"): other, ("berk", "h3"): third}


async def test_too_many_or_too_old_changes_need_a_read_of_the_partition(beds: Any) -> None:
    """A feed that does not go back that far, or has too many changes, gives None."""
    await beds.begin(0, START)
    await beds.write(0, write(to=7, changes=[(7, "berk")]))
    assert await beds.changes_since(0, "5-1", []) is None
    await beds.write(0, write(after=7, to=7, changes=[(7, "berk")] * (MOST_CHANGES + 1)))
    assert await beds.changes_since(0, "7-1", []) is None
    assert await beds.changes_since(0, "7-2", []) is not None


async def test_a_forgotten_partition_begins_anew(view: Any) -> None:
    """Removing the position is enough for an owner to rebuild from the log."""
    await view.begin(0, START)
    await view.write(0, write(**FULL))
    await view.forget(0)
    assert not await view.write(0, write(after=9, to=10))
    await view.begin(0, START)
    assert (await view.load(0)).facts == {}


async def test_a_halt_is_read_until_it_ends(view: Any) -> None:
    """Every reader gets the reason of a halted partition, until it ends."""
    await view.halt(1, "a type too new")
    assert (await view.read_partition(1)).halted == "a type too new"
    await view.halt(1, None)
    assert (await view.read_partition(1)).halted is None


async def test_a_subscriber_gets_every_move(view: Any) -> None:
    """After each write a subscriber gets its partition and offset, in order."""
    await view.begin(1, START)
    async with aclosing(view.subscribe()) as moves, asyncio.timeout(15):
        first = asyncio.ensure_future(anext(moves))
        after = 6
        while not first.done():  # until the subscription has begun: it does not get earlier writes
            await view.write(1, write(after=after, to=after + 1))
            after += 1
            await asyncio.wait([first], timeout=0.05)
        assert (await first)[0] == 1
        assert (await first)[1] <= after


async def test_what_the_canary_found_is_kept(view: Any) -> None:
    """It is read of each partition that was compared, until the next is written."""
    for differences in (0, 2):
        await view.mark_checked(1, PartitionCheck(at=9, log_at=0, differences=differences))
        assert await view.checks() == {1: PartitionCheck(at=9, log_at=0, differences=differences)}


async def test_a_sample_has_what_was_asked_for_and_how_much_there_is(view: Any) -> None:
    """Members that are missing are left out, those that were not asked for are counted only; nothing where nothing was begun."""
    like = Saved(position=START, shelters={"s": b"", "missing": b""}, units={"s/u": b""}, counts={"national:free": 0, "none": 0})
    assert await view.sample(1, like) is None
    await view.begin(1, START)
    there = replace(write(), shelters={"s": b"{}", "t": b"{}"}, units={"s/u": b"1"}, counts={"national:free": 3, "more": 1}, cases={})
    assert await view.write(1, there)
    sample = await view.sample(1, like)
    saved = sample.saved
    assert (saved.shelters, saved.units, saved.counts, saved.holds) == ({"s": b"{}"}, {"s/u": b"1"}, {"national:free": 3}, {})
    assert saved.position == await view.position(1)
    assert (sample.sizes["shelters"], sample.sizes["units"], sample.sizes["counts"]) == (2, 1, 2)


async def test_every_partition_is_read(view: Any) -> None:
    """The positions and the halts of all partitions are read, those of the last one too, and a position that moved is read anew."""
    await view.begin(1, START)
    await view.halt(1, "why")
    assert (await view.positions(), await view.halted()) == ({1: START}, {1: "why"})
    assert await view.write(1, write())
    assert {number: position.offset for number, position in (await view.positions()).items()} == {1: 9}


async def test_partitions_are_apart(view: Any) -> None:
    """A write to one partition does not show in another."""
    await view.begin(0, START)
    await view.begin(1, START)
    await view.write(0, write(**FULL))
    assert (await view.load(1)).facts == {}
    assert {number: position.offset for number, position in (await view.positions()).items()} == {0: 9, 1: 6}


async def test_a_large_write_is_one_write(view: Any) -> None:
    """A write with more fields than Lua's stack holds is still applied whole."""
    facts = dict.fromkeys(range(7, 20007), b"x" * 50)
    await view.begin(0, START)
    assert await view.write(0, write(to=20_006, facts=facts))
    assert (await view.load(0)).facts == facts


async def test_a_view_that_is_away_raises(own_valkey: Valkey) -> None:
    """Every call to a dead Redis is a ViewUnavailableError, as with the twin: never an empty result."""
    redis, twin = RedisReader(own_valkey.url, "p", partitions=1, timeout=0.5), MemoryView()
    others = RedisDemandReader(own_valkey.url, "p", partitions=1, timeout=0.5), MemoryDemandView()
    await own_valkey.kill()
    twin.away = others[1].away = True
    for away in (redis, twin, *others):
        for call in (
            away.load(0),
            away.begin(0, START),
            away.write(0, write()),
            away.read_partition(0),
            away.positions(),
            away.changes(0, "0"),
        ):
            with pytest.raises(ViewUnavailableError):
                await call
    for demand in others:
        with pytest.raises(ViewUnavailableError):
            await demand.case(0, "entry", KEY)
    await redis.close()
    await others[0].close()


async def test_demand_and_beds_are_two_views(any_redis: str, prefix: str) -> None:
    """Under one prefix a write to the view of beds is not in that of demand."""
    views = RedisReader(any_redis, prefix, partitions=1), RedisDemandReader(any_redis, prefix, partitions=1)
    await views[1].begin(0, START)
    assert await views[1].write(0, write(**FULL))
    assert (await views[0].load(0), (await views[1].position(0)).offset) == (None, 9)  # type: ignore[union-attr]  # it was just written
    for view in views:
        await view.close()


async def test_a_redis_that_was_started_again_is_reached_at_once(own_valkey: Valkey) -> None:
    """After a restart of Redis no call fails on a connection that the restart broke."""
    redis = RedisReader(own_valkey.url, "p", partitions=1)
    await redis.begin(0, START)
    await asyncio.gather(*(redis.read_partition(0) for _ in range(8)))
    await own_valkey.stop()
    await own_valkey.start()
    for _ in range(2):
        looks = await asyncio.gather(*(redis.read_partition(0) for _ in range(8)))
        assert [look.position for look in looks] == [START] * 8
    await redis.close()


async def test_a_position_of_another_version_is_read(any_redis: str, prefix: str) -> None:
    """A position with more or fewer fields, of another version, is read, so that the partition is rebuilt."""
    view, key = RedisReader(any_redis, prefix, partitions=1), partition_keys(prefix, 0).position
    await view.begin(0, replace(START, fold_version=FOLD_VERSION + 1))
    await view._redis.hset(key, "invented_later", "x")
    await view._redis.hdel(key, "alive_at")
    assert await view.position(0) == replace(START, fold_version=FOLD_VERSION + 1)
    await view.close()


async def test_a_count_is_one_hget_for_any_client(valkey: Valkey, prefix: str) -> None:
    """The documented keys hold plain numbers: a count needs no library of ours."""
    view = RedisReader(valkey.url, prefix, partitions=1)
    await view.begin(0, START)
    await view.write(0, write(**FULL))
    assert partition_keys(prefix, 0).counts == f"{prefix}:{{0}}:counts"
    reader, writer = await asyncio.open_connection("127.0.0.1", valkey.port)
    writer.write(f"HGET {prefix}:{{0}}:counts national:free\r\n".encode())
    assert await reader.readline() + await reader.readline() == b"$1\r\n3\r\n"
    writer.close()
    await view.close()
