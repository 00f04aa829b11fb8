"""The view in this process's memory, for questions that need all of it. Never older than what a read of the view itself would show.

A caller is answered from a copy that was compared with the view after the request came in: one read of where the partitions stand,
shared by all that wait for it, then of those that have moved only the shelters that have changed. In doubt (the feed has a gap, the
partition was taken over or rebuilt) all of it is read again.
"""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from services.adapters.http.call import Call
from services.adapters.problem_details import ProblemError
from services.adapters.view.ports import PartitionSnapshot, Position, ViewUnavailableError
from services.api.read_model.data_age import DataAge, hidden_shelters, seen_at
from services.api.read_model.hold_index import HoldIndex
from services.api.read_model.view_reader import Read, ViewReader
from services.domain.beds.shelter_snapshot import ShelterSnapshot
from services.domain.beds.staleness import StalenessLimits
from services.domain.search import matching
from services.domain.search.matching import NearMiss, SearchCriteria, SearchResult, TimedShelter

# So that the first who asks after a quiet hour does not wait for all that happened in it.
_IDLE_S = 5.0


@dataclass(frozen=True, slots=True)
class CountrySnapshot:
    """All that was known at `now` (ms), and how true it is: the same for all who share a comparison, so what one asks is looked up once."""

    snapshots: list[PartitionSnapshot]
    age: DataAge
    now: int
    limits: StalenessLimits
    unoccupied: dict[int, dict[str, ShelterSnapshot]]
    head: dict[str, Any]
    """How old it is, and how many shelters are hidden, as every answer from it says first."""
    version: int = 0
    """Of the shelters: as long as it is the same, none has changed."""
    _matches: dict[SearchCriteria, SearchResult] = field(default_factory=dict)
    _near_misses: dict[SearchCriteria, list[NearMiss]] = field(default_factory=dict)

    def matches(self, ask: SearchCriteria) -> SearchResult:
        """Return what there is for a household."""
        result = self._matches.get(ask)
        if result is None:
            result = self._matches[ask] = matching.find_matches(self.unoccupied_shelters(), ask, self.limits)
        return result

    def near_misses(self, ask: SearchCriteria) -> list[NearMiss]:
        """List what fits a household but for one condition."""
        if ask not in self._near_misses:
            self._near_misses[ask] = matching.near_misses(self.unoccupied_shelters(), ask, self.limits)
        return self._near_misses[ask]

    def shelters(self) -> Iterator[TimedShelter]:
        """Yield every shelter with the time it is seen at."""
        for snapshot in self._shown():
            at = seen_at(snapshot, self.now)
            for shelter in snapshot.shelters.values():
                yield shelter, at

    def unoccupied_shelters(self) -> Iterator[TimedShelter]:
        """Yield every shelter with a unit that is not lived in, with those units alone: a twentieth of the country."""
        for snapshot in self._shown():
            at = seen_at(snapshot, self.now)
            for shelter in self.unoccupied[snapshot.partition].values():
                yield shelter, at

    def shelter(self, name: str) -> ShelterSnapshot | None:
        """Find a shelter by its id."""
        return next((snapshot.shelters[name] for snapshot in self.snapshots if name in snapshot.shelters), None)

    def registered(self) -> Iterator[ShelterSnapshot]:
        """Yield every shelter, also the hidden ones: what is known of where they are does not grow old."""
        return (shelter for snapshot in self.snapshots for shelter in snapshot.shelters.values())

    def _shown(self) -> Iterator[PartitionSnapshot]:
        """Yield the partitions that are shown: what is known of a halted one grows old by an unknown amount."""
        return (snapshot for snapshot in self.snapshots if not snapshot.halted)

    def view(self) -> dict[str, int]:
        """Return where each partition stands, as events of demand write it."""
        stands = {str(snapshot.partition): snapshot.position.offset for snapshot in self.snapshots if snapshot.position}
        return {partition: offset for partition, offset in stands.items() if offset >= 0}


@dataclass(slots=True, kw_only=True)
class CountryCache:
    """Keeps the country. One a process."""

    reading: ViewReader
    _snapshots: dict[int, PartitionSnapshot] = field(default_factory=dict)
    _unoccupied: dict[int, dict[str, ShelterSnapshot]] = field(default_factory=dict)
    holds: HoldIndex = field(default_factory=HoldIndex)
    """Every hold that the view keeps, as of the last comparison."""
    _version: int = 0
    _running: "asyncio.Task[CountrySnapshot] | None" = None
    _queued: "asyncio.Task[CountrySnapshot] | None" = None

    async def run_forever(self) -> None:
        """Follow the view, until cancelled."""
        while True:
            with suppress(ProblemError):
                await self.follow()
            await asyncio.sleep(_IDLE_S)

    async def country(self) -> CountrySnapshot:
        """Return the country as it is now; ProblemError 503 when the view can't be reached, is being rebuilt or is too old."""
        country = await self.follow()
        country.age.require_fresh(country.now, self.reading.age_limits)
        return country

    async def follow(self) -> CountrySnapshot:
        """Compare with the view as it is after this call; all who call meanwhile share the next comparison."""
        if self._queued is None:
            self._queued = asyncio.create_task(self._after(self._running))
        try:
            return await asyncio.shield(self._queued)
        except ViewUnavailableError as away:
            raise ProblemError("data-unavailable") from away

    async def _after(self, before: "asyncio.Task[CountrySnapshot] | None") -> CountrySnapshot:
        if before:
            await asyncio.wait((before,))
        self._running, self._queued = self._queued, None  # who comes from here on wants a newer one
        await self._compare()
        snapshots, now = list(self._snapshots.values()), self.reading.now()
        age = self.reading.age_of(snapshots, now)
        head = age.head(now, self.reading.age_limits) | {"hidden_shelters": hidden_shelters(snapshots)}
        return CountrySnapshot(snapshots, age, now, self.reading.limits, dict(self._unoccupied), head, self._version)

    async def _compare(self) -> None:
        stands = await self.reading.view.positions()
        moved = [number for number in range(self.reading.partitions) if not self._stays(number, stands.get(number))]
        if moved:
            await asyncio.gather(*(self._catch_up(number, stands.get(number)) for number in moved))
        halted = await self.reading.halted(stands)
        for number, snapshot in self._snapshots.items():
            snapshot.halted = halted.get(number)

    async def read(self, call: Call[Any], partitions: Iterable[int] | None = None) -> Read:
        """Read some partitions, or all, at least as far as the caller wants; all who ask meanwhile share one comparison with the view."""
        wanted = await self.reading.wait_for(call)
        country = await self.follow()
        numbers = set(range(self.reading.partitions) if partitions is None else partitions)
        if country.age.rebuilding:  # of what is on its way to the end of the log this keeps nothing
            return self.reading.with_age(await self.reading.read_partitions(sorted(numbers)), wanted)
        return self.reading.with_age(
            [snapshot for snapshot in sorted(country.snapshots, key=_number) if snapshot.partition in numbers], wanted
        )

    def _stays(self, number: int, stands: Position | None) -> bool:
        """Take in where a partition stands if that is all that can have changed; say whether it was."""
        have = self._snapshots.get(number)
        if have is None or have.position is None or stands is None:
            return False
        stays = stands.follows(have.position) and stands.offset == have.position.offset
        if stays:
            have.position = stands
        return stays

    async def _catch_up(self, number: int, stands: Position | None) -> None:
        have = self._snapshots.get(number, _nothing(number, None))
        if stands is None or (stands.rebuilding and not self._was_whole(stands)):  # nothing of it is shown until it is whole again
            self._take(_nothing(number, stands))
        elif not stands.follows(have.position):
            self._take(await self.reading.view.read_partition(number))
        else:
            live = [name for name, hold in have.holds.items() if hold.status == "granted"]
            news = await self.reading.view.changes_since(number, have.newest, live)
            if news and news.position and news.position.follows(have.position):
                self._add(have, news)
            else:
                self._take(await self.reading.view.read_partition(number))

    def _was_whole(self, stands: Position) -> bool:
        """Return whether a partition on its way to the end of the log stood there before: after an outage it is old, and not half."""
        return bool(stands.alive_at and self.reading.outage and self.reading.outage.excused)

    def _add(self, have: PartitionSnapshot, news: PartitionSnapshot) -> None:
        """Take in what has changed."""
        self.holds.add(news)
        self._version += bool(news.shelters)
        self._unoccupied[news.partition] = _with_unoccupied(self._unoccupied[news.partition], news)
        self._snapshots[news.partition] = replace(news, shelters=have.shelters | news.shelters, holds=have.holds | news.holds)

    def _take(self, snapshot: PartitionSnapshot) -> None:
        """Take in all of a partition, in place of what was known of it."""
        self.holds.replace(self._snapshots.get(snapshot.partition), snapshot)
        self._version += 1
        self._unoccupied[snapshot.partition] = _with_unoccupied({}, snapshot)
        self._snapshots[snapshot.partition] = snapshot


def _with_unoccupied(before: dict[str, ShelterSnapshot], news: PartitionSnapshot) -> dict[str, ShelterSnapshot]:
    """Keep of each shelter the units that are not lived in, closed ones too; drop those that have none."""
    after = {name: shelter for name, shelter in before.items() if name not in news.shelters}
    for name, shelter in news.shelters.items():
        units = {unit.unit: unit for unit in shelter.units.values() if unit.declared and not unit.stays and not unit.overflow}
        if units:
            after[name] = replace(shelter, units=units)
    return after


def _nothing(partition: int, stands: Position | None) -> PartitionSnapshot:
    return PartitionSnapshot(partition=partition, position=stands, halted=None, shelters={}, holds={})


def _number(snapshot: PartitionSnapshot) -> int:
    return snapshot.partition
