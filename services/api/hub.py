"""Tells who listens what has changed for her: one reader of the view a process, however many listen. What is told a read already shows.

A notice names what changed and never what is there: whoever looks asks, and is noted. A worker is told of her holds, her region's
fallbacks and waiting lists, and that the areas have turned; never of a shelter. Who reads too slowly is told to reload and let go.
How far the feeds are told is sealed: where each partition stands would tell in which twelfth of the shelters something happened, and when.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import orjson

from services.adapters.identity import Caller
from services.adapters.view.port import DemandLook, FollowableView, Look, ReadableDemand, ViewUnavailableError
from services.api.board import Board
from services.api.reading import Reading
from services.api.sealing import Seals
from services.api.standing import shown
from services.domain.demand import KINDS
from services.domain.holds import Hold
from services.domain.picture import ShelterPicture

# What happens within this time is told at once: under a storm a partition is read ten times a second, not a thousand.
_GATHER_S: Final = 0.05
_RETRY_S: Final = 0.5
_BEAT_S: Final = 10.0
# So much may wait for one listener; more, and she is better off reading anew.
_BEHIND: Final = 256
_MOST: Final = 200
# One person's screens; more is a program that has lost count.
MOST_EACH: Final = 20


@dataclass(frozen=True, slots=True)
class News:
    """One notice, and whom it is for."""

    event: Literal["shelter", "hold", "case", "areas"]
    data: dict[str, Any]
    shelter: str | None = None
    region: str | None = None
    person: str | None = None

    def frame(self) -> bytes:
        """Write it as a server-sent event."""
        return frame(self.event, self.data)


@dataclass(slots=True, eq=False)
class Listener:
    """One open stream; `None` in its queue is its end."""

    caller: Caller
    person: str
    queue: "asyncio.Queue[bytes | None]" = field(default_factory=lambda: asyncio.Queue(_BEHIND + 2))

    def hears(self, news: News) -> bool:
        """Say whether a notice is for her."""
        match self.caller.role:
            case "shelter":
                return news.event == "shelter" and news.shelter in self.caller.shelters
            case "coordinator":
                return news.event == "areas" or (news.event == "shelter" and news.region in self.caller.regions)
            case "worker":
                return _for_a_worker(news, self.person, self.caller.regions)
            case role:
                return role == "operator"

    def give(self, chunk: bytes) -> bool:
        """Hand her something; False when she is too far behind: then she is told to reload, and that is the end."""
        if self.queue.qsize() < _BEHIND:
            self.queue.put_nowait(chunk)
            return True
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(frame("reload", {"why": "behind"}))
        self.queue.put_nowait(None)
        return False


def _for_a_worker(news: News, person: str, regions: frozenset[str]) -> bool:
    match news.event:
        case "hold":
            return news.person == person
        case "case":
            return news.region in regions
        case event:
            return event == "areas"


@dataclass(slots=True, kw_only=True)
class Hub:
    """All that telling takes."""

    reading: Reading
    demand: ReadableDemand
    board: Board
    seals: Seals
    listeners: set[Listener] = field(default_factory=set)
    _beds: dict[int, str] = field(default_factory=dict)
    """How far the feed of each partition is told."""
    _holds: dict[int, dict[tuple[str, str], tuple[str, bool, int]]] = field(default_factory=dict)
    """What was told last of each hold."""
    _cases: dict[int, str] = field(default_factory=dict)
    _grid: int | None = None

    @property
    def ready(self) -> bool:
        """Both views have been looked at whole: from here on every change is seen."""
        return len(self._beds) == len(self._cases) == self.reading.partitions

    async def keep(self) -> None:
        """Follow both views and the board until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow(self.reading.view, self._look_at_beds))
            tasks.create_task(self._follow(self.demand, self._look_at_cases))
            tasks.create_task(self._turn())
            tasks.create_task(self._beat())

    async def _follow(self, view: FollowableView, look: Any) -> None:
        every = range(self.reading.partitions)
        while True:
            with suppress(ViewUnavailableError):
                moved: set[int] = set(every)
                hearing = asyncio.create_task(_hear(view, moved))
                try:
                    while not hearing.done():
                        due = sorted(moved)
                        moved.clear()
                        for partition in due:
                            await look(partition)
                        await asyncio.sleep(_GATHER_S)
                    await hearing
                finally:
                    hearing.cancel()
                    await asyncio.gather(hearing, return_exceptions=True)  # it may have failed too, beside the look that did
            await asyncio.sleep(_RETRY_S)

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
        found = [_of_shelter(news, shelter, now) for shelter in news.shelters.values()]
        found += [_of_hold(hold, now) for name, hold in news.holds.items() if told.get(name) != _stands(hold, now)]
        told.update({name: _stands(hold, now) for name, hold in news.holds.items()})
        self._beds[partition] = news.newest
        self.publish(found)

    async def _look_at_cases(self, partition: int) -> None:
        have = self._cases.get(partition)
        changes = await self.demand.changes(partition, have) if have else "reload"
        if changes == "reload" or len(changes) > _MOST:
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
        if case is None or case.region is None:
            return None
        return News("case", {kind: key, "open": case.open}, region=case.region)

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
                self._give(self.listeners, self._id() + frame("alive", {"as_of": shown(as_of) if as_of else None}))

    def publish(self, news: list[News]) -> None:
        """Tell everybody what is for her; the last notice carries where the views stood."""
        frames = [(each, each.frame()) for each in news]
        at = self._id() if frames else b""
        for listener in list(self.listeners):
            hers = [written_down for each, written_down in frames if listener.hears(each)]
            if hers:
                self._give((listener,), b"".join(hers[:-1]) + at + hers[-1])

    def reload(self, why: str) -> None:
        """Tell everybody that something can't be told one by one."""
        self._give(self.listeners, self._id() + frame("reload", {"why": why}))

    def _give(self, listeners: Iterable[Listener], chunk: bytes) -> None:
        for listener in list(listeners):
            if not listener.give(chunk):
                self.listeners.discard(listener)

    def vector(self) -> str:
        """Write how far both feeds are told, for who comes back."""
        every = range(self.reading.partitions)
        beds = ",".join(self._beds.get(number, "0") for number in every)
        return f"{beds};{','.join(self._cases.get(number, '0') for number in every)}"

    def _id(self) -> bytes:
        return b"id: %s\n" % self.seals.seal("live", self.vector()).encode()

    async def join(self, listener: Listener, last: str | None) -> None:
        """Let somebody listen, and tell her what she missed since `last`, or to reload."""
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
        holds = [_of_hold(hold, now) for (shelter, _), hold in look.holds.items() if shelter in changes]
        return [*(_of_shelter(look, look.shelters[name], now) for name in changes if name in look.shelters), *holds]

    async def _missed_cases(self, partition: int, after: str) -> list[News] | None:
        if after == self._cases[partition]:
            return []
        changes = await _changes(self.demand, partition, after)
        return None if changes is None else [news for name in changes if (news := await self._of_case(partition, name))]


async def _changes(view: FollowableView, partition: int, after: str) -> list[str] | None:
    if not all(part.isdecimal() and len(part) <= 20 for part in after.split("-")):
        return None
    changes = await view.changes(partition, after)
    if changes == "reload" or len(changes) > _MOST:
        return None
    return list(dict.fromkeys(change.changed for change in changes))


async def _hear(view: FollowableView, moved: set[int]) -> None:
    moves: AsyncIterator[tuple[int, int]] = view.moves()
    async for partition, _ in moves:
        moved.add(partition)


def _stands(hold: Hold, now: int) -> tuple[str, bool, int]:
    return hold.status_at(now), hold.accepted, hold.until


def _of_shelter(look: Look, shelter: ShelterPicture, now: int) -> News:
    units = shelter.units.values()
    named = {(shelter.shelter, unit.held.hold) for unit in units if unit.held}
    waiting = sorted(hold.hold for name, hold in look.holds.items() if name in named and hold.live(now) and not hold.accepted)
    at_least = f"{look.partition}:{look.position.offset}" if look.position else None
    data = {"shelter": shelter.shelter, "at_least": at_least, "holds_waiting": waiting}
    return News("shelter", data, shelter=shelter.shelter, region=shelter.region)


def _of_hold(hold: Hold, now: int) -> News:
    return News("hold", {"hold": hold.hold, "status": hold.status_at(now), "accepted": hold.accepted}, person=hold.asked_by)


def frame(event: str, data: dict[str, Any]) -> bytes:
    """Write a server-sent event."""
    return b"event: %s\ndata: %s\n\n" % (event.encode(), orjson.dumps(data))
