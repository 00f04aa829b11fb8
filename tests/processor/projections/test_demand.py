"""The projection of demand behind the fence: in any batches, dropped and restored anywhere, the same as in one go."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.adapters.view.case_documents import read_case
from services.adapters.view.ports import Position
from services.domain.beds.staleness import StalenessLimits
from services.processor.projections.demand import DemandProjection, DemandProjectionFactory
from services.processor.view_verifier import Verifier
from tests import played
from tests.processor.logs import Logged, MemoryLog, ReadableLog, Worker
from tests.processor.scenarios import SCENARIOS, Scenario, ShippedManager, without_times
from tests.reference.demand import demand_result
from tests.reference.tape import records
from tests.reference.tapes import tape
from tests.strategies import LONG_STEPS
from tests.strategies_of_demand import demand_logs
from tests.twins.memory_view import MemoryDemandView

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.adapters.view.ports import Saved
    from services.processor.partition import Partition
    from tests.reference.log import Record

FOLD: Final = DemandProjectionFactory(played.WIRE)
GROUPS: Final = {"search": "searches", "fallback": "fallbacks", "entry": "entries"}


def logged(log: list[Record]) -> list[Logged]:
    """Return records as a Kafka client returns them."""
    return [Logged(offset, record.timestamp, record.key, record.value, "demand") for offset, record in enumerate(log)]


def long_log() -> ReadableLog:
    """Return a log of one partition with everything in it, longer than any scenario."""
    made = ReadableLog()
    made.records = logged(records(tape("demand", 1, 1_200)))
    return made


@given(demand_logs(LONG_STEPS), st.lists(st.tuples(st.integers(1, 9), st.booleans()), max_size=30))
def test_batches_and_restores_change_nothing(log: list[Record], plan: list[tuple[int, bool]]) -> None:
    """D1 to D4: however a log is cut into batches, and wherever the memory is lost, the view ends at what the reference gives."""
    asyncio.run(_play(log, plan))


async def _play(log: list[Record], plan: list[tuple[int, bool]]) -> None:
    view, rest = MemoryDemandView(1), logged(log)
    await view.begin(0, Position(offset=-1))
    partition: Partition[DemandProjection] = FOLD.fresh(Position(offset=-1))
    for size, restore in [*plan, *[(7, False)] * len(log)]:
        batch, rest = rest[:size], rest[size:]
        assert not batch or await view.write(0, partition.fold(batch).write)
        if restore:
            partition = FOLD.restored(_saved(await view.load(0)))
    saved = _saved(await view.load(0))
    result = expected(log)
    assert shown(saved) == result
    assert {name: number for name, number in saved.counts.items() if number} == counted(result)


def _saved(saved: Saved | None) -> Saved:
    assert saved
    return saved


def expected(log: list[Record]) -> dict[str, Any]:
    """Return what a log must give, with times as instants."""
    result = demand_result(log)
    for case in (case for group in GROUPS.values() for case in result[group].values()):
        case["start"] = case["start"] and played.with_instants(case["start"])
    return result


def shown(saved: Saved) -> dict[str, Any]:
    """Return what a view stores, in the form of the reference."""
    found: dict[str, Any] = {group: {} for group in GROUPS.values()}
    for name, document in saved.cases.items():
        case = read_case(name, document)
        assert (name in saved.open) == case.open
        found[GROUPS[case.kind]][case.key] = {
            "start": case.start and played.with_instants(dict(case.start.data)),
            "ended": case.end is not None,
            "outcome": case.end and case.end.data["outcome"],
            "occurred_at": case.end and case.end.occurred_at,
        }
    return {**found, "dead_letters": saved.position.dead_letters}


def counted(result: dict[str, Any]) -> dict[str, int]:
    """Count the cases of the reference: each kind by outcome, by region and in the nation."""
    numbers: Counter[str] = Counter()
    for kind, group in GROUPS.items():
        for case in result[group].values():
            if case["start"]:
                what = f"{kind}:{case['outcome'] or 'open'}"
                numbers.update([f"national:{what}", f"region:{case['start']['region']}:{what}"])
    return dict(numbers)


class Demand(ShippedManager):
    """The partition manager of demand as shipped."""

    def __init__(self, view: Any, log: MemoryLog) -> None:
        super().__init__(view, log, StalenessLimits(), factory=FOLD)


def comparable(saved: Saved) -> Any:
    """Return stored data without the times of sweeps and without counts of 0 (ADR 8)."""
    return replace(without_times(saved), counts={name: number for name, number in saved.counts.items() if number})


async def undisturbed(log: MemoryLog) -> Saved:
    """Return what an undisturbed worker makes of a log."""
    view = MemoryDemandView(1)
    await (await Worker(view, log, factory=FOLD).assigned()).read()
    return _saved(await view.load(0))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_whatever_is_forced_the_view_of_demand_is_exact(scenario: Scenario) -> None:
    """Whatever happens to the workers of demand, every byte of the view is what an undisturbed worker gives."""
    log, view = long_log(), MemoryDemandView(1)
    await scenario(Demand, view, log)
    assert comparable(_saved(await view.load(0))) == comparable(await undisturbed(log))


@pytest.mark.parametrize("batch", [1, 13, 2_000])
async def test_verify_folds_demand_anew(batch: int) -> None:
    """However demand was cut into batches, every byte of the view follows from the log."""
    log, view = long_log(), MemoryDemandView(1)
    await (await Worker(view, log, factory=FOLD).assigned()).read(batch=batch)
    compared = await Verifier(FOLD, view, log).compare(0)
    assert (compared.differences, compared.records, compared.topic) == ([], len(log.records), "demand")


def _case(kept: Saved) -> None:
    kept.cases[min(kept.cases)] = b"{}"


def _open(kept: Saved) -> None:
    del kept.open[min(kept.open)]


def _count(kept: Saved) -> None:
    kept.counts["national:fallback:open"] += 1


@pytest.mark.parametrize(("spoil", "where"), [(_case, "cases"), (_open, "open"), (_count, "counts")])
async def test_every_byte_of_demand_counts(spoil: Callable[[Saved], None], where: str) -> None:
    """A case, an open case or a count that was changed behind the fence is one difference."""
    log, view = long_log(), MemoryDemandView(1)
    await (await Worker(view, log, factory=FOLD).assigned()).read()
    spoil(_saved(view._kept[0].saved))
    assert [difference.where for difference in (await Verifier(FOLD, view, log).compare(0)).differences] == [where]


async def test_the_changes_feed_has_the_cases_that_changed() -> None:
    """The changes feed of demand has each case that changed, under the offset that changed it."""
    log, view = MemoryLog(), MemoryDemandView(1)
    worker = await Worker(view, log, factory=FOLD).assigned()
    log.records = long_log().records[:60]
    await worker.read(batch=7)
    changes = await view.changes(0, "0")
    assert changes != "reload"
    saved = _saved(await view.load(0))
    assert changes
    assert {change.changed.split("/")[0] for change in changes} <= set(GROUPS)
    assert set(saved.cases) <= {change.changed for change in changes}
