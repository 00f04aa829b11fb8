"""What guesses are worth, with questions and without."""

from pathlib import Path

from tests.attack.attack import CHANCE, COUNTS, FREE, Attempt, attack, compared
from tests.attack.attempts import attempts
from tests.attack.guesses import Guesses
from tests.attack.insider import Budget, Spending


async def test_exact_counts_are_worth_far_more_than_chance(tmp_path: Path) -> None:
    """Exact live counts name the shelter of more than three flights in ten, chance of fewer than one in fifty."""
    found = await compared(tmp_path, 7, 9, 12)
    assert found.guesses[CHANCE].right < 0.02
    assert found.guesses[COUNTS].right > 0.3
    assert found.guesses[FREE].right < found.guesses[COUNTS].right / 2


async def test_an_insider_spends_no_more_than_the_budget(tmp_path: Path) -> None:
    """Of six requests an hour, one of them a held offer, an insider of one flight makes no more, and is certain of nothing."""
    found = await attack(tmp_path, 7, 4, 1, Attempt("few", Budget(6, 1)))
    (asked,) = found.asked["few"]
    for done in (asked.before, asked.after):
        assert 0 < len(done.replace("g", "")) <= 6
        assert done.count("h") == done.count("g") <= 1
    assert not found.guesses["few"].certain


def test_a_quiet_insider_stays_below_the_threshold() -> None:
    """With two searches allowed since the last hold, the third waits for a hold, and after the only hold nothing is left but two more."""
    spending = Spending(Budget(9, 1, unheld=2))
    for expected in (2, 1):
        assert (spending.searches, spending.holds) == (expected, False)
        spending.search()
    assert (spending.searches, spending.holds) == (0, True)
    spending.hold()
    assert (spending.searches, spending.holds) == (2, False)


def test_the_table_has_a_quiet_insider_and_a_strict_one() -> None:
    """Each attempt has a name of its own, one stays below every alarm, and one plays against the strict level."""
    listed = attempts()
    assert len({each.name for each in listed}) == len(listed)
    assert sum(each.budget.unheld is not None for each in listed) == sum(each.strict for each in listed) == 1


def test_a_guess_by_lot_is_worth_its_share() -> None:
    """A guess between two shelters counts half, a wrong one nothing, and one of nine tenths or more is certain, right or not."""
    guesses = Guesses()
    for probable in ({"berk": 0.5, "den": 0.5}, {"den": 0.95, "berk": 0.05}, {"berk": 0.9, "den": 0.1}):
        guesses.add(probable, "berk")
    assert (guesses.chances, guesses.certain, guesses.certain_and_right) == ([0.5, 0.0, 1.0], 2, 1)
    low, high = guesses.interval
    assert 0 < low < guesses.right == 0.5 < high < 1
