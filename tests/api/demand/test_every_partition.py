"""A list of cases, and what ends forgotten searches, look through every partition of demand, the last one too."""

from types import SimpleNamespace
from typing import Any

import pytest

from services.adapters.auth.authentication import Caller
from services.adapters.observability.metrics import Metrics
from services.adapters.problem_details import ProblemError
from services.adapters.view.ports import DemandSnapshot, ViewUnavailableError
from services.api.demand.case_access import Cases
from services.api.searches.auto_close import AutoClose


class _Demand:
    """A view of demand without cases, which notes the partitions that are read; the one that is `away` can't be."""

    def __init__(self, away: int | None = None) -> None:
        self.read, self._away = list[int](), away

    async def read_partition(self, partition: int) -> DemandSnapshot:
        """Return an empty partition."""
        if partition == self._away:
            raise ViewUnavailableError("away")
        self.read.append(partition)
        return DemandSnapshot(partition=partition, position=None, halted="why" if partition == 11 else None, open=[])


def _cases(demand: _Demand) -> Cases:
    async def dataset_now() -> int:
        return 0

    age = SimpleNamespace(require_fresh=lambda *_: None, head=lambda *_: {})
    reading: Any = SimpleNamespace(
        partitions=12, dataset_now=dataset_now, age_of=lambda *_: age, age_limits=None, dataset_head=lambda _: {"world": "tested"}
    )
    view: Any = demand
    posting: Any = None
    return Cases(reading=reading, demand=view, posting=posting)


async def test_a_list_of_cases_is_of_every_partition() -> None:
    """What is open is read in all twelve partitions; one that can't be read makes the whole list one that can't be had."""
    demand, caller = _Demand(), Caller("w1", "worker")
    assert await _cases(demand).open(caller, "entry") == ({"world": "tested", "hidden_cases": 0}, [])
    assert demand.read == list(range(12))
    with pytest.raises(ProblemError):
        await _cases(_Demand(away=11)).open(caller, "entry")


async def test_forgotten_searches_are_looked_for_in_every_partition() -> None:
    """What ends the searches of yesterday reads all twelve partitions."""
    demand = _Demand()
    view: Any = demand
    sending: Any = None
    await AutoClose(demand=view, partitions=12, sending=sending, now=lambda: 0, metrics=Metrics()).end()
    assert demand.read == list(range(12))
