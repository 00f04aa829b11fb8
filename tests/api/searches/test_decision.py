"""What a search is answered with, decided from values: a country, a household, and what the budget of its chain grants."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from services.adapters.regions import read_regions
from services.adapters.view.ports import PartitionSnapshot, Position
from services.api.areas.grouping import Area
from services.api.areas.locations import Locations
from services.api.read_model.country_cache import CountrySnapshot
from services.api.read_model.data_age import DataAge
from services.api.searches.decision import Question, SearchDecision, decide_search, rank
from services.api.searches.offer_budget import BUDGET, Granted
from services.api.searches.sealed_offers import SearchToken
from services.domain.beds.shelter_snapshot import Closing, ShelterSnapshot, UnitSnapshot
from services.domain.beds.staleness import StalenessLimits
from services.domain.durations import HOUR_MS
from services.domain.events.catalog import Need, SearchMade, ShelterRegistered
from services.domain.search.matching import SearchCriteria
from tests.sent import uuid

NOW = 100 * HOUR_MS
NO_NEED = Need(kinds=(), features=(), men=0, oldest_son_age=None, security="open", services=(), languages=())
MOTHER = SearchCriteria(adults=1, children=2, need=NO_NEED, exclude_regions=("R01",))
AREA = Area(("R07", "R29"))
LOCATIONS = Locations(read_regions(), dict.fromkeys(AREA.regions, AREA), "R28", frozenset(MOTHER.exclude_regions))


def _shelter(name: str, region: str = "R07", heard_at: int | None = NOW, **unit: Any) -> ShelterSnapshot:
    facts: dict[str, Any] = {"kind": "crisis", "max_adults": 1, "max_children": 2, "beds": 3} | unit
    registration = ShelterRegistered(
        shelter=name,
        name="Locatie",
        organisation="org-1",
        region=region,
        security="open",
        audience=("women",),
        max_son_age=None,
        languages=("nl",),
        services=(),
        intake_phone="0800-000001",
    )
    return ShelterSnapshot(name, registration=registration, heard_at=heard_at, units={"u1": UnitSnapshot("u1", **facts)})


def _country(*shelters: ShelterSnapshot) -> CountrySnapshot:
    by_name = {shelter.shelter: shelter for shelter in shelters}
    look = PartitionSnapshot(partition=3, position=Position(offset=41, alive_at=NOW), halted=None, shelters=by_name, holds={})
    return CountrySnapshot([look], DataAge(NOW, rebuilding=False), NOW, StalenessLimits(), {3: by_name}, {})


def _question(**more: Any) -> Question:
    search = SearchToken(uuid(1), "R07", "a pseudonym", NOW + 24 * HOUR_MS, uuid(1), "a household")
    return Question(search=search, ask=MOTHER, near=None, until=NOW + HOUR_MS, **more)


def _decided(country: CountrySnapshot, question: Question, granted: Granted) -> tuple[SearchMade, SearchDecision]:
    ranked = rank(question, country, LOCATIONS, Random(1))
    return decide_search(question, country, LOCATIONS, ranked, granted)


def test_the_event_says_what_was_asked_and_what_was_found() -> None:
    """The household in numbers, how many units fit and are offered, where the view stood, and the search it goes on with."""
    country = _country(*(_shelter(name) for name in "abcd"))
    made, decision = _decided(country, _question(again_of=uuid(2)), Granted((0, 1, 2), BUDGET - 3, 3))
    assert (made.search, made.region, made.adults, made.children, made.exclude_regions) == (uuid(1), "R07", 1, 2, ("R01",))
    assert (made.fitting_units, made.offers, made.view, made.again_of) == (4, 3, {"3": 41}, uuid(2))
    assert (len(decision.offers), decision.offers_left, decision.more, decision.why_none) == (3, 6, 1, None)


@pytest.mark.parametrize(
    ("shelters", "granted", "why"),
    [
        ((), Granted((), 9, 0), "nothing_fits"),
        (("a", "b"), Granted((), 7, 2), "nothing_new"),
        (("a", "b"), Granted((), 0, 1), "chain_used_up"),
    ],
)
def test_a_search_without_an_offer_says_why(shelters: tuple[str, ...], granted: Granted, why: str) -> None:
    """Nothing fits; all that fits was offered; or the chain has had its nine while more fits."""
    _, decision = _decided(_country(*map(_shelter, shelters)), _question(), granted)
    assert (decision.offers, decision.why_none) == ([], why)


def test_near_misses_are_for_those_whom_nothing_fits() -> None:
    """Beside an offer they are left out; without one each stands with its condition."""
    closed = _shelter("closed", closed=Closing("cleaning", None))
    _, with_offer = _decided(_country(_shelter("a"), closed), _question(), Granted((0,), 8, 1))
    _, without = _decided(_country(closed), _question(), Granted((), 9, 0))
    assert with_offer.misses == []
    assert [miss.condition for miss in without.misses] == ["closed"]


def test_shelters_to_call_are_named_on_asking_only_and_the_same_each_time() -> None:
    """Whom to call is counted always; at most three are named, and a search that is sent again names the same."""
    country = _country(*(_shelter(f"s{number}", heard_at=None) for number in range(9)))
    _, counted = _decided(country, _question(), Granted((), 9, 0))
    assert (len(counted.call_first), counted.listed) == (9, [])
    listed = [_decided(country, _question(list_calls=True), Granted((), 9, 0))[1].listed for _ in range(5)]
    assert len(listed[0]) == 3
    assert all(again == listed[0] for again in listed)


def test_the_tightest_of_what_fits_comes_first() -> None:
    """Of two that differ by more than a bed; what nobody could sleep in is in no list."""
    country = _country(_shelter("large", max_children=5), _shelter("small"), _shelter("tiny", max_children=1))
    ranked = rank(_question(), country, LOCATIONS, Random(1))
    assert [fit.shelter.shelter for fit in ranked] == ["small", "large"]


def test_an_offer_carries_what_was_asked_for() -> None:
    """So that it can be held without asking again."""
    question = _question()
    offer = question.offer("berk")
    assert (offer.shelter, offer.of, offer.ask, offer.until) == ("berk", question.search, MOTHER, question.until)
    assert replace(offer, shelter="den") == question.offer("den")
