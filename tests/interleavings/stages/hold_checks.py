"""What must be true of holds when a run has come to rest: what workers were answered is what the log decided, and their APIs show it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from faust.types import TP

from services.domain.beds.holds import HoldFacts
from services.domain.beds.partition_fold import PartitionState
from services.domain.events.catalog import Event, HoldReleased
from tests.interleavings.watched_view import at_once
from tests.interleavings.world import PARTITIONS, World
from tests.invariants import broken_inside
from tests.processor.logs import WIRE

# The invariants of one run in so many are checked: that takes longer than the run
_THOROUGH: Final = 4


def wrong(holding: Any) -> Iterator[str]:
    """Yield everything that is wrong with the holds of a run."""
    world: World = holding.world
    decided: dict[str, HoldFacts] = {}
    released: set[str] = set()
    for number in range(PARTITIONS):
        state = PartitionState()
        for event in _events(world, state, number):
            if isinstance(event.data, HoldReleased):
                released.add(event.data.hold)
        if world.seed % _THOROUGH == 0:
            yield from broken_inside(state, world.now_everywhere())
        yield from _two_holders(state, max(world.now_everywhere(), state.clock))
        decided.update({hold.hold: hold for shelter in state.shelters.values() for hold in shelter.holds.values()})
    yield from _untrue(holding.noted, decided, released)
    yield from _out_of_order(world, holding)
    for api in holding.apis:
        yield from _unlike_the_view(world, api)


def _two_holders(state: PartitionState, now: int) -> Iterator[str]:
    """Yield each unit that more than one live hold has."""
    for name, shelter in state.shelters.items():
        units = Counter(hold.unit for hold in shelter.holds.values() if hold.live(now))
        yield from (f"{number} holds have {unit} of {name}" for unit, number in units.items() if number > 1)


def _untrue(noted: Any, decided: dict[str, HoldFacts], released: set[str]) -> Iterator[str]:
    """Yield each answer that the log does not bear out."""
    for hold in noted.granted:
        if hold not in decided or decided[hold].status == "refused":
            yield f"a worker was told that {hold} is granted, and the log says {decided.get(hold)}"
        elif hold in released and hold not in noted.released:
            yield f"a worker was told that {hold} is granted, and it was given up"
    for hold in noted.accepted:
        if not decided[hold].accepted:
            yield f"a shelter was told that it has accepted {hold}, and the log says {decided[hold]}"
    for hold in noted.declined:
        if decided[hold].status != "declined":
            yield f"a shelter was told that it has declined {hold}, and the log says {decided[hold]}"
    for hold in noted.taken:
        if hold not in decided or decided[hold].status != "refused":
            yield f"a worker was told that the place of {hold} is taken, and the log says {decided.get(hold)}"


def _events(world: World, state: PartitionState, number: int) -> Iterator[Event]:
    """Fold a partition, and yield its events."""
    for record in world.broker.records[TP(world.topics.bed_events, number)]:
        state.advance_clock(record.timestamp)
        event = WIRE.decode("beds", record.key, record.value)
        if isinstance(event, Event):
            state.apply(event, record.offset)
            yield event


def _out_of_order(world: World, holding: Any) -> Iterator[str]:
    for number in range(PARTITIONS):
        values = [record.value for record in world.broker.records[TP(world.topics.demand_events, number)]]
        for first, second in holding.noted.in_order:
            if first in values and second in values and values.index(second) < values.index(first):
                yield f"what was taken second is first in the log: {second[:60]!r}"


def _unlike_the_view(world: World, api: Any) -> Iterator[str]:
    """Yield what the copy of the country in an API has otherwise than the view, which stands still."""
    for number, snapshot in api.mirror._snapshots.items():
        look = at_once(world.beds.read_partition(number))
        if snapshot.shelters != look.shelters or snapshot.holds != look.holds:
            yield f"the copy of partition {number} in {api.name} is not what the view has"
    told = {hold.hold for number in range(PARTITIONS) for hold in at_once(world.beds.read_partition(number)).holds.values()}
    if len(api.mirror._snapshots) == PARTITIONS and told - {name for name in told if api.mirror.holds.of(name)}:
        yield f"{api.name} does not find each hold of the view"
