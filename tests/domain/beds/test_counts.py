"""Counts of a partition: kept up to date piece by piece they equal the counts computed from nothing."""

from __future__ import annotations

from hypothesis import given

from services.domain.beds.counts import CountsIndex
from services.domain.beds.partition_fold import PartitionState
from services.domain.beds.staleness import StalenessLimits
from tests import played
from tests.domain.log_entries import DAY, ONE, asked, fixed, folded, ms, registered
from tests.reference.log import Record
from tests.strategies import logs

LIMITS = StalenessLimits()


@given(logs())
def test_an_index_has_every_number_of_a_recount(log: list[Record]) -> None:
    """R7: an index that recounts what events and time have changed has every number that a count of everything has."""
    partition, index, numbers = PartitionState(), CountsIndex(LIMITS), dict[str, int]()
    for record in played.logged(log):
        shelter = played.fold_record(partition, record)
        due = [partition.shelters[name].snapshot for name in index.overdue(partition.clock)]
        numbers |= index.recount([*([shelter.snapshot] if shelter else []), *due], partition.clock)
    anew = CountsIndex(LIMITS)
    anew.recount((shelter.snapshot for shelter in partition.shelters.values()), partition.clock)
    # A region without any shelter left keeps its zeros.
    assert {name: number for name, number in numbers.items() if number} == {name: n for name, n in anew.numbers().items() if n}
    assert index.numbers().items() >= {name: n for name, n in anew.numbers().items() if n}.items()
    state = played.document([partition], partition.clock)
    assert {name: numbers.get(f"national:{name}", 0) for name in state["national"]} == state["national"]
    for region, counts in state["regions"].items():
        assert {name: numbers[f"region:{region}:{name}"] for name in counts} == counts


def test_time_alone_makes_a_shelter_overdue() -> None:
    """R9, R11: a shelter is overdue when a hold expires or its limit passes, and no longer once that was counted."""
    index, shelter = CountsIndex(LIMITS), folded(*ONE, asked(ttl=30)).shelters["s"].snapshot
    index.recount([shelter], ms(0))
    assert (index.overdue(ms(29)), index.overdue(ms(30))) == ([], ["s"])
    assert index.recount([shelter], ms(30))["shelter:s:free"] == 1
    assert index.overdue(ms(30)) == []
    assert index.recount([shelter], ms(DAY))["national:unknown"] == 1
    assert index.overdue(ms(99 * DAY)) == []


def test_a_shelter_that_changes_region_takes_its_counts_along() -> None:
    """R7: a shelter in another region, or no longer registered, leaves no counts behind."""
    index = CountsIndex(LIMITS)
    for log in (ONE, (*ONE, registered("R02", t=1)), (*ONE, fixed("r"))):
        index.recount([folded(*log).shelters["s"].snapshot], ms(0))
    numbers = index.numbers()
    assert [numbers[f"{scope}:free"] for scope in ("region:R01", "region:R02", "national", "shelter:s")] == [0, 0, 0, 1]
