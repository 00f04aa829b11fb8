"""The view in this process's memory, for questions that need all of it. Never older than what a read of the view itself would show.

Whoever asks is answered from a mirror that was compared with the view after she asked: one question of where the partitions stand,
shared by all who wait for it, then of those that have moved only the shelters that have changed. In doubt (the feed has a gap, the
partition was taken over or rebuilt) all of it is read again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

from services.adapters.problems import ProblemError
from services.adapters.view.port import Look, Position, ViewUnavailableError
from services.api.reading import Reading
from services.api.standing import Standing, seen_at
from services.domain import search
from services.domain.crowd import emptied
from services.domain.freshness import Limits
from services.domain.holds import Hold
from services.domain.picture import ShelterPicture
from services.domain.search import Ask, Found, Miss, Seen

# So that the first who asks after a quiet hour does not wait for all that happened in it.
_IDLE_S = 5.0


@dataclass(frozen=True, slots=True)
class Country:
    """All that was known at `now` (ms), and how true it is: the same for all who share a comparison, so what one asks is looked up once."""

    looks: list[Look]
    standing: Standing
    now: int
    limits: Limits
    roomy: dict[int, dict[str, ShelterPicture]]
    empty: dict[int, dict[str, ShelterPicture]]
    """Every shelter as it would be if it were empty: what it is. `formed` changes when one of them does."""
    formed: int
    _found: dict[Ask, Found] = field(default_factory=dict)
    _nearly: dict[Ask, list[Miss]] = field(default_factory=dict)

    def found(self, ask: Ask) -> Found:
        """Tell what there is for a household."""
        if ask not in self._found:
            self._found[ask] = search.look(self.room(), ask, self.limits)
        return self._found[ask]

    def nearly(self, ask: Ask) -> list[Miss]:
        """List what fits a household but for one condition."""
        if ask not in self._nearly:
            self._nearly[ask] = search.nearly(self.shelters(), ask, self.limits)
        return self._nearly[ask]

    def shelters(self) -> Iterator[Seen]:
        """Yield every shelter with the time it is seen at."""
        for look in self.looks:
            at = seen_at(look, self.now)
            for shelter in look.shelters.values():
                yield shelter, at

    def room(self) -> Iterator[Seen]:
        """Yield every shelter where somebody could move in, with those of its units alone: a twentieth of the country."""
        for look in self.looks:
            at = seen_at(look, self.now)
            for shelter in self.roomy[look.partition].values():
                yield shelter, at

    def shelter(self, name: str) -> ShelterPicture | None:
        """Find a shelter by its id."""
        return next((look.shelters[name] for look in self.looks if name in look.shelters), None)

    def emptied(self) -> Iterator[ShelterPicture]:
        """Yield every shelter as it would be if it were empty."""
        for shelters in self.empty.values():
            yield from shelters.values()

    def view(self) -> dict[str, int]:
        """Tell where each partition stands, as events of demand write it."""
        stands = {str(look.partition): look.position.offset for look in self.looks if look.position}
        return {partition: offset for partition, offset in stands.items() if offset >= 0}


Kept = tuple[str, Hold]
"""The shelter of a hold, and the hold."""


@dataclass(slots=True, kw_only=True)
class Mirror:
    """Keeps the country. One a process."""

    reading: Reading
    _looks: dict[int, Look] = field(default_factory=dict)
    _roomy: dict[int, dict[str, ShelterPicture]] = field(default_factory=dict)
    _empty: dict[int, dict[str, ShelterPicture]] = field(default_factory=dict)
    _formed: int = 0
    _holds: defaultdict[str, dict[tuple[str, str], Hold]] = field(default_factory=lambda: defaultdict(dict))
    """By who asked for it: every hold that the view keeps, whatever became of it."""
    _of: defaultdict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    """By its id: the shelters in which there is such a hold, and who asked for it."""
    _running: "asyncio.Task[Country] | None" = None
    _queued: "asyncio.Task[Country] | None" = None

    async def keep(self) -> None:
        """Follow the view, until cancelled."""
        while True:
            with suppress(ProblemError):
                await self.follow()
            await asyncio.sleep(_IDLE_S)

    async def country(self) -> Country:
        """Tell what is so now; ProblemError 503 when the view can't be reached, is being rebuilt or is too old."""
        country = await self.follow()
        country.standing.insist(country.now, self.reading.patience)
        return country

    async def follow(self) -> Country:
        """Compare with the view as it is after this call; all who call meanwhile share the next comparison."""
        if self._queued is None:
            self._queued = asyncio.create_task(self._after(self._running))
        try:
            return await asyncio.shield(self._queued)
        except ViewUnavailableError as away:
            raise ProblemError("phone") from away

    async def _after(self, before: "asyncio.Task[Country] | None") -> Country:
        if before:
            await asyncio.wait((before,))
        self._running, self._queued = self._queued, None  # who comes from here on wants a newer one
        await self._compare()
        looks, now = list(self._looks.values()), self.reading.now()
        return Country(
            looks, self.reading.standing(looks, now), now, self.reading.limits, dict(self._roomy), dict(self._empty), self._formed
        )

    async def _compare(self) -> None:
        stands = await self.reading.view.positions()
        moved = [number for number in range(self.reading.partitions) if not self._stays(number, stands.get(number))]
        if moved:
            await asyncio.gather(*(self._catch_up(number, stands.get(number)) for number in moved))

    def _stays(self, number: int, stands: Position | None) -> bool:
        """Take in where a partition stands if that is all that can have changed; say whether it was."""
        have = self._looks.get(number)
        if have is None or have.position is None or stands is None:
            return False
        stays = _follows(have.position, stands) and stands.offset == have.position.offset
        if stays:
            have.position = stands
        return stays

    async def _catch_up(self, number: int, stands: Position | None) -> None:
        have = self._looks.get(number, _nothing(number, None))
        if stands is None or stands.rebuilding:  # nobody is told anything of it until it is whole again
            self._take(_nothing(number, stands))
        elif not _follows(have.position, stands):
            self._take(await self.reading.view.look(number))
        else:
            live = [name for name, hold in have.holds.items() if hold.status == "granted"]
            news = await self.reading.view.since(number, have.newest, live)
            if news and _follows(have.position, news.position):
                self._add(have, news)
            else:
                self._take(await self.reading.view.look(number))

    def _add(self, have: Look, news: Look) -> None:
        """Take in what has changed."""
        self._index(news)
        self._roomy[news.partition] = _with_room(self._roomy[news.partition], news)
        self._form(news.partition, self._empty[news.partition] | _emptied(news))
        self._looks[news.partition] = replace(news, shelters=have.shelters | news.shelters, holds=have.holds | news.holds)

    def _take(self, look: Look) -> None:
        """Take in all of a partition, in place of what was known of it."""
        if look.partition in self._looks:
            for (shelter, hold), was in self._looks[look.partition].holds.items():
                del self._holds[was.asked_by][shelter, hold], self._of[hold][shelter]
        self._index(look)
        self._roomy[look.partition] = _with_room({}, look)
        self._form(look.partition, _emptied(look))
        self._looks[look.partition] = look

    def _form(self, partition: int, empty: dict[str, ShelterPicture]) -> None:
        if empty != self._empty.get(partition):
            self._empty[partition] = empty
            self._formed += 1

    def _index(self, look: Look) -> None:
        for (shelter, hold), now in look.holds.items():
            self._holds[now.asked_by][shelter, hold] = now
            self._of[hold][shelter] = now.asked_by

    def asked_by(self, person: str) -> list[Kept]:
        """List the holds of a person (her pseudonym), as of the last comparison."""
        return [(shelter, hold) for (shelter, _), hold in self._holds.get(person, {}).items()]

    def holds(self, hold: str) -> list[Kept]:
        """List the holds with an id: one, unless somebody chose the same for several shelters."""
        return [(shelter, self._holds[person][shelter, hold]) for shelter, person in self._of.get(hold, {}).items()]


def _with_room(before: dict[str, ShelterPicture], news: Look) -> dict[str, ShelterPicture]:
    """Keep of each shelter the units that are neither lived in nor closed; drop those that have none."""
    after = {name: shelter for name, shelter in before.items() if name not in news.shelters}
    for name, shelter in news.shelters.items():
        units = {unit.unit: unit for unit in shelter.units.values() if unit.could_be_free and not unit.overflow}
        if units:
            after[name] = replace(shelter, units=units)
    return after


def _emptied(news: Look) -> dict[str, ShelterPicture]:
    return {name: emptied(shelter) for name, shelter in news.shelters.items()}


def _nothing(partition: int, stands: Position | None) -> Look:
    return Look(partition=partition, position=stands, halted=None, shelters={}, holds={})


def _follows(before: Position | None, after: Position | None) -> bool:
    """Say whether all that changed in between stands in the feed: the same log and fold, by the same owner, and not back again."""
    if before is None or after is None or before.rebuilding or after.rebuilding:
        return False
    same = (before.fold_version, before.fingerprint or after.fingerprint, before.rebuild_until)
    return same == (after.fold_version, after.fingerprint, after.rebuild_until) and before.offset <= after.offset
