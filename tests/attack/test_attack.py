"""An insider's guesses, and that exact counts would tell him far more. Some days only; the month is `python -m tests.attack`."""

from pathlib import Path

from services.local.valkey import Valkey
from tests.attack.attack import COUNTS, NOTHING, Attacked, Guesses, attack, ways
from tests.attack.insider import Budget
from tests.attack.served import LEAST

_QUICK = ways([Budget(6, 2)])


async def test_an_insider_finds_out_far_less_than_exact_counts_tell(tmp_path: Path, valkey: Valkey, prefix: str) -> None:
    """Of what the API tells him he is certain in no case, and right less than half as often."""
    found = Attacked()
    await attack(tmp_path, valkey.url, prefix, 7, 9, 4, _QUICK, LEAST, lambda: None, found)
    for way in _QUICK:
        assert found.guesses[way].right < found.guesses[COUNTS].right / 2
        assert not found.guesses[way].certain
    assert found.guesses[NOTHING].right < 0.02
    assert found.guesses[COUNTS].right > 0.3


def test_a_guess_by_lot_is_worth_its_share() -> None:
    """One of two is a half, a wrong one nothing; what is nine tenths sure is certain, right or not."""
    guesses = Guesses()
    for probable in ({"berk": 0.5, "den": 0.5}, {"den": 0.95, "berk": 0.05}, {"berk": 0.9, "den": 0.1}):
        guesses.add(probable, "berk")
    assert (guesses.chances, guesses.certain, guesses.certain_and_right) == ([0.5, 0.0, 1.0], 2, 1)
    low, high = guesses.between
    assert 0 < low < guesses.right == 0.5 < high < 1
