"""What can be seen of a shelter at a `now`: states in the order of R7, counts, anomalies, and when time alone changes them."""

from __future__ import annotations

from typing import Final

import pytest

from services.domain.freshness import HOUR_MS, Limits
from services.domain.picture import (
    Closing,
    Counts,
    Held,
    Paused,
    ShelterPicture,
    StayShown,
    UnitPicture,
    count,
    double_occupied,
    next_due,
    not_in_use,
    state_of,
    undeclared_units,
)

STAY: Final = StayShown("s", 1, 0, 0, None)
SHUT: Final = Closing("other", None)
HELD: Final = Held("h", 10)


def unit(name: str = "u", *, stays: int = 0, closed: bool = False, held: bool = False, overflow: bool = False) -> UnitPicture:
    """Draw a declared unit."""
    return UnitPicture(
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


def pictured(*units: UnitPicture, heard_at: int | None = 0, paused: bool = False) -> ShelterPicture:
    """Draw a shelter."""
    named = {unit.unit: unit for unit in units}
    return ShelterPicture("s", heard_at=heard_at, paused=Paused("other", None) if paused else None, units=named)


@pytest.mark.parametrize(
    ("drawn", "now", "paused", "unknown", "state"),
    [
        (unit(stays=1, closed=True, held=True), 0, True, True, "occupied"),
        (unit(closed=True, held=True), 0, True, True, "closed"),
        (unit(held=True), 9, True, True, "held"),
        (unit(held=True), 10, True, True, "paused"),
        (unit(), 0, False, True, "unknown"),
        (unit(), 0, False, False, "free"),
    ],
)
def test_the_first_state_that_fits(drawn: UnitPicture, now: int, paused: bool, unknown: bool, state: str) -> None:  # noqa: FBT001 - columns
    """R7: occupied, closed, held, paused, unknown, free: the first that fits."""
    assert state_of(drawn, paused=paused, unknown=unknown, now=now) == state


def test_overflow_is_counted_apart() -> None:
    """R7: overflow units are counted in the same six states, by themselves; a unit nobody declared is not counted."""
    drawn = pictured(unit("a"), unit("b", stays=2), unit("c", overflow=True), UnitPicture("d", stays=(STAY,)))
    assert count(drawn, 0, Limits()) == (Counts(capacity=2, occupied=1, free=1), Counts(capacity=1, free=1))


def test_a_pause_and_silence_change_what_is_free() -> None:
    """R7, R9: paused comes before unknown; never heard of is unknown."""
    assert count(pictured(unit(), paused=True, heard_at=None), 0, Limits())[0] == Counts(capacity=1, paused=1)
    assert count(pictured(unit(), heard_at=None), 0, Limits())[0] == Counts(capacity=1, unknown=1)


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
    """R10: large enough, of a wanted kind, with all features."""
    assert unit().takes(adults, children, kinds, features) is takes


def test_an_overflow_or_undeclared_unit_takes_nobody() -> None:
    """R10: no overflow unit, and none that is not declared."""
    assert not unit(overflow=True).takes(1, 0, (), ())
    assert not UnitPicture("u").takes(0, 0, (), ())


def test_anomalies_stand_in_byte_order() -> None:
    """R8: units with two stays, and units lived in that nobody declared."""
    drawn = pictured(unit("u2", stays=2), unit("u10", stays=2), UnitPicture("z", stays=(STAY, STAY)), UnitPicture("a", stays=(STAY,)))
    assert (double_occupied(drawn), undeclared_units(drawn)) == (["u10", "u2", "z"], ["a", "z"])


def test_a_count_by_hand_is_compared_with_what_is_not_in_use() -> None:
    """R8: free, held, paused and unknown count; occupied, closed, overflow and undeclared do not."""
    drawn = pictured(unit("a"), unit("b", held=True), unit("c", stays=1), unit("d", closed=True), unit("e", overflow=True))
    assert not_in_use(drawn.units) == 2


@pytest.mark.parametrize(
    ("now", "due"), [(0, 10), (10, 8 * HOUR_MS), (8 * HOUR_MS, 24 * HOUR_MS), (24 * HOUR_MS - 1, 24 * HOUR_MS), (24 * HOUR_MS, None)]
)
def test_time_alone_changes_a_picture_next(now: int, due: int | None) -> None:
    """R9, R11: when a hold expires, and when the shelter turns ageing or unknown."""
    assert next_due(pictured(unit(held=True)), now, Limits()) == due


def test_counts_add_and_subtract_state_by_state() -> None:
    """R7: capacity stays the sum of the other six."""
    one, other = Counts(3, 1, 1, 1, 0, 0, 0), Counts(2, 0, 0, 0, 1, 0, 1)
    assert one.plus(other) == Counts(5, 1, 1, 1, 1, 0, 1)
    assert one.plus(other).minus(other) == one
