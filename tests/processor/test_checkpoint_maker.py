"""Checkpoints: a log that begins with one gives what the whole log gives, whatever later records correct, repeat or name."""

from dataclasses import replace
from typing import Any, Final

import orjson
import pytest

from services.adapters.checkpoints.checkpoint import Checkpoint, from_bytes, to_bytes
from services.adapters.codec.event_codec import Topic
from services.adapters.view.ports import Position, Saved
from services.domain.beds.staleness import StalenessLimits
from services.processor.checkpoint_maker import CheckpointMaker, TooNewError
from services.processor.partition import Partition, ProjectionFactory
from services.processor.projections.beds import BedProjectionFactory
from services.processor.projections.demand import DemandProjectionFactory
from tests.processor.logs import WIRE, Logged, ReadableLog
from tests.reference import tapes as random_tapes
from tests.reference.tape import record
from tests.tapes import Line

MINUTE: Final = 60_000
BEGIN: Final = 1_772_409_600_000
BEDS: Final = BedProjectionFactory(WIRE, StalenessLimits())
DEMAND: Final = DemandProjectionFactory(WIRE)


def logged(lines: list[Line]) -> ReadableLog:
    """Return a log of one partition; a minute a record where the lines have no times."""
    log = ReadableLog()
    log.append(replace(line, timestamp=line.timestamp or BEGIN + at * MINUTE) for at, line in enumerate(lines))
    return log


def random_lines(kind: str, seed: int) -> list[Line]:
    """Return a random log of a kind with all that can be wrong in one."""
    read = ((line, record(line)) for line in random_tapes.tape(kind, seed, 400))
    return [Line(made.key, made.value, made.timestamp if "ts" in line else None) for line, made in read]


def factory(topic: Topic) -> ProjectionFactory:
    """Return what folds a topic."""
    return BEDS if topic == "beds" else DEMAND


async def checkpointed(log: ReadableLog, topic: Topic, limit: int) -> Checkpoint | None:
    """Make a checkpoint, and read it back from its bytes."""
    for made in await CheckpointMaker(factory(topic), log).make([0], limit):
        read = from_bytes(to_bytes(made))
        assert to_bytes(read) == to_bytes(made)
        return read
    return None


def folded(records: list[Logged], topic: Topic, checkpoint: Checkpoint | None) -> Partition[Any]:
    """Fold records, after a checkpoint or from the first on."""
    made = factory(topic)
    partition = made.restored(checkpoint.state) if checkpoint else made.fresh(Position(offset=-1))
    partition.fold(records)
    return partition


def shown(saved: Saved) -> dict[str, Any]:
    """Return what is true of a partition now, and what decides on the next records.

    A case that has ended is no longer, nor is a search; and a unit was not held by what is over.
    """
    position = saved.position
    return {
        "position": (position.offset, position.clock, position.dead_letters),
        "counts": {name: number for name, number in saved.counts.items() if number and _is_now(name)},
        "shelters": saved.shelters,
        "units": {name: _held_now(raw, position.clock) for name, raw in saved.units.items()},
        "open": {name: case for name, case in saved.open.items() if not name.startswith("search")},
        "seen": saved.seen,
        "corrected": saved.corrected,
    }


def _is_now(count: str) -> bool:
    kind, state = count.split(":")[-2:]
    return kind not in ("search", "fallback", "entry") or (kind != "search" and state == "open")


def _held_now(raw: bytes, clock: int) -> Any:
    unit = orjson.loads(raw)
    return unit | {"held": unit["held"] if unit["held"] and clock < unit["held"]["until"] else None}


LOGS: Final = [
    (topic, kind, seed)
    for topic, kinds in (("beds", ("rough", "timed", "week")), ("demand", ("demand",)))
    for kind in kinds
    for seed in range(4)
]


@pytest.mark.parametrize(("topic", "kind", "seed"), LOGS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
async def test_what_follows_a_checkpoint_gives_what_the_whole_log_gives(topic: Topic, kind: str, seed: int, share: float) -> None:
    """After it the same shelters, units, counts, open cases and names are true, in random logs with all that can go wrong."""
    log = logged(random_lines(kind, seed))
    whole = list(log.records)
    checkpoint = await checkpointed(log, topic, limit_at(whole, share))
    assert checkpoint
    rest = [each for each in whole if each.offset >= checkpoint.offset]
    assert 0 < len(rest) < len(whole)
    for end in {len(rest) // 4, len(rest) // 2, len(rest)}:
        records = whole[: len(whole) - len(rest) + end]
        full, short = folded(records, topic, None), folded(rest[:end], topic, checkpoint)
        clock = full.projection.state.clock
        expected, given = shown(full.full_snapshot(clock)), shown(short.full_snapshot(clock))
        for member in expected:
            assert given[member] == expected[member], member


def limit_at(records: list[Logged], share: float) -> int:
    """Return the highest clock of the first share of the records, and one millisecond."""
    return max(each.timestamp for each in records[: round(len(records) * share)]) + 1


async def test_one_checkpoint_after_another_gives_the_same() -> None:
    """Forgotten month after month, a log gives what it gives when it is forgotten at once, byte for byte in what both have."""
    log = logged(random_lines("timed", 2))
    whole = list(log.records)
    for share in (0.2, 0.4, 0.6, 0.8):
        checkpoint = await checkpointed(log, "beds", limit_at(whole, share))
        assert checkpoint
        log.begin_with(checkpoint)
    full, short = folded(whole, "beds", None), folded(log.records, "beds", log.begins_with)
    clock = full.projection.state.clock
    assert shown(short.full_snapshot(clock)) == shown(full.full_snapshot(clock))


async def test_nothing_due_makes_no_checkpoint() -> None:
    """Where every record is to be kept there is no checkpoint."""
    log = logged(random_lines("week", 1))
    assert await checkpointed(log, "beds", BEGIN) is None


async def test_an_event_too_new_stops_it() -> None:
    """What a newer event refers to is not known, so nothing is deleted while there is one (R13)."""
    log = logged(random_lines("week", 1))
    limit = limit_at(log.records, 0.5)
    admission = next(each.value for each in log.records if each.value and b"admission.v1" in each.value)
    newer = admission.replace(b"admission.v1", b"admission.v9")
    log.append([Line(log.records[0].key, newer, log.records[-1].timestamp)])
    with pytest.raises(TooNewError, match="newer than this program"):
        await checkpointed(log, "beds", limit)
