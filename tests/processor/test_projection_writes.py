"""What one write of a projection has, and what it removes: the state between two writes, which a rebuild would repair."""

from collections.abc import Iterator
from typing import Any, Final

import orjson

from services.adapters.view.case_documents import read_case
from services.adapters.view.ports import Position, Write
from services.domain.beds.event_ids import RETENTION_MS
from services.domain.beds.staleness import StalenessLimits
from services.domain.durations import DAY_MS
from services.processor.partition import Partition, stored_ids
from services.processor.projections.beds import BedProjection, BedProjectionFactory
from services.processor.projections.demand import DemandProjectionFactory
from tests import tapes
from tests.processor.logs import WIRE, Logged, MemoryLog
from tests.reference.tape import records
from tests.reference.tapes import tape
from tests.sent import declared, event, registered
from tests.twins.memory_view import MemoryView

_BEDS: Final = BedProjectionFactory(WIRE, StalenessLimits())
_START: Final = Position(offset=-1)
_CLOCK: Final = 1_772_409_600_000


def _logged(*sent: dict[str, Any]) -> list[Logged]:
    return [Logged(offset, _CLOCK + offset, each["subject"].encode(), orjson.dumps(each)) for offset, each in enumerate(sent)]


def test_names_are_restored_in_the_order_of_their_clocks() -> None:
    """Of two restored names the older one is forgotten when its time is over, whatever order the view gave them in; the other stays."""
    names = stored_ids({b"a": 9, b"b": 5})
    names.expire(RETENTION_MS + 5)
    assert names.logged_at == {b"a": 9}


async def test_counts_that_the_view_has_otherwise_go_with_the_next_write() -> None:
    """After a restart each count that the view has not, or has otherwise, is written with the next write, once, and no other."""
    view = MemoryView(1)
    await view.begin(0, _START)
    assert await view.write(0, _BEDS.fresh(_START).fold(MemoryLog().append(tapes.load("week")[:60]).records).write)
    saved = await view.load(0)
    assert saved
    right = dict(saved.counts)
    other, missing = list(right)[:2]
    saved.counts[other] += 7
    del saved.counts[missing]
    partition = _BEDS.restored(saved)
    at = saved.position.swept_at
    assert [partition.sweep(at, None).counts for _ in range(2)] == [{other: right[other], missing: right[missing]}, {}]


def _with_unit() -> tuple[Partition[BedProjection], list[Logged]]:
    unit = declared("u1")
    correction = event("correction", corrects={"source": unit["source"], "id": unit["id"]}, reason="wrong_unit")
    log = _logged(registered(), unit, correction)
    partition = _BEDS.fresh(_START)
    return partition, log


def test_a_unit_that_is_gone_is_removed() -> None:
    """The write of the record that takes a unit out removes its document and its fact, and the write before has both."""
    partition, log = _with_unit()
    before = partition.fold(log[:2]).write
    after = partition.fold(log[2:]).write
    assert (list(before.units), list(before.units_gone), sorted(before.facts)) == (["berk/u1"], [], [0, 1])
    assert (after.units, list(after.units_gone), list(after.facts_dropped)) == ({}, ["berk/u1"], [1])


def test_each_shelter_of_a_batch_drops_its_own_facts() -> None:
    """A batch that takes out a fact of each of two shelters drops both facts, and removes both units."""
    units = [declared("u1", shelter) for shelter in ("berk", "els")]
    corrections = [
        event("correction", each["subject"], corrects={"source": each["source"], "id": each["id"]}, reason="wrong_unit") for each in units
    ]
    log, partition = _logged(*units, *corrections), _BEDS.fresh(_START)
    partition.fold(log[:2])
    write = partition.fold(log[2:]).write
    assert (sorted(write.facts_dropped), sorted(write.units_gone)) == ([0, 1], ["berk/u1", "els/u1"])


def test_a_view_is_never_swept_before_its_clock() -> None:
    """Swept by a machine whose clock is behind, a view keeps the time of its last record; by one that is ahead it takes that, for good."""
    partition, log = _with_unit()
    written = [partition.fold(log[:1]).write, partition.sweep(0, None), partition.sweep(_CLOCK + DAY_MS, None), partition.sweep(0, None)]
    assert [write.position.swept_at - _CLOCK for write in written] == [0, 0, DAY_MS, DAY_MS]


def test_a_time_as_of_which_a_view_is_true_never_goes_back() -> None:
    """A sweep without a new time, or with an earlier one, leaves the time by which all that was logged is folded in."""
    partition, _ = _with_unit()
    assert [partition.sweep(0, as_of).position.alive_at for as_of in (None, 5, None, 4, 6)] == [0, 5, 5, 5, 6]


def test_a_write_applies_to_the_position_before_it() -> None:
    """Each write states the offset that it follows on, which is where the write before it ended: a sweep moves it not at all."""
    partition, log = _with_unit()
    written = [partition.fold(log[:2]).write, partition.sweep(0, None), partition.fold(log[2:]).write]
    assert [(write.after, write.position.offset) for write in written] == [(-1, 1), (1, 1), (1, 2)]


def test_names_are_written_once() -> None:
    """The names of the events of a batch are in its write, with their clocks, and not in the next."""
    partition, log = _with_unit()
    written = [partition.fold(log[:2]).write, partition.sweep(0, None)]
    assert [sorted(write.seen.values()) for write in written] == [[_CLOCK, _CLOCK + 1], []]


def test_a_case_that_is_over_leaves_those_that_are_open() -> None:
    """The write of the record that ends a case removes it from the open ones and keeps it among the cases; until then it is in both."""
    seen = set()
    for write in _of_demand():
        for name, document in write.cases.items():
            ended = not read_case(name, document).open
            seen.add(ended)
            assert (name in write.open, name in write.open_gone) == (not ended, ended)
    assert seen == {True, False}


def _of_demand() -> Iterator[Write]:
    """Write a log of demand record by record."""
    partition = DemandProjectionFactory(WIRE).fresh(_START)
    for offset, record in enumerate(records(tape("demand", 1, 300))):
        yield partition.fold([Logged(offset, record.timestamp, record.key, record.value, "demand")]).write
