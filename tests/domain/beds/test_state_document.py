"""The whole state in one document: every partition at the reader's `now`, never below its own clock."""

from __future__ import annotations

from services.domain.beds.partition_fold import PartitionState
from services.domain.beds.staleness import StalenessLimits
from services.domain.beds.state_document import PartitionPart, state_document
from tests.domain.log_entries import DAY, HOLD, ONE, SECOND, LogEntry, asked, declared, folded, ms, registered
from tests.invariants import broken


def part(*log: LogEntry) -> PartitionPart:
    """Return the state after a log as a partition."""
    state = folded(*log)
    shelters = state.shelters
    holds = [(name, hold) for name, shelter in shelters.items() for hold in shelter.holds.values()]
    return PartitionPart(clock=state.clock, shelters=[shelter.snapshot for shelter in shelters.values()], holds=holds, dead_letters=2)


def test_a_country_without_partitions_has_only_zeros() -> None:
    """Without any partition every sum is 0, and the nation is still listed."""
    drawn = state_document([], 0, StalenessLimits())
    assert drawn["national"] == dict.fromkeys(("capacity", "occupied", "closed", "held", "paused", "unknown", "free"), 0)
    assert (drawn["shelters"], drawn["holds"], drawn["regions"], drawn["dead_letters"]) == ({}, {}, {}, 0)


def test_partitions_are_put_together() -> None:
    """Shelters and holds of all partitions stand in byte order, dead letters are added up."""
    log = (*ONE, asked(SECOND), asked(HOLD))
    drawn = state_document([part(*log), part(registered(region="R02", shelter="a"))], ms(0), StalenessLimits())
    assert (list(drawn["shelters"]), list(drawn["holds"]), list(drawn["regions"])) == (
        ["a", "s"],
        [f"s/{HOLD}", f"s/{SECOND}"],
        ["R01", "R02"],
    )
    assert (drawn["dead_letters"], drawn["national"]["held"], drawn["national"]["capacity"]) == (4, 1, 1)
    assert broken(drawn) == []


def test_each_partition_has_its_own_clock() -> None:
    """Section 4: a reader with a clock that is behind sees each partition at the clock of that partition."""
    early, late = part(*ONE), part(registered(shelter="t", at=2 * DAY))
    drawn = state_document([early, late], ms(1), StalenessLimits())
    assert drawn["shelters"]["s"]["counts"]["free"] == 1
    assert state_document([early, late], ms(2 * DAY), StalenessLimits())["shelters"]["s"]["counts"]["unknown"] == 1


def test_a_shelter_that_is_not_registered_counts_nowhere() -> None:
    """R7: an unregistered shelter is listed with its own counts, and counts in no region and not in the nation."""
    drawn = state_document([part(declared())], ms(0), StalenessLimits())
    assert (drawn["shelters"]["s"]["counts"]["free"], drawn["regions"], drawn["national"]["capacity"]) == (1, {}, 0)


def test_an_empty_registry_is_a_country_of_nobody() -> None:
    """A registry that has heard nothing lists nothing."""
    assert PartitionState().shelters == {}
