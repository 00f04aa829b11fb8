"""The snapshot of a shelter at a `now`: states in the order of R7, counts, anomalies, and when time alone changes them."""

from __future__ import annotations

from typing import Final

import pytest

from services.domain.beds.shelter_snapshot import (
    Closing,
    Counts,
    Held,
    Paused,
    ShelterSnapshot,
    StaySnapshot,
    UnitSnapshot,
    count,
    double_occupied,
    next_due,
    state_of,
    undeclared_units,
    vacant_count,
)
from services.domain.beds.staleness import StalenessLimits
from services.domain.durations import HOUR_MS

STAY: Final = StaySnapshot("s", 1, 0, 0, None)
SHUT: Final = Closing("other", None)
HELD: Final = Held("h", 10)


def unit(name: str = "u", *, stays: int = 0, closed: bool = False, held: bool = False, overflow: bool = False) -> UnitSnapshot:
    """Return a declared unit."""
    return UnitSnapshot(
        unit=name,
        kind="crisis",
        overflow=overflow,
        max_adults=2,
        max_children=1,
        features=("cot", "pets"),
        stays=(STAY,) * stays,
        closed=SHUT if closed else None,
        held=HELD if held else None,
    )


def shelter_of(*units: UnitSnapshot, heard_at: int | None = 0, paused: bool = False) -> ShelterSnapshot:
    """Return a shelter with these units."""
    named = {unit.unit: unit for unit in units}
    return ShelterSnapshot("s", heard_at=heard_at, paused=Paused("other", None) if paused else None, units=named)


@pytest.mark.parametrize(
    ("snapshot", "now", "paused", "unknown", "state"),
    [
        (unit(stays=1, closed=True, held=True), 0, True, True, "occupied"),
        (unit(closed=True, held=True), 0, True, True, "closed"),
        (unit(held=True), 9, True, True, "held"),
        (unit(held=True), 10, True, True, "paused"),
        (unit(), 0, False, True, "unknown"),
        (unit(), 0, False, False, "free"),
    ],
)
def test_the_first_state_that_fits(snapshot: UnitSnapshot, now: int, paused: bool, unknown: bool, state: str) -> None:  # noqa: FBT001 - columns
    """R7: the state of a unit is the first that fits of occupied, closed, held, paused, unknown, free."""
    assert state_of(snapshot, paused=paused, unknown=unknown, now=now) == state


def test_overflow_is_counted_apart() -> None:
    """R7: overflow units are counted in the same six states, apart; an undeclared unit is not counted."""
    snapshot = shelter_of(unit("a"), unit("b", stays=2), unit("c", overflow=True), UnitSnapshot("d", stays=(STAY,)))
    assert count(snapshot, 0, StalenessLimits()) == (Counts(capacity=2, occupied=1, free=1), Counts(capacity=1, free=1))


def test_a_pause_and_silence_change_what_is_free() -> None:
    """R7, R9: a pause comes before unknown; a shelter never heard of is unknown."""
    assert count(shelter_of(unit(), paused=True, heard_at=None), 0, StalenessLimits())[0] == Counts(capacity=1, paused=1)
    assert count(shelter_of(unit(), heard_at=None), 0, StalenessLimits())[0] == Counts(capacity=1, unknown=1)


@pytest.mark.parametrize(
    ("adults", "children", "kinds", "features", "takes"),
    [
        (2, 1, (), (), True),
        (3, 0, (), (), False),
        (0, 2, (), (), False),
        (1, 0, ("emergency", "crisis"), (), True),
        (1, 0, ("emergency",), (), False),
        (1, 0, (), ("pets", "cot"), True),
        (1, 0, (), ("pets", "wheelchair"), False),
    ],
)
def test_a_unit_takes_a_household(adults: int, children: int, kinds: tuple[str, ...], features: tuple[str, ...], *, takes: bool) -> None:
    """R10: a unit takes a household if it is large enough, of a wanted kind, with all features."""
    assert unit().takes(adults, children, kinds, features) is takes


def test_an_overflow_or_undeclared_unit_takes_no_household() -> None:
    """R10: an overflow unit and an undeclared unit take no household."""
    assert not unit(overflow=True).takes(1, 0, (), ())
    assert not UnitSnapshot("u").takes(0, 0, (), ())


def test_anomalies_stand_in_byte_order() -> None:
    """R8: units with two stays, and undeclared units with a stay, are listed in byte order."""
    snapshot = shelter_of(
        unit("u2", stays=2), unit("u10", stays=2), UnitSnapshot("z", stays=(STAY, STAY)), UnitSnapshot("a", stays=(STAY,))
    )
    assert (double_occupied(snapshot), undeclared_units(snapshot)) == (["u10", "u2", "z"], ["a", "z"])


def test_a_count_by_hand_is_compared_with_the_vacant_units() -> None:
    """R8: free, held, paused and unknown units are vacant; occupied, closed, overflow and undeclared units are not."""
    snapshot = shelter_of(unit("a"), unit("b", held=True), unit("c", stays=1), unit("d", closed=True), unit("e", overflow=True))
    assert vacant_count(snapshot.units) == 2


@pytest.mark.parametrize(
    ("now", "due"), [(0, 10), (10, 8 * HOUR_MS), (8 * HOUR_MS, 24 * HOUR_MS), (24 * HOUR_MS - 1, 24 * HOUR_MS), (24 * HOUR_MS, None)]
)
def test_time_alone_changes_a_snapshot_next(now: int, due: int | None) -> None:
    """R9, R11: time next changes a snapshot when a hold expires, and when the shelter turns ageing or unknown."""
    assert next_due(shelter_of(unit(held=True)), now, StalenessLimits()) == due


def test_counts_add_and_subtract_state_by_state() -> None:
    """R7: counts are added and subtracted state by state."""
    one, other = Counts(3, 1, 1, 1, 0, 0, 0), Counts(2, 0, 0, 0, 1, 0, 1)
    assert one.plus(other) == Counts(5, 1, 1, 1, 1, 0, 1)
    assert one.plus(other).minus(other) == one
