"""The view in memory: passes the contract suite of the one in Redis."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Literal

from services.adapters.view import case_documents, shelter_documents
from services.adapters.view.case_documents import CaseShown
from services.adapters.view.ports import (
    MOST_CHANGES,
    Change,
    DemandSnapshot,
    PartitionCheck,
    PartitionSnapshot,
    Position,
    Sample,
    Saved,
    ViewUnavailableError,
    Write,
)
from services.domain.beds.holds import HoldFacts
from services.domain.demand.case_fold import Kind


@dataclass(slots=True)
class _Partition:
    saved: Saved | None = None
    halted: str | None = None
    checked: PartitionCheck | None = None
    feed: list[Change] = field(default_factory=list)

    @property
    def newest(self) -> str:
        return self.feed[-1].id if self.feed else "0"


class MemoryWriter:
    """What beds and demand have alike; while `away` every call is a ViewUnavailableError, as with a dead Redis."""

    def __init__(self, partitions: int = 12) -> None:
        self.partitions, self.away = partitions, False
        self._kept: defaultdict[int, _Partition] = defaultdict(_Partition)
        self._listeners: list[asyncio.Queue[tuple[int, int]]] = []

    def reach(self, partition: int) -> _Partition:
        """Return what is stored of a partition, or raise ViewUnavailableError."""
        if self.away:
            raise ViewUnavailableError("the view can't be reached")
        return self._kept[partition]

    async def ping(self) -> None:
        """Check that the view answers; ViewUnavailableError."""
        self.reach(0)

    async def close(self) -> None:
        """Close nothing."""

    def wipe(self) -> None:
        """Remove everything, as an emptied Redis does."""
        self._kept.clear()

    async def load(self, partition: int) -> Saved | None:
        """Read all that is stored of a partition; None where nothing is."""
        return deepcopy(self.reach(partition).saved)

    async def sample(self, partition: int, like: Saved) -> Sample | None:
        """Read the members that `like` has, at one instant, and how many there are; None where nothing is."""
        saved = self.reach(partition).saved
        if saved is None:
            return None
        hashes = ("shelters", "units", "holds", "cases", "open", "counts")
        found = {
            where: {name: getattr(saved, where)[name] for name in getattr(like, where) if name in getattr(saved, where)} for where in hashes
        }
        return Sample(Saved(position=saved.position, **found), {where: len(getattr(saved, where)) for where in hashes})

    async def mark_checked(self, partition: int, check: PartitionCheck) -> None:
        """Write what the canary found in a partition."""
        self.reach(partition).checked = check

    async def checks(self) -> dict[int, PartitionCheck]:
        """Read what the canary found last in each partition that it has compared."""
        self.reach(0)
        return {partition: kept.checked for partition, kept in sorted(self._kept.items()) if kept.checked}

    async def begin(self, partition: int, position: Position) -> None:
        """Remove what was folded and start at `position`; does nothing to a partition of this fold version."""
        kept = self.reach(partition)
        if kept.saved is None or kept.saved.position.fold_version != position.fold_version:
            kept.saved = Saved(position=position)

    async def assign(self, partition: int, end: int) -> None:
        """Write the end of the log at assignment, if there is a position."""
        saved = self.reach(partition).saved
        if saved:
            saved.position = replace(saved.position, rebuild_until=end)

    async def write(self, partition: int, write: Write) -> bool:
        """Apply all of it if the view is at the position that it expects; return whether it was."""
        kept = self.reach(partition)
        if kept.saved is None or not _stands(kept.saved.position, write):
            return False
        _apply(kept.saved, write)
        for offset, changed, holds in write.feed():
            kept.feed.append(Change(_next_id(kept.feed, offset), changed, holds))
        for listener in self._listeners:
            listener.put_nowait((partition, write.position.offset))
        return True

    async def halt(self, partition: int, reason: str | None) -> None:
        """Write why a partition is halted; None: it is no longer."""
        self.reach(partition).halted = reason

    async def forget(self, partition: int) -> None:
        """Remove the position of a partition: its owner then rebuilds it from the log."""
        self.reach(partition).saved = None

    async def position(self, partition: int) -> Position | None:
        """Read the position of a partition; None before the first fold."""
        saved = self.reach(partition).saved
        return saved.position if saved else None

    async def positions(self) -> dict[int, Position]:
        """Read the position of each partition that was ever folded."""
        self.reach(0)
        return {partition: kept.saved.position for partition, kept in sorted(self._kept.items()) if kept.saved}

    async def halted(self) -> dict[int, str]:
        """Read which partitions are halted, and why."""
        self.reach(0)
        return {partition: kept.halted for partition, kept in sorted(self._kept.items()) if kept.halted}

    async def changes(self, partition: int, after: str) -> list[Change] | Literal["reload"]:
        """Read the changes after a change id ("0": all of the feed); "reload" when the feed does not go back that far."""
        feed = self.reach(partition).feed
        if after == "0":
            return list(feed)
        ids = [change.id for change in feed]
        return feed[ids.index(after) + 1 :] if after in ids else "reload"

    async def subscribe(self) -> AsyncIterator[tuple[int, int]]:
        """Yield (partition, offset) whenever a partition has moved, until closed."""
        self.reach(0)
        queue: asyncio.Queue[tuple[int, int]] = asyncio.Queue()
        self._listeners.append(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._listeners.remove(queue)


class MemoryView(MemoryWriter):
    """The view of beds."""

    async def read_partition(self, partition: int) -> PartitionSnapshot:
        """Read one partition at one instant."""
        kept = self.reach(partition)
        saved = kept.saved
        return PartitionSnapshot(
            partition=partition,
            position=saved.position if saved else None,
            halted=kept.halted,
            shelters=shelter_documents.read_shelters(saved.shelters, saved.units) if saved else {},
            holds=shelter_documents.read_holds(saved.holds) if saved else {},
            newest=kept.newest,
        )

    async def changes_since(self, partition: int, after: str, holds: Iterable[tuple[str, str]]) -> PartitionSnapshot | None:
        """Read the shelters that changed after an entry of the feed; None when only `read_partition` can."""
        changes = await self.changes(partition, after)
        if changes == "reload" or len(changes) > MOST_CHANGES:
            return None
        look, changed = await self.read_partition(partition), {change.changed for change in changes}
        look.shelters = {name: shelter for name, shelter in look.shelters.items() if name in changed}
        held = {(name, unit.held.hold) for name, shelter in look.shelters.items() for unit in shelter.units.values() if unit.held}
        named = {(change.changed, hold) for change in changes for hold in change.holds}
        wanted = held | named | {(shelter, hold) for shelter, hold in holds if shelter in changed}
        look.holds = {name: hold for name, hold in look.holds.items() if name in wanted}
        return look

    async def hold(self, partition: int, shelter: str, hold: str) -> HoldFacts | None:
        """Read one hold; None until the log has decided it."""
        saved = self.reach(partition).saved
        found = saved.holds.get(f"{shelter}/{hold}") if saved else None
        return shelter_documents.read_hold(found) if found else None


class MemoryDemandView(MemoryWriter):
    """The view of demand."""

    async def read_partition(self, partition: int) -> DemandSnapshot:
        """Read one partition at one instant."""
        kept = self.reach(partition)
        return DemandSnapshot(
            partition=partition,
            position=kept.saved.position if kept.saved else None,
            halted=kept.halted,
            open=[case_documents.read_case(name, document) for name, document in sorted(kept.saved.open.items())] if kept.saved else [],
            newest=kept.newest,
        )

    async def case(self, partition: int, kind: Kind, key: str) -> CaseShown | None:
        """Read one search, fallback or entry, open or not; None where there is none."""
        saved, name = self.reach(partition).saved, case_documents.written((kind, key))
        return case_documents.read_case(name, saved.cases[name]) if saved and name in saved.cases else None


def _stands(at: Position, write: Write) -> bool:
    return (
        at.offset == write.after and at.fold_version == write.position.fold_version and at.fingerprint in ("", write.position.fingerprint)
    )


def _apply(saved: Saved, write: Write) -> None:
    saved.position = replace(write.position, rebuild_until=saved.position.rebuild_until)
    saved.facts |= write.facts
    saved.seen |= write.seen
    saved.corrected |= write.corrected
    saved.holds |= write.holds
    saved.shelters |= write.shelters
    saved.units |= write.units
    saved.cases |= write.cases
    saved.open |= write.open
    saved.counts |= write.counts
    for offset in write.facts_dropped:
        saved.facts.pop(offset, None)
    for kept, gone in ((saved.units, write.units_gone), (saved.cases, write.cases_gone), (saved.open, write.open_gone)):
        for name in gone:
            kept.pop(name, None)
    for names in (saved.seen, saved.corrected):
        for known in [known for known, clock in names.items() if clock <= write.names_before]:
            del names[known]


def _next_id(feed: list[Change], offset: int) -> str:
    newest, seq = map(int, feed[-1].id.split("-")) if feed else (0, 0)
    return f"{offset}-1" if offset > newest else f"{newest}-{seq + 1}"
