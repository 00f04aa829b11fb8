"""The whole state in one document: every partition at the reader's `now`, never below its own clock."""

from __future__ import annotations

from services.domain.freshness import Limits
from services.domain.registry import Registry
from services.domain.result import Part, state_document
from tests.domain.said import DAY, HOLD, ONE, SECOND, Said, asked, declared, folded, ms, registered
from tests.invariants import broken


def part(*log: Said) -> Part:
    """Show what was said as a partition."""
    registry = folded(*log)
    shelters = registry.shelters
    holds = [(name, hold) for name, shelter in shelters.items() for hold in shelter.holds.values()]
    return Part(clock=registry.clock, shelters=[shelter.picture for shelter in shelters.values()], holds=holds, dead_letters=2)


def test_an_empty_country_has_nothing_in_it() -> None:
    """Of no partition at all, every sum is nought and the nation is still there."""
    drawn = state_document([], 0, Limits())
    assert drawn["national"] == dict.fromkeys(("capacity", "occupied", "closed", "held", "paused", "unknown", "free"), 0)
    assert (drawn["shelters"], drawn["holds"], drawn["regions"], drawn["dead_letters"]) == ({}, {}, {}, 0)


def test_partitions_are_put_together() -> None:
    """Shelters and holds of all partitions stand in byte order, dead letters are added up."""
    log = (*ONE, asked(SECOND), asked(HOLD))
    drawn = state_document([part(*log), part(registered(region="R02", shelter="a"))], ms(0), Limits())
    assert (list(drawn["shelters"]), list(drawn["holds"]), list(drawn["regions"])) == (
        ["a", "s"],
        [f"s/{HOLD}", f"s/{SECOND}"],
        ["R01", "R02"],
    )
    assert (drawn["dead_letters"], drawn["national"]["held"], drawn["national"]["capacity"]) == (4, 1, 1)
    assert broken(drawn) == []


def test_each_partition_has_its_own_clock() -> None:
    """Section 4: a reader whose clock is behind sees a partition at the clock of that partition, and no other at it."""
    early, late = part(*ONE), part(registered(shelter="t", at=2 * DAY))
    drawn = state_document([early, late], ms(1), Limits())
    assert drawn["shelters"]["s"]["counts"]["free"] == 1
    assert state_document([early, late], ms(2 * DAY), Limits())["shelters"]["s"]["counts"]["unknown"] == 1


def test_a_shelter_that_is_not_registered_counts_nowhere() -> None:
    """R7: it is listed with its own counts, and is in no region's and not in the nation's."""
    drawn = state_document([part(declared())], ms(0), Limits())
    assert (drawn["shelters"]["s"]["counts"]["free"], drawn["regions"], drawn["national"]["capacity"]) == (1, {}, 0)


def test_an_empty_registry_is_a_country_of_nobody() -> None:
    """A registry that has heard nothing lists nothing."""
    assert Registry().shelters == {}
