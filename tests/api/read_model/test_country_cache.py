"""The view in memory: as new as the view itself at each question, and not read anew for it."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.clock import now_ms, seconds
from services.adapters.codec.json_reader import read_json
from services.adapters.http.sealed_positions import SealedPositions
from services.adapters.kafka.topics import partition_of
from services.adapters.observability.metrics import Metrics
from services.adapters.problem_details import ProblemError
from services.adapters.view.ports import PartitionSnapshot, Position
from services.adapters.view.position_tracker import PositionTracker
from services.api.read_model.country_cache import CountryCache
from services.api.read_model.data_age import AgeLimits
from services.api.read_model.view_reader import ViewReader
from services.domain.beds.shelter_snapshot import UnitSnapshot
from services.domain.beds.staleness import StalenessLimits
from services.domain.events.catalog import Need
from services.domain.search import matching
from services.domain.search.matching import NearMiss, SearchCriteria, SearchResult
from tests import tapes
from tests.folded import Folded
from tests.sent import admitted, asked, declared, event, registered, uuid
from tests.twins.memory_view import MemoryView

PSEUDONYM = "3fa9c1d2e4b56078"
_NEED: dict[str, Any] = {"kinds": (), "features": (), "men": 0, "oldest_son_age": None, "security": "open", "services": (), "languages": ()}

_ASKED = (
    SearchCriteria(adults=1, children=0, need=Need(**_NEED)),
    SearchCriteria(adults=1, children=3, need=Need(**_NEED | {"kinds": ("crisis",), "oldest_son_age": 13}), exclude_regions=("R01",)),
    SearchCriteria(adults=2, children=5, need=Need(**_NEED | {"men": 1, "features": ("wheelchair",)})),
)


class _Counting(MemoryView):
    """Counts how often it is read, and how."""

    def __init__(self) -> None:
        super().__init__()
        self.compared, self.whole, self.parts = 0, 0, 0

    async def positions(self) -> dict[int, Position]:
        """Tell where each partition stands."""
        self.compared += 1
        await asyncio.sleep(0)  # as a real one lets others go on meanwhile
        return await super().positions()

    async def read_partition(self, partition: int) -> PartitionSnapshot:
        """Read one partition at one instant."""
        self.whole += 1
        return await super().read_partition(partition)

    async def changes_since(self, partition: int, after: str, holds: Iterable[tuple[str, str]]) -> PartitionSnapshot | None:
        """Read the shelters that changed."""
        self.parts += 1
        self.whole -= 1  # the twin makes it of a whole look
        return await super().changes_since(partition, after, holds)


def _reading(folded: Folded) -> ViewReader:
    return ViewReader(
        view=folded.view,
        moves=PositionTracker(folded.view, seconds, Metrics()),
        positions=SealedPositions(Pseudonyms("key")),
        partitions=12,
        limits=StalenessLimits(),
        age_limits=AgeLimits(),
        now=lambda: folded.now,
    )


async def _begun() -> tuple[Folded, _Counting, CountryCache]:
    folded, view = Folded(now_ms()), _Counting()
    folded.view = view
    await folded.begin()
    for partition in range(12):
        await folded.stand(partition)
    return folded, view, CountryCache(reading=_reading(folded))


def _could(unit: UnitSnapshot) -> bool:
    return unit.declared and not unit.stays and not unit.overflow


def _found(result: SearchResult) -> tuple[object, ...]:
    """Return all of a result in the order of shelters; of a shelter its name, since it is kept with some of its units."""
    lists = (
        sorted((fit.shelter.shelter, fit.unit.unit, fit.spare, fit.ageing) for fit in fits) for fits in (result.fits, result.call_first)
    )
    return (result.free, result.fitting, result.excluded, result.unknown, *lists)


def _missed(misses: list[NearMiss]) -> list[tuple[object, ...]]:
    return sorted((miss.shelter.shelter, miss.unit.unit, miss.region, miss.condition) for miss in misses)


async def _same(mirror: CountryCache, view: MemoryView) -> bool:
    country = await mirror.country()
    looks = [await MemoryView.read_partition(view, partition) for partition in range(12)]
    room = {shelter.shelter: set(shelter.units) for shelter, _ in country.unoccupied_shelters()}
    could = {
        shelter.shelter: {unit.unit for unit in shelter.units.values() if _could(unit)}
        for look in looks
        for shelter in look.shelters.values()
    }
    assert room == {shelter: units for shelter, units in could.items() if units}
    for ask in _ASKED:
        assert _found(country.matches(ask)) == _found(matching.find_matches(country.shelters(), ask, country.limits))
        assert _missed(country.near_misses(ask)) == _missed(matching.near_misses(country.shelters(), ask, country.limits))
    return [(look.position, look.shelters) for look in sorted(country.snapshots, key=lambda look: look.partition)] == [
        (look.position, look.shelters) for look in looks
    ]


async def test_it_shows_what_the_view_shows_after_every_event() -> None:
    """Of a recorded week, whose events change all there is to change: shelters, matches, near misses; and it reads no partition twice."""
    folded, view, mirror = await _begun()
    assert await _same(mirror, view)
    whole = view.whole
    for line in tapes.load("week")[:400]:
        await folded.fold(read_json(line.value or b""))
        assert await _same(mirror, view)
    assert (whole, view.whole) == (12, 12)
    assert 0 < view.parts <= 400


async def test_all_of_the_country_is_every_partition() -> None:
    """A question about no partition in particular is answered from all twelve, and one about some from those alone."""
    _, _, mirror = await _begun()
    call: Any = SimpleNamespace(at_least=(), caller=SimpleNamespace(role="worker"))
    read = [[snapshot.partition for snapshot in (await mirror.read(call, asked)).snapshots] for asked in (None, [11, 3])]
    assert read == [list(range(12)), [3, 11]]


async def test_nothing_of_a_half_partition_is_in_the_country() -> None:
    """The shelters of a partition that is on its way to the end of its log are left out: what is known of them is of the past."""
    folded, _, mirror = await _begun()
    await folded.fold(registered(), declared())
    assert (await mirror.country()).shelter("berk")
    await folded.stand(partition_of(b"berk", 12), rebuild_until=100)
    assert (await mirror.follow()).shelter("berk") is None


async def test_a_country_has_another_version_once_a_shelter_has_changed() -> None:
    """What was worked out of the shelters holds while the version is the same: it changes with a shelter, and with nothing else."""
    folded, _, mirror = await _begun()
    await folded.fold(registered(), declared())
    versions = [(await mirror.country()).version for _ in range(2)]
    await folded.fold(admitted())
    versions.append((await mirror.country()).version)
    await folded.stand(partition_of(b"berk", 12))
    versions.append((await mirror.country()).version)
    assert (versions[0] == versions[1], versions[1] < versions[2], versions[2] == versions[3]) == (True, True, True)


async def test_all_who_ask_at_once_share_one_comparison() -> None:
    """But nobody is answered from one that began before she asked."""
    _, view, mirror = await _begun()
    await asyncio.gather(*(mirror.country() for _ in range(50)))
    assert view.compared == 1
    first = asyncio.create_task(mirror.country())
    while view.compared < 2:  # noqa: ASYNC110 - the next turn of the loop is what is waited for
        await asyncio.sleep(0)
    await asyncio.gather(first, *(mirror.country() for _ in range(50)))
    assert view.compared == 3


async def test_what_many_ask_alike_is_looked_up_once() -> None:
    """Who shares a comparison shares what was found; the next one finds anew, and nobody is told what was so before she asked."""
    folded, _, mirror = await _begun()
    await folded.fold(registered(), declared())
    ask = SearchCriteria(adults=1, children=2, need=Need(**_NEED))
    one, other = await asyncio.gather(mirror.country(), mirror.country())
    assert one.matches(ask) is other.matches(ask)
    assert one.near_misses(ask) is other.near_misses(ask)
    assert [fit.shelter.shelter for fit in one.matches(ask).fits] == ["berk"]
    await folded.fold(admitted())
    assert (await mirror.country()).matches(ask).fits == []
    assert [fit.shelter.shelter for fit in one.matches(ask).fits] == ["berk"]  # a country stays as it was seen


async def test_a_view_that_was_emptied_and_rebuilt_is_read_anew() -> None:
    """Also when it stands where it stood before: what was rebuilt is in no feed."""
    folded, view, mirror = await _begun()
    await folded.fold(registered(), declared())
    assert await _same(mirror, view)
    view.wipe()
    with pytest.raises(ProblemError) as told:
        await mirror.country()
    assert told.value.kind == "rebuilding"
    other = Folded(folded.now)
    other.view = view
    await other.begin()
    for partition in range(12):
        await other.stand(partition)
    await other.fold(registered(), declared(), admitted())
    assert await _same(mirror, view)


async def test_a_partition_that_changed_hands_is_read_anew() -> None:
    """What the new owner did before it was at the end stands in no feed."""
    folded, view, mirror = await _begun()
    await folded.fold(registered())
    partition = partition_of(b"berk", 12)
    assert await _same(mirror, view)
    whole = view.whole
    await folded.stand(partition, rebuild_until=1)
    assert await _same(mirror, view)
    assert view.whole == whole + 1


@pytest.mark.parametrize(("changes", "kind"), [({"rebuild_until": 9}, "rebuilding"), ({"alive_at": 1}, "data-unavailable")])
async def test_half_or_old_is_no_answer(changes: dict[str, int], kind: str) -> None:
    """Whoever asks is told to phone; as soon as it is whole again she is answered."""
    folded, view, mirror = await _begun()
    before = folded.positions[3]
    await folded.stand(3, **changes)
    with pytest.raises(ProblemError) as told:
        await mirror.country()
    assert told.value.kind == kind
    await folded.stand(3, rebuild_until=before.rebuild_until)
    assert await _same(mirror, view)


async def test_a_view_that_is_away_is_no_answer() -> None:
    """Not even what was known a moment ago."""
    _, view, mirror = await _begun()
    await mirror.country()
    view.away = True
    with pytest.raises(ProblemError) as told:
        await mirror.country()
    assert told.value.kind == "data-unavailable"
    view.away = False
    await mirror.country()


async def test_holds_are_found_by_who_asked_and_by_their_id() -> None:
    """Also those that are over by now, if they were live when it looked last."""
    folded, _, mirror = await _begun()
    await folded.fold(registered(), declared(), asked(PSEUDONYM))
    await mirror.country()
    [(shelter, hold)] = mirror.holds.asked_by(PSEUDONYM)
    assert (shelter, hold.status, mirror.holds.of(uuid(1))) == ("berk", "granted", [("berk", hold)])
    await folded.fold(event("hold-declined", hold=uuid(1), reason="full"))
    await mirror.country()
    over = replace(hold, status="declined", declined_because="full")
    assert mirror.holds.asked_by(PSEUDONYM) == mirror.holds.of(uuid(1)) == [("berk", over)]
    assert (mirror.holds.asked_by("nobody"), mirror.holds.of(uuid(2))) == ([], [])


async def test_a_hold_that_came_and_went_between_two_comparisons_is_known() -> None:
    """By its unit nobody could tell any more: the feed names it."""
    folded, view, mirror = await _begun()
    await folded.fold(registered(), declared())
    await mirror.country()
    whole = view.whole
    await folded.fold(asked(PSEUDONYM), event("hold-declined", hold=uuid(1), reason="full"), event("count-confirmed"))
    await mirror.country()
    assert ([hold.status for _, hold in mirror.holds.asked_by(PSEUDONYM)], view.whole) == (["declined"], whole)
