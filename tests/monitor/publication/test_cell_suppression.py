"""No number that a release hides can be inferred from it, or from it and the releases before it."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from services.monitor.publication.attacker_bounds import Attacker, is_protected
from services.monitor.publication.cell_suppression import ReleasePlan, suppress
from services.monitor.publication.disclosure_rules import Cells, merge, rounded
from services.monitor.publication.release_grid import NATION, PARTS, Key, groups
from tests.monitor.integer_attack import IntegerAttack
from tests.monitor.release_cells import MONTHS, PLANNED, Row, cells, rows

SPRING = replace(PLANNED, months=MONTHS[:4])
Release = Mapping[Key, int | None]


def inferred(country: Cells, plan: ReleasePlan, *releases: Release) -> list[Key]:
    """List the sensitive cells that an attacker narrows down."""
    attack = IntegerAttack(releases, plan.months, plan.never_more)
    sensitive = [key for key in plan.keys if not country[key].publishable]
    assert len(sensitive) > 50, "nothing to find"
    return [key for key in sensitive if not is_protected(*attack.narrows_to(key), country[key].value)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_hidden_number_can_be_inferred(seed: int) -> None:
    """An attack in whole numbers, on all sums at once, narrows no hidden number down to within ten, or within half of it."""
    country = cells(rows(seed), SPRING)
    release = suppress(SPRING, country, [])
    assert any(value is not None for value in release.values())
    assert inferred(country, SPRING, release) == []


def test_without_hiding_more_some_numbers_can_be_inferred() -> None:
    """The control: where only the sensitive cells are hidden, the same attack infers some of them."""
    country = cells(rows(1), SPRING)
    naive = {key: rounded(cell.value) if cell.publishable else None for key, cell in country.items()}
    assert len(inferred(country, SPRING, naive)) > 10


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_shown_is_true_and_publishable(seed: int) -> None:
    """Every number keeps the three rules, and is the rounded truth; the numbers of the parts of the country are shown at least."""
    country = cells(rows(seed))
    release = suppress(PLANNED, country, [])
    shown = {key: value for key, value in release.items() if value is not None}
    assert all(country[key].publishable for key in shown)
    assert all(abs(country[key].value - value) <= 2 and value % 5 == 0 for key, value in shown.items())
    assert shown.keys() >= {Key("occupied", area, "2023") for area in (NATION, *PARTS)}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_rest_of_a_sum_is_publishable_itself(seed: int) -> None:
    """The hidden parts of a sum are together publishable, so a shelter that knows its own share infers no more than the rules allow."""
    country = cells(rows(seed))
    release = suppress(PLANNED, country, [])
    for figure in PLANNED.figures:
        for whole, parts in groups(figure, MONTHS):
            hidden = [part for part in parts if release[part] is None]
            assert release[whole] is None or not hidden or merge(country, hidden).publishable


def test_a_release_is_the_same_each_time() -> None:
    """The same cells give the same release."""
    assert suppress(SPRING, cells(rows(4), SPRING), []) == suppress(SPRING, cells(rows(4), SPRING), [])


def test_the_next_version_reveals_nothing_of_the_last() -> None:
    """A cell that was hidden stays hidden in the next version, though it would be publishable now, and can't be inferred."""
    before, small = list(rows(5, SPRING.months)), Key("nights", "PV28", "2023-02")
    before = [row for row in before if row[:3] != small or int(row.member.removeprefix("hPV28")) % 23 == 0]
    late = [Row(*small, None, f"late-{household}", 2) for household in range(400)]
    first = suppress(SPRING, cells(before, SPRING), [])
    after = cells([*before, *late], SPRING)
    assert first[small] is None
    assert suppress(SPRING, after, [])[small] is not None, "hidden by itself: proves nothing"
    second = suppress(SPRING, after, [first])
    assert second[small] is None
    assert inferred(after, SPRING, second) == []


def test_another_month_reveals_nothing_of_those_before() -> None:
    """An attack on a release of four months and the one of three before it infers no hidden number."""
    three, four = replace(PLANNED, months=MONTHS[:3]), replace(PLANNED, months=MONTHS[:4])
    made = list(rows(6, four.months))
    first = suppress(three, cells([row for row in made if row.month != MONTHS[3]], three), [])
    country = cells(made, four)
    second = suppress(four, country, [first])
    assert {key: second[key] for key in first} == first
    assert inferred(country, four, first, second) == []


def test_a_number_of_an_earlier_release_gives_nothing_away_with_this_one() -> None:
    """Where a number that would be hidden now was published before, other numbers are hidden in its place, or the two gave one away."""
    january = replace(PLANNED, months=MONTHS[:1])
    country = cells(rows(1, january.months), january)
    alone = suppress(january, country, [])
    published = [key for key in january.keys if alone[key] is None and country[key].publishable]
    assert len(published) == 6
    for key in published:
        earlier = {key: rounded(country[key].value)}
        assert _narrowed(country, january, earlier, alone), "hidden in vain"
        assert not _narrowed(country, january, earlier, suppress(january, country, [earlier]))


def _narrowed(country: Cells, plan: ReleasePlan, earlier: Mapping[Key, int], release: Release) -> list[Key]:
    """List the sensitive cells that the linear attack on both releases narrows down."""
    attacker = Attacker({**earlier} | {key: value for key, value in release.items() if value is not None}, plan.never_more)
    sensitive = [key for key in plan.keys if not country[key].publishable]
    return [key for key in sensitive if not is_protected(*attacker.feasible_interval([key])[:2], country[key].value)]
