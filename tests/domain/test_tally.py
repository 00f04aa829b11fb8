"""Counts kept up to date piece by piece are the counts worked out anew."""

from __future__ import annotations

from hypothesis import given

from services.domain.freshness import Limits
from services.domain.registry import Registry
from services.domain.tally import Tally
from tests import played
from tests.domain.said import DAY, ONE, asked, fixed, folded, ms, registered
from tests.reference.log import Record
from tests.strategies import logs

LIMITS = Limits()


@given(logs())
def test_a_tally_is_what_a_recount_gives(log: list[Record]) -> None:
    """R7: told of each event and of what fell due, a tally has every number that a count of everything has."""
    registry, tally, numbers = Registry(), Tally(LIMITS), dict[str, int]()
    for record in played.logged(log):
        shelter = played.hear(registry, record)
        due = [registry.shelters[name].picture for name in tally.overdue(registry.clock)]
        numbers |= tally.recount([*([shelter.picture] if shelter else []), *due], registry.clock)
    anew = Tally(LIMITS)
    anew.recount((shelter.picture for shelter in registry.shelters.values()), registry.clock)
    # A region that nobody is in any more keeps its noughts.
    assert {name: number for name, number in numbers.items() if number} == {name: n for name, n in anew.numbers().items() if n}
    assert tally.numbers().items() >= {name: n for name, n in anew.numbers().items() if n}.items()
    state = played.document([registry], registry.clock)
    assert {name: numbers.get(f"national:{name}", 0) for name in state["national"]} == state["national"]
    for region, counts in state["regions"].items():
        assert {name: numbers[f"region:{region}:{name}"] for name in counts} == counts


def test_time_alone_makes_a_shelter_overdue() -> None:
    """R9, R11: it is overdue when a hold expires or it has not been heard of, and no longer when that was counted."""
    tally, shelter = Tally(LIMITS), folded(*ONE, asked(ttl=30)).shelters["s"].picture
    tally.recount([shelter], ms(0))
    assert (tally.overdue(ms(29)), tally.overdue(ms(30))) == ([], ["s"])
    assert tally.recount([shelter], ms(30))["shelter:s:free"] == 1
    assert tally.overdue(ms(30)) == []
    assert tally.recount([shelter], ms(DAY))["national:unknown"] == 1
    assert tally.overdue(ms(99 * DAY)) == []


def test_a_shelter_takes_its_counts_along() -> None:
    """R7: in another region, or no longer registered, it leaves nothing behind."""
    tally = Tally(LIMITS)
    for log in (ONE, (*ONE, registered("R02", t=1)), (*ONE, fixed("r"))):
        tally.recount([folded(*log).shelters["s"].picture], ms(0))
    numbers = tally.numbers()
    assert [numbers[f"{scope}:free"] for scope in ("region:R01", "region:R02", "national", "shelter:s")] == [0, 0, 0, 1]
