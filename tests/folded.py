"""A view in memory that holds what events say: folded by the domain, written through the view's own fence."""

from typing import Any

from services.adapters.codec.event_codec import EventCodec, encode, key_of
from services.adapters.kafka.topics import partition_of
from services.adapters.regions import read_regions
from services.adapters.view.ports import Position, Write
from services.adapters.view.shelter_documents import hold_document, shelter_document, unit_document
from services.domain.beds.partition_fold import PartitionState
from services.domain.events.catalog import Event
from services.processor.projections.demand import DemandProjectionFactory
from tests.processor.logs import Logged
from tests.twins.memory_view import MemoryDemandView, MemoryView

WIRE = EventCodec(frozenset(read_regions()))


class Folded:
    """Folds events into a view as the processor would, one partition at a time."""

    def __init__(self, now: int, partitions: int = 12, view: Any = None) -> None:
        self.view, self.now, self.partitions = view or MemoryView(partitions), now, partitions
        self.registries = {partition: PartitionState() for partition in range(partitions)}
        self.positions = {partition: Position(offset=-1, alive_at=now) for partition in range(partitions)}
        self.demand = MemoryDemandView(partitions)
        self.of_demand = {partition: DemandProjectionFactory(WIRE).fresh(position) for partition, position in self.positions.items()}

    async def begin(self) -> None:
        """Begin every partition, at the end of an empty log."""
        for partition, position in self.positions.items():
            await self.view.begin(partition, position)
            await self.demand.begin(partition, position)

    async def fold(self, *sent: dict[str, Any]) -> None:
        """Fold events in order, logged now."""
        for each in sent:
            event = WIRE.decode_object(each)
            assert isinstance(event, Event), event
            partition = partition_of(key_of(event).encode(), self.partitions)
            await (self._fold if WIRE.topic_of(event) == "beds" else self._fold_demand)(partition, event)

    async def _fold_demand(self, partition: int, event: Event) -> None:
        fold = self.of_demand[partition]
        record = Logged(fold.position.offset + 1, self.now, key_of(event).encode(), encode(event))
        assert await self.demand.write(partition, fold.fold([record]).write)

    async def _fold(self, partition: int, event: Event) -> None:
        registry, before = self.registries[partition], self.positions[partition]
        registry.advance_clock(self.now)
        shelter = registry.apply(event, before.offset + 1)
        await self.stand(partition, offset=before.offset + 1, clock=registry.clock)
        if shelter is None:
            return
        picture = shelter.snapshot
        write = Write(
            after=before.offset + 1,
            position=self.positions[partition],
            shelters={picture.shelter: shelter_document(picture)},
            units={f"{picture.shelter}/{unit}": unit_document(drawn) for unit, drawn in picture.units.items()},
            units_gone=[f"{picture.shelter}/{unit}" for unit in shelter.drain_changes().units if unit not in picture.units],
            holds={f"{picture.shelter}/{hold}": hold_document(found) for hold, found in shelter.holds.items()},
            changes=[(before.offset + 1, picture.shelter)],
        )
        assert await self.view.write(partition, write)

    async def stand(self, partition: int, **changes: Any) -> None:
        """Move a partition to another position."""
        before = self.positions[partition]
        after = {name: getattr(before, name) for name in before.__slots__} | {"alive_at": self.now} | changes
        self.positions[partition] = Position(**after)
        assert await self.view.write(partition, Write(after=before.offset, position=self.positions[partition]))
        await self.view.assign(partition, self.positions[partition].rebuild_until)
