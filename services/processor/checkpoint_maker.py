"""Makes the checkpoint of a partition: folds what is to be deleted, and keeps of it what the records after it and later questions need.

The records after it are read too, up to the end there is now: what they correct and name must be found in the checkpoint.
"""

from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Collection, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

from services.adapters.checkpoints.checkpoint import Checkpoint
from services.adapters.codec.event_codec import RefusedEvent, TooNew, Topic, key_of
from services.adapters.kafka.log_reader import Ends
from services.adapters.view.ports import Position
from services.domain.beds.event_ids import digest
from services.domain.beds.shelter_fold import load
from services.domain.beds.shelter_retention import LaterBedEvents, kept_facts, kept_holds
from services.domain.demand.case_retention import LaterDemandEvents, kept_cases
from services.domain.durations import NS_PER_MS
from services.domain.events import catalog as e
from services.processor.partition import Partition, ProjectionFactory, StoredRecord
from services.processor.partition_manager import LogBounds
from services.processor.projections.beds import BedProjection
from services.processor.projections.demand import DemandProjection


class TooNewError(Exception):
    """The log has an event of a type that this program does not know: what it refers to can't be kept. The message says what to do."""


class TruthReader(LogBounds, Protocol):
    """A truth topic (`truth_log.py`)."""

    async def offset_at(self, partition: int, at: int) -> int | None:
        """Return the offset of the first record that was logged at `at` (ms) or later; None where there is none."""

    def read(self, partition: int, start: int, end: int) -> AsyncGenerator[list[Any], None]:
        """Yield the records from `start` up to `end` (excluded), in batches."""


class Forgetful(Protocol):
    """What is kept of the fold of one topic, once it knows what later events refer to."""

    def add(self, event: e.Event) -> None:
        """Add what a later event refers to."""

    def forget(self, projections: list[Any], limit: int) -> None:
        """Remove from the projections of some partitions what is not kept; `limit` in nanoseconds."""

    def keys(self, projection: Any) -> Collection[str]:
        """Return the shelters or cases that are left."""


@dataclass(slots=True)
class ForgetfulBeds:
    """What is kept of beds."""

    later: defaultdict[str, LaterBedEvents] = field(default_factory=lambda: defaultdict(LaterBedEvents))

    def add(self, event: e.Event) -> None:
        """Add what a later event refers to."""
        self.later[event.subject].add(event.data)

    def forget(self, projections: list[BedProjection], limit: int) -> None:
        """Remove from the projections of some partitions what is not kept."""
        for state in (projection.state for projection in projections):
            for name, shelter in state.shelters.items():
                facts, holds = kept_facts(shelter, limit, self.later[name]), kept_holds(shelter, state.clock, self.later[name])
                state.shelters[name] = load(shelter.snapshot, facts.items(), holds)

    def keys(self, projection: BedProjection) -> Collection[str]:
        """Return the shelters that are left: all of them."""
        return projection.state.shelters


@dataclass(slots=True)
class ForgetfulDemand:
    """What is kept of demand."""

    later: LaterDemandEvents = field(default_factory=LaterDemandEvents)

    def add(self, event: e.Event) -> None:
        """Add what a later event refers to."""
        self.later.add(event.data, key_of(event))

    def forget(self, projections: list[DemandProjection], limit: int) -> None:
        """Remove from the projections of all partitions what is not kept."""
        states = [projection.state for projection in projections]
        kept = kept_cases({name: case for state in states for name, case in state.cases.items()}, limit, self.later)
        for state in states:
            state.cases = {name: case for name, case in state.cases.items() if name in kept}

    def keys(self, projection: DemandProjection) -> Collection[str]:
        """Return the keys of the cases that are left."""
        return {key for _, key in projection.state.cases}


_FORGETFUL: Final[dict[Topic, Callable[[], Forgetful]]] = {"beds": ForgetfulBeds, "demand": ForgetfulDemand}


@dataclass(frozen=True, slots=True)
class _Folded:
    """A partition up to the end of what is due, and the fingerprint of the record after it."""

    number: int
    due: Ends
    mark: str
    partition: Partition[Any]
    last_happened: dict[str, int]

    def checkpoint(self, limit: int, forgetful: Forgetful) -> Checkpoint:
        """Return the checkpoint of what is left of it."""
        partition, kept = self.partition, forgetful.keys(self.partition.projection)
        state = partition.projection.state
        for names in (state.seen, state.corrected):
            names.expire(state.clock)
        partition.position = replace(partition.position, offset=self.due.end - 1, checkpoint=self.due.end, fingerprint="")
        return Checkpoint(
            topic=partition.factory.topic,
            partition=self.number,
            limit=limit,
            mark=self.mark,
            # What else the view stores follows from it
            state=replace(partition.full_snapshot(state.clock), units={}, cases={}, open={}, counts={}),
            last_happened={key: at for key, at in self.last_happened.items() if key in kept},
        )


@dataclass(frozen=True, slots=True)
class CheckpointMaker:
    """Makes checkpoints of one topic; `advance` is called with the number of records read since the last call."""

    factory: ProjectionFactory
    log: TruthReader
    advance: Callable[[int], None] = lambda _: None

    async def due(self, number: int, limit: int) -> Ends:
        """Return the records of a partition that are due: from its beginning up to the first with a clock of `limit` (ms) or later.

        LogUnavailableError, ValueError.
        """
        await self.log.checkpoint(number)
        ends = (await self.log.ends([number]))[number]
        found = await self.log.offset_at(number, limit)
        return Ends(ends.start, max(ends.start, ends.end if found is None else found))

    async def make(self, numbers: Iterable[int], limit: int) -> list[Checkpoint]:
        """Make the checkpoint of each of these partitions with records that are due.

        All partitions of demand must be made in one call: a search may repeat one in another. LogUnavailableError, ValueError, TooNewError.
        """
        forgetful = _FORGETFUL[self.factory.topic]()
        folded = [await self._fold(number, limit, forgetful) for number in numbers]
        forgetful.forget([each.partition.projection for each in folded], limit * NS_PER_MS)
        return [each.checkpoint(limit, forgetful) for each in folded if each.due.start < each.due.end]

    async def _fold(self, number: int, limit: int, forgetful: Forgetful) -> _Folded:
        """Fold what is due of a partition, and add to `forgetful` what follows it."""
        due, before = await self.due(number, limit), await self.log.checkpoint(number)
        ends = (await self.log.ends([number]))[number]
        partition = self.factory.restored(before.state) if before else self.factory.fresh(Position(offset=due.start - 1))
        state, last_happened = partition.projection.state, dict(before.last_happened) if before else {}
        async for record, event in self._events(number, due.start, due.end):
            state.advance_clock(record.timestamp)
            if event is None:
                state.count_dead_letter()
                continue
            key = key_of(event)
            if e.says_what_happened(event.data) and not state.seen.contains(digest(key, event.source, event.id), state.clock):
                last_happened[key] = max(event.occurred_at, last_happened.get(key, event.occurred_at))
            partition.projection.apply(event, record.offset)
        async for _, event in self._events(number, due.end, ends.end):
            if event:
                forgetful.add(event)
        mark = await self.log.fingerprint(number, Ends(due.end, ends.end))
        return _Folded(number, due, mark.text, partition, last_happened)

    async def _events(self, number: int, start: int, end: int) -> AsyncGenerator[tuple[StoredRecord, e.Event | None]]:
        """Read records and their events; None for one that is a dead letter."""
        async with aclosing(self.log.read(number, start, end)) as reading:
            async for records in reading:
                for record in records:
                    event = self.factory.codec.decode(self.factory.topic, record.key, record.value)
                    if isinstance(event, TooNew):
                        raise TooNewError(f"offset {record.offset} is a {event.type}, newer than this program: upgrade it first")
                    yield record, None if isinstance(event, RefusedEvent) else event
                self.advance(len(records))
