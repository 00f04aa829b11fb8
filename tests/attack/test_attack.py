"""An insider's guesses, and that exact counts would tell him far more. Some days only; the month is `python -m tests.attack`."""

from pathlib import Path

from tests.attack.attack import COUNTS, NOTHING, SEARCHES, Guesses, attack


async def test_an_insider_guesses_little_better_than_chance(tmp_path: Path) -> None:
    """With every search he may make he is right in at most one of ten, and nowhere is one shelter left that it must be."""
    found = (await attack(tmp_path, 7, 12, 5)).guesses
    for way in SEARCHES:
        assert found[way].right <= 0.10
        assert not found[way].alone_and_right
    assert found[NOTHING].right < 0.02
    assert found[COUNTS].right > 0.3


def test_a_guess_by_lot_is_worth_its_share() -> None:
    """One of two is a half, a wrong one nothing, and one alone that is right is certain."""
    guesses = Guesses()
    for chosen in ({"berk", "den"}, {"den"}, {"berk"}):
        guesses.add(chosen, "berk")
    assert (guesses.chances, guesses.right, guesses.alone, guesses.alone_and_right) == ([0.5, 0.0, 1.0], 0.5, 2, 1)
