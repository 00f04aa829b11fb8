"""One partition, folded in any batches, dropped and restored from the view anywhere, swept in between: the same as in one go."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from services.adapters.view.ports import Position
from services.domain.beds.staleness import StalenessLimits
from services.domain.beds.state_document import state_document
from services.processor.partition import Partition
from services.processor.projections.beds import BedProjection, BedProjectionFactory
from tests import played
from tests.processor.logs import Logged
from tests.reference import fold as reference
from tests.reference.log import Record
from tests.strategies import LONG_STEPS, logs
from tests.twins.memory_view import MemoryView

LIMITS: Final = StalenessLimits()
FOLD: Final = BedProjectionFactory(played.WIRE, LIMITS)


@given(logs(LONG_STEPS), st.lists(st.tuples(st.integers(1, 9), st.sampled_from(("go on", "restore", "sweep"))), max_size=40))
def test_batches_restores_and_sweeps_change_nothing(log: list[Record], plan: list[tuple[int, str]]) -> None:
    """However a log is cut into batches, and wherever the memory is lost, the view ends at what the log gives."""
    asyncio.run(_play(log, plan))


async def _play(log: list[Record], plan: list[tuple[int, str]]) -> None:
    view = MemoryView(1)
    await view.begin(0, Position(offset=-1))
    partition = FOLD.fresh(Position(offset=-1))
    records = [Logged(offset, record.timestamp, record.key, record.value) for offset, record in enumerate(log)]
    for size, then in [*plan, *[(7, "go on")] * len(log)]:
        batch, records = records[:size], records[size:]
        if batch:
            assert await view.write(0, partition.fold(batch).write)
        if then == "sweep":
            assert await view.write(0, partition.sweep(partition.projection.state.clock + size * 3_600_000, None))
        elif then == "restore":
            partition = await _restored(view)
    await _agrees(view, partition, log)


async def _restored(view: MemoryView) -> Partition[BedProjection]:
    saved = await view.load(0)
    assert saved
    return FOLD.restored(saved)


async def _agrees(view: MemoryView, partition: Partition[BedProjection], log: list[Record]) -> None:
    """Check the view against the reference, and its counts against its own snapshots."""
    look = await view.read_partition(0)
    expected = reference.result(log) if log else played.result([])
    assert state_document([look.part], 0, LIMITS) == expected
    assert played.document([partition.projection.state], 0) == expected
    saved = await view.load(0)
    assert saved
    counts = {name: number for name, number in saved.counts.items() if number}
    now = partition.position.swept_at
    for scope, numbers in _scopes(state_document([look.part], now, LIMITS)).items():
        assert {name: counts.pop(f"{scope}:{name}", 0) for name in numbers} == numbers, scope
    assert [name for name in counts if ":overflow:" not in name] == []


def _scopes(state: dict[str, Any]) -> dict[str, dict[str, int]]:
    regions = {f"region:{region}": counts for region, counts in state["regions"].items()}
    shelters = {f"shelter:{name}": shelter["counts"] for name, shelter in state["shelters"].items()}
    return {"national": state["national"]} | regions | shelters
