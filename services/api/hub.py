"""Tells who listens what has changed for her: one reader of the view a process, however many listen. What is told a read already shows.

A notice names what changed and never what is there: whoever looks asks, and is noted. A worker is told of her holds, her region's
fallbacks and waiting lists, and that the areas have turned; never of a shelter. While nobody listens nothing is read.
How far the feeds are told is sealed: where each partition stands would tell in which twelfth of the shelters something happened, and when.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from services.adapters.moves import Moves
from services.adapters.view.port import MOST_CHANGES, DemandLook, FollowableView, ReadableDemand, ViewUnavailableError
from services.api.board import Board
from services.api.listeners import Listener, Listeners
from services.api.news import News, frame, of_case, of_hold, of_shelter
from services.api.reading import Reading
from services.api.sealing import Seals
from services.api.standing import shown
from services.domain.demand import KINDS
from services.domain.holds import Hold

# What happens within this time is told at once: under a storm a partition is read ten times a second, not a thousand.
_GATHER_S: Final = 0.05
_RETRY_S: Final = 0.5
_BEAT_S: Final = 10.0


@dataclass(slots=True, eq=False)
class _Feed:
    """One view as it is followed: `moved` has the partitions to be looked at, one of them at a time."""

    look: Callable[[int], Awaitable[None]]
    moved: set[int]
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def catch_up(self) -> None:
        """Look at what has moved; ViewUnavailableError, and then it is still to be looked at."""
        async with self._looking:
            for partition in sorted(self.moved):
                self.moved.discard(partition)  # before the look: it may move again meanwhile
                try:
                    await self.look(partition)
                except BaseException:
                    self.moved.add(partition)
                    raise


@dataclass(slots=True, kw_only=True)
class Hub:
    """All that telling takes; `of_demand` hears where the view of demand stands, as `reading.moves` that of beds."""

    reading: Reading
    demand: ReadableDemand
    of_demand: Moves
    board: Board
    seals: Seals
    listeners: Listeners = field(default_factory=Listeners)
    _feeds: tuple[_Feed, _Feed] = field(init=False)
    _beds: dict[int, str] = field(default_factory=dict)
    """How far the feed of each partition is told."""
    _holds: dict[int, dict[tuple[str, str], tuple[str, bool, int]]] = field(default_factory=dict)
    """What was told last of each hold."""
    _cases: dict[int, str] = field(default_factory=dict)
    _grid: int | None = None

    def __post_init__(self) -> None:
        beds = _Feed(self._look_at_beds, self.reading.moves.watched(self.reading.partitions))
        self._feeds = beds, _Feed(self._look_at_cases, self.of_demand.watched(self.reading.partitions))

    async def keep(self) -> None:
        """Follow both views and the board until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for feed in self._feeds:
                tasks.create_task(self._follow(feed))
            tasks.create_task(self._turn())
            tasks.create_task(self._beat())

    async def catch_up(self) -> None:
        """Look at all that has moved since somebody listened: from here on every change is seen. ViewUnavailableError."""
        await asyncio.gather(*(feed.catch_up() for feed in self._feeds))

    async def _follow(self, feed: _Feed) -> None:
        while True:
            pause = _GATHER_S
            try:
                if self.listeners:
                    await feed.catch_up()
            except ViewUnavailableError:
                pause = _RETRY_S
            await asyncio.sleep(pause)

    async def _look_at_beds(self, partition: int) -> None:
        newest, told = self._beds.get(partition), self._holds.setdefault(partition, {})
        live = [name for name, (status, *_) in told.items() if status == "granted"]
        news = await self.reading.view.since(partition, newest, live) if newest else None
        now = self.reading.now()
        if news is None:
            look = await self.reading.view.look(partition)
            self._beds[partition], self._holds[partition] = look.newest, {name: _stands(hold, now) for name, hold in look.holds.items()}
            if newest:
                self.reload("gap")
            return
        found = [of_shelter(news, shelter, now) for shelter in news.shelters.values()]
        found += [of_hold(hold, now) for name, hold in news.holds.items() if told.get(name) != _stands(hold, now)]
        told.update({name: _stands(hold, now) for name, hold in news.holds.items()})
        self._beds[partition] = news.newest
        self.publish(found)

    async def _look_at_cases(self, partition: int) -> None:
        have = self._cases.get(partition)
        changes = await self.demand.changes(partition, have) if have else "reload"
        if changes == "reload" or len(changes) > MOST_CHANGES:
            look: DemandLook = await self.demand.look(partition)
            self._cases[partition] = look.newest
            if have:
                self.reload("gap")
            return
        told = [news for name in dict.fromkeys(change.changed for change in changes) if (news := await self._of_case(partition, name))]
        if changes:
            self._cases[partition] = changes[-1].id
        self.publish(told)

    async def _of_case(self, partition: int, name: str) -> News | None:
        kind, key = next((kind, name.removeprefix(f"{kind}/")) for kind in KINDS if name.startswith(f"{kind}/"))
        case = await self.demand.case(partition, kind, key) if kind != "search" else None
        return of_case(case) if case else None

    async def _turn(self) -> None:
        while True:
            grid = self.board.grid
            if grid != self._grid and self._grid is not None and grid is not None:
                self.publish([News("areas", {"grid": shown(grid)})])
            self._grid = grid
            await asyncio.sleep(_GATHER_S * 4)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(_BEAT_S)
            with suppress(ViewUnavailableError):
                positions = await self.reading.view.positions()
                as_of = min((position.alive_at for position in positions.values()), default=0)
                self.listeners.tell_all(self._id() + frame("alive", {"as_of": shown(as_of) if as_of else None}))

    def publish(self, news: list[News]) -> None:
        """Tell everybody what is for her; the last notice carries where the views stood."""
        if news and self.listeners:
            self.listeners.tell(news, self._id())

    def reload(self, why: str) -> None:
        """Tell everybody that something can't be told one by one."""
        self.listeners.tell_all(self._id() + frame("reload", {"why": why}))

    def vector(self) -> str:
        """Write how far both feeds are told, for who comes back."""
        every = range(self.reading.partitions)
        beds = ",".join(self._beds.get(number, "0") for number in every)
        return f"{beds};{','.join(self._cases.get(number, '0') for number in every)}"

    def _id(self) -> bytes:
        return b"id: %s\n" % self.seals.seal("live", self.vector()).encode()

    async def join(self, listener: Listener, last: str | None) -> None:
        """Let somebody listen, and tell her what she missed since `last`, or to reload; ViewUnavailableError."""
        await self.catch_up()
        self.listeners.add(listener)
        if last is None:
            listener.give(self._id() + frame("alive", {"as_of": None}))
            return
        missed = await self._missed(last)
        if missed is None:
            listener.give(self._id() + frame("reload", {"why": "too old"}))
            return
        hers = b"".join(each.frame() for each in missed if listener.hears(each))
        listener.give(hers + self._id() + frame("alive", {"as_of": None}))

    async def _missed(self, last: str) -> list[News] | None:
        feeds = [ids.split(",") for ids in str(self.seals.open("live", last)).split(";")]
        if len(feeds) != 2 or any(len(ids) != self.reading.partitions for ids in feeds):
            return None
        found: list[News] = []
        for partition in range(self.reading.partitions):
            beds = await self._missed_beds(partition, feeds[0][partition])
            cases = await self._missed_cases(partition, feeds[1][partition])
            if beds is None or cases is None:
                return None
            found += [*beds, *cases]
        return found

    async def _missed_beds(self, partition: int, after: str) -> list[News] | None:
        if after == self._beds[partition]:
            return []
        changes = await _changes(self.reading.view, partition, after)
        if changes is None:
            return None
        look, now = await self.reading.view.look(partition), self.reading.now()
        holds = [of_hold(hold, now) for (shelter, _), hold in look.holds.items() if shelter in changes]
        return [*(of_shelter(look, look.shelters[name], now) for name in changes if name in look.shelters), *holds]

    async def _missed_cases(self, partition: int, after: str) -> list[News] | None:
        if after == self._cases[partition]:
            return []
        changes = await _changes(self.demand, partition, after)
        return None if changes is None else [news for name in changes if (news := await self._of_case(partition, name))]


async def _changes(view: FollowableView, partition: int, after: str) -> list[str] | None:
    if not all(part.isdecimal() and len(part) <= 20 for part in after.split("-")):
        return None
    changes = await view.changes(partition, after)
    if changes == "reload" or len(changes) > MOST_CHANGES:
        return None
    return list(dict.fromkeys(change.changed for change in changes))


def _stands(hold: Hold, now: int) -> tuple[str, bool, int]:
    return hold.status_at(now), hold.accepted, hold.until
