"""What must be true when a run has come to rest: nothing that was promised is lost, and the view is what the log gives, by two folds."""

from collections.abc import Iterator
from typing import Any, Final

from faust.types import TP

from services.adapters.kafka.log_reader import fingerprint
from services.adapters.view.ports import Position, Saved
from services.domain.beds.staleness import StalenessLimits
from services.domain.beds.state_document import state_document
from services.processor.projections.beds import BedProjectionFactory
from services.processor.projections.demand import DemandProjectionFactory
from services.processor.view_verifier import differences
from tests.interleavings.watched_view import at_once
from tests.interleavings.world import PARTITIONS, World
from tests.invariants import broken, broken_inside
from tests.played import fold, logged
from tests.processor.logs import WIRE
from tests.reference.fold import result
from tests.reference.log import Record

_LETTERS: Final = "plek_dead_letters_total"


def wrong(world: World, *, thorough: bool) -> list[str]:
    """Return everything that is wrong after a run; `thorough` folds by the reference and checks every invariant too, which takes longer."""
    found = [*world.broken, *_lost(world), *_letters(world)]
    for tp in world.partitions:
        found += _unlike_the_log(world, tp)
    return [*found, *(_unlike_the_reference(world) if thorough else ())]


def behind(world: World) -> list[str]:
    """Return which views do not stand at the end of their log, and which offsets of the group do not follow on them."""
    return [why for tp in world.partitions if (why := _behind(world, tp))]


def _behind(world: World, tp: TP) -> str | None:
    position, end = at_once(_view(world, tp).position(tp.partition)), world.broker.end(tp)
    if position is None:
        return f"{tp} has no position, and {end} records"
    if position.offset + 1 != end or position.rebuilding:
        return f"the view of {tp} stands at {position.offset} of {end}{', rebuilding' if position.rebuilding else ''}"
    if world.broker.committed.get(tp, 0) != end:
        return f"the group stands at {world.broker.committed.get(tp, 0)} of {end} of {tp}"
    return None


def _view(world: World, tp: TP) -> Any:
    return world.beds if tp.topic == world.topics.bed_events else world.demand


def _lost(world: World) -> Iterator[str]:
    """Yield each record that was promised and is not in the log."""
    kept = {(record.key or b"", record.value or b"") for tp in world.partitions for record in world.broker.records[tp]}
    for (key, value), how in world.promised.items():
        if (key, value) not in kept:
            yield f"lost, and was {how}: {key!r} {value[:80]!r}"


def _letters(world: World) -> Iterator[str]:
    counted, kept = world.counted.counts[_LETTERS], len(world.broker.records[TP(world.topics.dead_letters, 0)])
    if counted > kept:
        yield f"{counted} dead letters were counted, and {kept} can be read"


def left_in_hand(world: World) -> Iterator[str]:
    """Yield each worker that met what no code expects, and went on."""
    for name in world.surprised:
        if any(worker.process.name == name and worker.process.alive for worker in world.workers):
            yield f"{name} met an exception that no code expects, and goes on"


def _unlike_the_log(world: World, tp: TP) -> list[str]:
    """Return each difference between the view and what an undisturbed fold of the log gives: every byte, as `plek verify` compares."""
    saved: Saved | None = at_once(_view(world, tp).load(tp.partition))
    records = world.broker.records[tp]
    if saved is None or not records or saved.position.offset + 1 != len(records):
        return []  # not at rest: said by `behind`
    factory: Any = BedProjectionFactory(WIRE, StalenessLimits()) if tp.topic == world.topics.bed_events else DemandProjectionFactory(WIRE)
    partition = factory.fresh(Position(offset=-1, fingerprint=fingerprint(records[0]).text))
    partition.fold(records)
    expected = partition.full_snapshot(saved.position.swept_at)
    return [
        f"the view of {tp} is not what the log gives: {each.where} {each.name} {each.how}"
        for each in differences(tp.partition, saved, expected)
    ]


def _unlike_the_reference(world: World) -> Iterator[str]:
    """Yield what a second fold, which shares no code with the first, gives otherwise."""
    tps = [tp for tp in world.partitions if tp.topic == world.topics.bed_events]
    merged = [Record(record.key, record.value, record.timestamp, record.partition) for tp in tps for record in world.broker.records[tp]]
    parts = [at_once(world.beds.read_partition(number)) for number in range(PARTITIONS)]
    now = max([part.position.swept_at for part in parts if part.position], default=0)
    shown = state_document((part.part for part in parts), now, StalenessLimits())
    yield from broken(shown)
    for tp in tps:
        yield from broken_inside(fold(logged([record for record in merged if record.partition == tp.partition])), now)
    expected = result(merged, now)
    yield from (f"the reference gives {name} otherwise" for name in expected if expected[name] != shown.get(name))
