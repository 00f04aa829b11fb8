"""The attacker's test: no number that a release hides can be worked out, from it or from it and those before it."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from services.monitor.bounds import safe
from services.monitor.disclosure import Cells, rest, rounded
from services.monitor.grid import NATION, PARTS, Key, groups
from services.monitor.hiding import Planned, told
from tests.monitor.countries import MONTHS, PLANNED, Row, cells, rows
from tests.monitor.stranger import Attack

SPRING = replace(PLANNED, months=MONTHS[:4])
Told = Mapping[Key, int | None]


def given_away(country: Cells, planned: Planned, *releases: Told) -> list[Key]:
    """List the cells that may not be told and that a stranger narrows down all the same."""
    attack = Attack(releases, planned.months, planned.never_more)
    sensitive = [key for key in planned.keys if not country[key].may_be_told]
    assert len(sensitive) > 50, "nothing to find"
    return [key for key in sensitive if not safe(*attack.narrows_to(key), country[key].value)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_hidden_number_can_be_worked_out(seed: int) -> None:
    """In whole numbers, by all sums at once: nobody comes within ten of a hidden number, nor within half of it."""
    country = cells(rows(seed), SPRING)
    release = told(SPRING, country, [])
    assert any(value is not None for value in release.values())
    assert given_away(country, SPRING, release) == []


def test_without_hiding_more_some_could() -> None:
    """The control: only what may not be told by itself hidden, the same attack finds the rest."""
    country = cells(rows(1), SPRING)
    naive = {key: rounded(cell.value) if cell.may_be_told else None for key, cell in country.items()}
    assert len(given_away(country, SPRING, naive)) > 10


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_told_is_true_and_may_be_told(seed: int) -> None:
    """Every number keeps the three rules, and is the rounded truth; the parts of the country are told at least."""
    country = cells(rows(seed))
    release = told(PLANNED, country, [])
    open_ = {key: value for key, value in release.items() if value is not None}
    assert all(country[key].may_be_told for key in open_)
    assert all(abs(country[key].value - value) <= 2 and value % 5 == 0 for key, value in open_.items())
    assert open_.keys() >= {Key("occupied", area, "2023") for area in (NATION, *PARTS)}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_rest_of_a_sum_might_be_told_itself(seed: int) -> None:
    """So a shelter that knows its own share of a rest knows no more of the others than the rules allow."""
    country = cells(rows(seed))
    release = told(PLANNED, country, [])
    for figure in PLANNED.figures:
        for whole, parts in groups(figure, MONTHS):
            left = [part for part in parts if release[part] is None]
            assert release[whole] is None or not left or rest(country, left).may_be_told


def test_a_release_is_the_same_each_time() -> None:
    """The same country hides the same cells."""
    assert told(SPRING, cells(rows(4), SPRING), []) == told(SPRING, cells(rows(4), SPRING), [])


def test_the_next_version_gives_nothing_of_the_last_away() -> None:
    """What was hidden stays hidden though there is enough of it now, and the number is still not found."""
    before, small = list(rows(5, SPRING.months)), Key("nights", "PV28", "2023-02")
    before = [row for row in before if row[:3] != small or int(row.member.removeprefix("hPV28")) % 23 == 0]
    late = [Row(*small, None, f"late-{household}", 2) for household in range(400)]
    first = told(SPRING, cells(before, SPRING), [])
    after = cells([*before, *late], SPRING)
    assert first[small] is None
    assert told(SPRING, after, [])[small] is not None, "hidden by itself: proves nothing"
    second = told(SPRING, after, [first])
    assert second[small] is None
    assert given_away(after, SPRING, second) == []


def test_a_month_more_gives_nothing_of_those_before_away() -> None:
    """A release of four months after one of three: the attack has both."""
    three, four = replace(PLANNED, months=MONTHS[:3]), replace(PLANNED, months=MONTHS[:4])
    made = list(rows(6, four.months))
    first = told(three, cells([row for row in made if row.month != MONTHS[3]], three), [])
    country = cells(made, four)
    second = told(four, country, [first])
    assert {key: second[key] for key in first} == first
    assert given_away(country, four, first, second) == []
