"""Sealed searches and offers by themselves: for their caller alone, and without a hint of the shelter."""

from dataclasses import replace

import pytest

from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.http.sealed_tokens import SealedTokens
from services.api.searches.sealed_offers import Offer, SearchToken, open_offer, open_search, seal_offer, seal_search
from services.domain.events.catalog import Need
from services.domain.search.matching import SearchCriteria

_SEALS = SealedTokens(Pseudonyms("key").sealing_key("offers"))
_SEARCH = SearchToken(search="s1", region="R07", asked_by="f" * 16, until=1_000, root="s1", household="h")
_NEED = Need(kinds=(), features=("cot",), men=0, oldest_son_age=None, security="open", services=(), languages=("nl",))
_OFFER = Offer(
    shelter="berk", of=_SEARCH, until=500, ask=SearchCriteria(adults=1, children=2, need=_NEED, exclude_regions=("R01",)), near="R07"
)


def test_the_length_of_an_offer_does_not_depend_on_its_shelter() -> None:
    """Offers of a shelter with the shortest id and with the longest are equally long, and each opens with its id as it was."""
    offers = [replace(_OFFER, shelter=name) for name in ("a", "berk", "x" * 40)]
    sealed = [seal_offer(_SEALS, offer) for offer in offers]
    assert len(set(map(len, sealed))) == 1
    assert [open_offer(_SEALS, text, _SEARCH.asked_by) for text in sealed] == offers


@pytest.mark.parametrize(("asked_by", "now", "opens"), [("f" * 16, 999, True), ("f" * 16, 1_000, False), ("a" * 16, 0, False)])
def test_a_search_is_of_its_caller_until_it_is_over(asked_by: str, now: int, *, opens: bool) -> None:
    """A search opens for the caller who made it, up to its end, that instant excluded."""
    assert (open_search(_SEALS, seal_search(_SEALS, _SEARCH), asked_by, now) == _SEARCH) is opens


def test_an_offer_opens_for_its_caller_alone() -> None:
    """For another caller an offer is none; and a search is no offer."""
    assert open_offer(_SEALS, seal_offer(_SEALS, _OFFER), "a" * 16) is None
    assert open_offer(_SEALS, seal_search(_SEALS, _SEARCH), _SEARCH.asked_by) is None
