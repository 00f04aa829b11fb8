"""The schedule of faults: from a seed alone, with every kind of fault in it, and with a calm at its end."""

import pytest

from tests.faults.programme.faults import MAKERS
from tests.faults.programme.schedule import LEADER, SERVICES, longest_freeze, make_schedule

_QUARTER_S = 900.0


def test_the_same_seed_makes_the_same_schedule() -> None:
    """Two schedules of a seed are equal, and another seed makes another one."""
    first, again, other = (make_schedule(seed, _QUARTER_S) for seed in (7, 7, 8))
    assert first == again
    assert first != other


@pytest.mark.parametrize("seed", range(50))
def test_every_fault_is_over_before_the_last_calm(seed: int) -> None:
    """No fault begins before the instance is up, and none lasts into the end of the run."""
    faults = make_schedule(seed, _QUARTER_S)
    assert all(fault.at > 0 and fault.at + fault.lasts < _QUARTER_S for fault in faults)
    assert sorted(faults) == faults


def test_every_kind_of_fault_comes_in_a_quarter_of_an_hour_or_two() -> None:
    """Over a few seeds every kind that can be made is scheduled, and no other; every part is killed, the leader too."""
    faults = [fault for seed in range(10) for fault in make_schedule(seed, _QUARTER_S)]
    assert {fault.kind for fault in faults} == set(MAKERS)
    assert {fault.target for fault in faults if fault.kind == "kill"} >= {*SERVICES, LEADER, "redis", "broker-1"}


def test_faults_overlap_and_come_alone() -> None:
    """Some faults begin while another lasts; one that is alone has the calm after it to itself."""
    faults = make_schedule(3, _QUARTER_S)
    assert any(one.at < other.at < one.at + one.lasts for one in faults for other in faults)
    alone = [fault for fault in faults if fault.alone]
    assert alone
    assert all(other.at - fault.at > 20 for fault in alone for other in faults if other.at > fault.at)


def test_a_long_run_freezes_longer_than_an_age_that_is_refused() -> None:
    """Two minutes freeze up to 20 s, an hour up to 90 s."""
    assert (longest_freeze(120), longest_freeze(3_600)) == (20.0, 90.0)
