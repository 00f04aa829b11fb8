"""The grid of a month: no sum or difference of answered cells is about fewer than five shelters of two organisations."""

from collections.abc import Iterator, Sequence
from itertools import combinations, product

import hypothesis.strategies as st
import pytest
from hypothesis import Phase, given, settings

from services.domain.events.value_types import KINDS
from services.monitor.figures.small_cells.cell_rule import Member, enough
from services.monitor.figures.small_cells.month_grid import MonthGrid, draw
from services.monitor.query import NATION, Scope

PROVINCES = (("R01", "A"), ("R02", "A"), ("R03", "A"), ("R04", "B"), ("R05", "B"), ("R06", "C"))
PROVINCE_OF = dict(PROVINCES)
FILTERS = ("wheelchair", "psychiatric", "large")
# One of them at a time is enough: the whole of a cell is told, or nothing
SCOPES = (NATION, *(Scope(province=code) for code in "ABC"), *(Scope(region=code) for code in PROVINCE_OF))

HAS = st.builds(frozenset.union, st.frozensets(st.sampled_from(KINDS), min_size=1), st.frozensets(st.sampled_from(FILTERS)))
# To shrink a case takes longer than to read it
FEW = settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.generate))
SHELTERS = st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from([*PROVINCE_OF]), HAS), min_size=8, max_size=50)


def members(shelters: Sequence[tuple[str, str, frozenset[str]]]) -> frozenset[Member]:
    """Return shelters as members."""
    return frozenset(Member(f"s{number}", *each) for number, each in enumerate(shelters))


def inside(scope: Scope, each: Member) -> bool:
    """Return whether a member lies in the place of a scope."""
    return scope.region in {None, each.region} and scope.province in {None, PROVINCE_OF[each.region]}


def cells(grid: MonthGrid, of: frozenset[Member], *, kinds: bool) -> Iterator[frozenset[tuple[str, str]]]:
    """Yield what each answered cell adds up: the units of a shelter by kind."""
    for scope, kind in product(SCOPES, (None, *KINDS) if kinds else (None,)):
        if grid.has(scope, overflow=False, kinds=() if kind is None else (kind,), filters=()):
            yield frozenset(
                (each.shelter, has) for each in of if inside(scope, each) for has in each.has & set(KINDS) if kind in {None, has}
            )


def told(of: frozenset[Member], cell: frozenset[tuple[str, str]]) -> bool:
    """Return whether nothing, or enough members, are behind some units."""
    return not cell or enough([each for each in of if each.shelter in {shelter for shelter, _ in cell}])


def differences(answered: list[frozenset[tuple[str, str]]]) -> Iterator[frozenset[tuple[str, str]]]:
    """Yield what is left of each cell, less one to three others that lie in it and have nothing in common; and their sums, less a third."""
    for whole in answered:
        parts = [part for part in answered if part < whole]
        for size in (1, 2, 3):
            for some in combinations(parts, size):
                if sum(map(len, some)) == len(frozenset().union(*some)):
                    yield whole - frozenset().union(*some)
    for one, other, third in product(answered, repeat=3):
        # The sum of two, less a third: what is counted once too often or too little
        yield frozenset(unit for unit in one | other | third if (unit in one) + (unit in other) - (unit in third))


@FEW
@given(shelters=SHELTERS)
def test_no_difference_is_about_too_few(shelters: Sequence[tuple[str, str, frozenset[str]]]) -> None:
    """Of any shelters, no cell, difference or sum of cells by place and kind is about fewer than five shelters of two organisations."""
    of = members(shelters)
    grid = draw((of,), PROVINCES, FILTERS)
    answered = list(dict.fromkeys(cell for cell in cells(grid, of, kinds=True) if cell))
    for left in differences(answered[:12]):
        assert told(of, left)


@FEW
@given(shelters=SHELTERS)
def test_filters_divide_into_groups_that_are_large_enough(shelters: Sequence[tuple[str, str, frozenset[str]]]) -> None:
    """In every place that is answered by filter, shelters that no filters can tell apart are five of two organisations, or none."""
    of = members(shelters)
    grid = draw((of,), PROVINCES, FILTERS)
    places = [scope for scope in SCOPES if grid.filters and grid.has(scope, overflow=False, kinds=(), filters=grid.filters)]
    for scope, has in product(places, product((False, True), repeat=len(grid.filters))):
        alike = [each for each in of if inside(scope, each) and tuple(name in each.has for name in sorted(grid.filters)) == has]
        assert not alike or enough(alike)
    assert all(scope.region is None for scope in places)


@FEW
@given(hours=st.lists(SHELTERS, min_size=2, max_size=4))
def test_a_month_has_one_grid(hours: list[list[tuple[str, str, frozenset[str]]]]) -> None:
    """A cell is answered in a month only if no difference is about too few at any hour of it."""
    month = tuple(members(each) for each in hours)
    grid = draw(month, PROVINCES, ())
    for of in month:
        for left in differences([cell for cell in cells(grid, of, kinds=False) if cell]):
            assert told(of, left)


@pytest.mark.parametrize(
    ("counts", "answered"),
    [
        # Each region by itself, and what is left is empty
        ({"R01": 5, "R02": 5, "R03": 5, "R04": 5, "R05": 5, "R06": 5}, "A B C R01 R02 R03 R04 R05 R06"),
        # R03 is too small, so the smallest of the others hides it; C with one region and one shelter is hidden by B
        ({"R01": 6, "R02": 5, "R03": 1, "R04": 5, "R05": 5, "R06": 1}, "A R01"),
        # What is left of A is large enough by itself
        ({"R01": 5, "R02": 3, "R03": 2, "R04": 5, "R05": 5, "R06": 9}, "A B C R01 R04 R05 R06"),
        ({"R01": 4}, ""),
    ],
)
def test_what_is_left_is_large_enough_too(counts: dict[str, int], answered: str) -> None:
    """A region or province that is too small hides the smallest other one, unless what is left is large enough."""
    of = members([("xy"[number % 2], region, frozenset()) for region, count in counts.items() for number in range(count)])
    places = draw((of,), PROVINCES, ()).places
    assert [*sorted(places.provinces), *sorted(places.regions)] == answered.split()


def test_one_organisation_is_too_few() -> None:
    """Nine shelters of one organisation are answered only together with those of another."""
    of = members([("x", "R01", frozenset())] * 9 + [("y", "R04", frozenset())] * 9)
    assert draw((of,), PROVINCES, ()).places.nation
    assert not draw((of,), PROVINCES, ()).places.provinces
