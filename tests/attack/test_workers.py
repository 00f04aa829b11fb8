"""What honest workers do with an answer, and what a vaguer answer costs them."""

from services.simulator.model.calendar import DAY
from tests.attack.losses import worked
from tests.attack.month import START
from tests.attack.variants import DESIGNED, FINER

_DAYS = 9


def test_an_offer_that_names_the_region_is_never_given_back_for_its_place() -> None:
    """Where an offer names the region no hold turns out too far away; every household for which a place within reach is free gets it."""
    months = worked(7, _DAYS)
    assert months[FINER.name].unsuitable == 0
    assert len(months[FINER.name].minutes) == months[FINER.name].within > 10


def test_workers_of_different_variants_search_for_the_same_households() -> None:
    """The same searches are made with every variant: only what is held differs."""
    months = worked(7, _DAYS)
    searched = [{act.household for act in months[name].acts} for name in (DESIGNED.name, FINER.name)]
    assert searched[0] == searched[1]
    assert all(act.at >= START + (_DAYS - 2) * DAY for act in months[DESIGNED.name].acts)
