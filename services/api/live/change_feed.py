"""Sends each subscriber what has changed for the caller: one reader of the view a process, for any number of streams.

Guarantees: a read already shows what a notification names. A notification names what changed and never what is there: a caller has to
read that, which is recorded. A worker hears of the own holds, of fallbacks and waiting lists of the own regions, and of new counts by
area; never of a shelter. Without subscribers nothing is read. Positions are sealed: from where each partition stands it could be seen in
which twelfth of the shelters something happened, and when.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from services.adapters.alerts.alert_record import Alert
from services.adapters.http.sealed_tokens import SealedTokens
from services.adapters.proposals.table import TrackedProposal
from services.adapters.view.ports import MOST_CHANGES, DemandSnapshot, FollowableView, ReadableDemand, ViewUnavailableError
from services.adapters.view.position_tracker import PositionTracker
from services.api.areas.published_counts import PublishedCounts
from services.api.holds.owner_store import HoldOwners
from services.api.live.handover_feed import HandoverFeed
from services.api.live.notifications import Notification, of_alert, of_case, of_hold, of_proposal, of_shelter, sse_frame
from services.api.live.subscribers import Subscriber, Subscribers
from services.api.read_model.data_age import format_ms
from services.api.read_model.view_reader import ViewReader
from services.domain.beds.holds import HoldFacts
from services.domain.demand.case_fold import KINDS

# What happens within this time is sent together: under a storm a partition is read ten times a second, not a thousand.
_GATHER_S: Final = 0.05
_RETRY_S: Final = 0.5
_BEAT_S: Final = 10.0


@dataclass(slots=True, eq=False)
class _Feed:
    """One view as it is followed: `moved` has the partitions to be looked at, one of them at a time."""

    look: Callable[[int], Awaitable[None]]
    moved: set[int]
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def poll(self) -> None:
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
class ChangeFeed:
    """All that telling takes; `of_demand` hears where the view of demand stands, as `reading.moves` that of beds."""

    reading: ViewReader
    demand: ReadableDemand
    of_demand: PositionTracker
    board: PublishedCounts
    owners: HoldOwners
    seals: SealedTokens
    listeners: Subscribers = field(default_factory=Subscribers)
    _feeds: tuple[_Feed, _Feed] = field(init=False)
    _beds: dict[int, str] = field(default_factory=dict)
    """Up to which change the feed of each partition was sent."""
    _holds: dict[int, dict[tuple[str, str], tuple[str, bool, int]]] = field(default_factory=dict)
    """What was sent last of each hold."""
    _cases: dict[int, str] = field(default_factory=dict)
    _grid: int | None = None
    _handovers: HandoverFeed = field(init=False)

    def __post_init__(self) -> None:
        self._handovers = HandoverFeed(owners=self.owners, reading=self.reading)
        beds = _Feed(self._read_beds, self.reading.moves.changed_partitions(self.reading.partitions))
        self._feeds = beds, _Feed(self._read_cases, self.of_demand.changed_partitions(self.reading.partitions))

    async def run_forever(self) -> None:
        """Follow both views and the board until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for feed in self._feeds:
                tasks.create_task(self._follow(feed))
            tasks.create_task(self._follow_handovers())
            tasks.create_task(self._watch_areas())
            tasks.create_task(self._heartbeat())

    async def catch_up(self) -> None:
        """Read all that has moved since the last stream was open: from here on every change is seen. ViewUnavailableError."""
        await asyncio.gather(*(feed.poll() for feed in self._feeds))

    async def _follow(self, feed: _Feed) -> None:
        while True:
            pause = _GATHER_S
            try:
                if self.listeners:
                    await feed.poll()
            except ViewUnavailableError:
                pause = _RETRY_S
            await asyncio.sleep(pause)

    async def _follow_handovers(self) -> None:
        while True:
            with suppress(ViewUnavailableError):
                if self.listeners:
                    self.publish(await self._handovers.catch_up())
            await asyncio.sleep(_RETRY_S)

    async def _read_beds(self, partition: int) -> None:
        newest, sent = self._beds.get(partition), self._holds.setdefault(partition, {})
        live = [name for name, (status, *_) in sent.items() if status == "granted"]
        news = await self.reading.view.changes_since(partition, newest, live) if newest else None
        now = self.reading.now()
        if news is None:
            snapshot = await self.reading.view.read_partition(partition)
            self._beds[partition], self._holds[partition] = (
                snapshot.newest,
                {name: _stands(hold, now) for name, hold in snapshot.holds.items()},
            )
            if newest:
                self.reload("gap")
            return
        positions = self.reading.positions
        found = [of_shelter(news, shelter, now, positions) for shelter in news.shelters.values()]
        found += await self._of_holds([hold for name, hold in news.holds.items() if sent.get(name) != _stands(hold, now)], now)
        sent.update({name: _stands(hold, now) for name, hold in news.holds.items()})
        self._beds[partition] = news.newest
        self.publish(found)

    async def _of_holds(self, holds: list[HoldFacts], now: int) -> list[Notification]:
        """Return a notice of each hold, for who asked for it and who has it now."""
        owners = await self.owners.of([hold.hold for hold in holds])
        return [of_hold(hold, now, *([owners[hold.hold].person] if hold.hold in owners else [])) for hold in holds]

    async def _read_cases(self, partition: int) -> None:
        have = self._cases.get(partition)
        changes = await self.demand.changes(partition, have) if have else "reload"
        if changes == "reload" or len(changes) > MOST_CHANGES:
            snapshot: DemandSnapshot = await self.demand.read_partition(partition)
            self._cases[partition] = snapshot.newest
            if have:
                self.reload("gap")
            return
        notifications = [
            news for name in dict.fromkeys(change.changed for change in changes) if (news := await self._of_case(partition, name))
        ]
        if changes:
            self._cases[partition] = changes[-1].id
        self.publish(notifications)

    async def _of_case(self, partition: int, name: str) -> Notification | None:
        kind, key = next((kind, name.removeprefix(f"{kind}/")) for kind in KINDS if name.startswith(f"{kind}/"))
        case = await self.demand.case(partition, kind, key) if kind != "search" else None
        return of_case(case) if case else None

    async def _watch_areas(self) -> None:
        while True:
            grid = self.board.grid
            if grid != self._grid and self._grid is not None and grid is not None:
                self.publish([Notification("areas", {"grid": format_ms(grid)})])
            self._grid = grid
            await asyncio.sleep(_GATHER_S * 4)

    async def _heartbeat(self) -> None:
        while True:
            await asyncio.sleep(_BEAT_S)
            with suppress(ViewUnavailableError):
                positions = await self.reading.view.positions()
                as_of = min((position.alive_at for position in positions.values()), default=0)
                self.listeners.send_all(self._id() + sse_frame("alive", {"as_of": format_ms(as_of) if as_of else None}))

    def publish(self, news: list[Notification]) -> None:
        """Send each subscriber the notifications for its caller; the last one carries where the views stood."""
        if news and self.listeners:
            self.listeners.send(news, self._id())

    def send_alerts(self, alerts: Sequence[Alert]) -> None:
        """Send each alert to the coordinators of its regions."""
        self.publish([of_alert(each) for each in alerts])

    def send_proposal(self, tracked: TrackedProposal, is_new: bool) -> None:  # noqa: FBT001 - a Watcher
        """Send a proposal that was made or decided to those who may see it; what stood in the topic before is no news."""
        if is_new:
            self.publish([of_proposal(tracked, (self.reading.wall or self.reading.now)())])

    def reload(self, why: str) -> None:
        """Send every subscriber that it has to read anew, and why."""
        self.listeners.send_all(self._id() + sse_frame("reload", {"why": why}))

    def vector(self) -> str:
        """Return up to where each feed was sent, for a stream that is opened again."""
        every = range(self.reading.partitions)
        beds = ",".join(self._beds.get(number, "0") for number in every)
        return f"{beds};{','.join(self._cases.get(number, '0') for number in every)};{self._handovers.place}"

    def _id(self) -> bytes:
        return b"id: %s\n" % self.seals.seal("live", self.vector()).encode()

    async def subscribe(self, listener: Subscriber, last: str | None) -> None:
        """Add a subscriber, and send it what it missed since `last`, or that it has to read anew; ViewUnavailableError."""
        await self.catch_up()
        self.publish(await self._handovers.catch_up())
        self.listeners.add(listener)
        if last is None:
            listener.give(self._id() + sse_frame("alive", {"as_of": None}))
            return
        missed = await self._missed(last)
        if missed is None:
            listener.give(self._id() + sse_frame("reload", {"why": "too old"}))
            return
        frames = b"".join(each.frame() for each in missed if listener.hears(each))
        listener.give(frames + self._id() + sse_frame("alive", {"as_of": None}))

    async def _missed(self, last: str) -> list[Notification] | None:
        *feeds, handovers = [ids.split(",") for ids in str(self.seals.open("live", last)).split(";")]
        if len(feeds) != 2 or any(len(ids) != self.reading.partitions for ids in feeds):
            return None
        found = await self._handovers.missed(handovers[0])
        for partition in range(self.reading.partitions):
            beds = await self._missed_beds(partition, feeds[0][partition])
            cases = await self._missed_cases(partition, feeds[1][partition])
            if beds is None or cases is None:
                return None
            found += [*beds, *cases]
        return found

    async def _missed_beds(self, partition: int, after: str) -> list[Notification] | None:
        if after == self._beds[partition]:
            return []
        changes = await _changes(self.reading.view, partition, after)
        if changes is None:
            return None
        snapshot, now = await self.reading.view.read_partition(partition), self.reading.now()
        holds = await self._of_holds([hold for (shelter, _), hold in snapshot.holds.items() if shelter in changes], now)
        positions = self.reading.positions
        return [*(of_shelter(snapshot, snapshot.shelters[name], now, positions) for name in changes if name in snapshot.shelters), *holds]

    async def _missed_cases(self, partition: int, after: str) -> list[Notification] | None:
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


def _stands(hold: HoldFacts, now: int) -> tuple[str, bool, int]:
    return hold.status_at(now), hold.accepted, hold.until
