"""The criteria of `plek find --again`: the household and needs of the last search, with what is typed now."""

from pathlib import Path

import pytest

from services.adapters.clock import now_ms
from services.adapters.regions import read_regions
from services.adapters.rfc3339 import show_ms
from services.cli.clients.last_search import LastSearch, save_search
from services.cli.clients.search_client import SearchClient, numbered_outcome, refine
from services.cli.options.api_options import WorkerOptions
from services.cli.options.dropped_needs import drop_needs
from services.cli.options.household import HOUSEHOLD
from services.cli.options.needs import Needs
from services.cli.options.region_names import RegionNames
from services.local.user_error import UserError

BEFORE = LastSearch(
    subject="w", region="R07", search="s", criteria=Needs(men=1, boy=[8], wheelchair=True, exclude=["R07"]).to_request("1+1")
)


def test_needs_are_added_to_those_of_the_last_search() -> None:
    """A refinement adds another need and another excluded region to those of the last search."""
    asked = refine(BEFORE, None, Needs(cot=True, exclude=["R20"]))
    assert (asked["features"], asked["exclude_regions"]) == (["wheelchair", "cot"], ["R07", "R20"])


def test_men_named_again_leave_the_sons() -> None:
    """Men that are named again leave the ages of the sons: a shelter might not take a son."""
    assert refine(BEFORE, None, Needs(men=1))["oldest_son_age"] == 8


def test_a_son_named_again_leaves_the_men() -> None:
    """A son that is named again changes the children, and leaves the men of the household."""
    asked = refine(BEFORE, None, Needs(boy=[13]))
    assert [asked[member] for member in HOUSEHOLD] == [1, 1, 1, 13]


def test_a_household_typed_again_replaces_all_of_it() -> None:
    """A household typed as adults+children replaces the one before, with men and sons only where they are named again."""
    asked = refine(BEFORE, "2+1", Needs())
    assert [asked[member] for member in HOUSEHOLD] == [2, 0, 1, None]


def test_more_is_refused_where_there_is_none(tmp_path: Path) -> None:
    """`--more` after an answer without more offers costs no refinement, and says what to type instead."""
    save_search(tmp_path, BEFORE.with_answer({"search": "s", "offers": [], "more": "none"}))
    with pytest.raises(UserError, match="`plek find --again` looks anew"):
        SearchClient(WorkerOptions(data=tmp_path), None).more({})


def _until(ms: int) -> str:
    return show_ms(now_ms() + ms)


def test_a_refinement_without_offers_keeps_those_before() -> None:
    """The last offers can be held by their numbers after a refinement without offers, until their time is over."""
    for ms, offers in ((600_000, ("a", "b")), (-1, ())):
        before = BEFORE.with_answer({"search": "s", "offers": [{"offer": "a"}, {"offer": "b"}], "offers_until": _until(ms)})
        search = before.with_answer({"search": "t", "offers": [], "offers_until": _until(600_000)}).with_offers_of(before)
        assert (search.search, search.offers, search.key == before.key) == ("t", offers, bool(offers))


def test_new_offers_take_the_place_of_those_before() -> None:
    """The offers of a refinement replace those before it."""
    before = BEFORE.with_answer({"search": "s", "offers": [{"offer": "a"}], "offers_until": _until(600_000)})
    search = before.with_answer({"search": "t", "offers": [{"offer": "b"}], "offers_until": _until(600_000)}).with_offers_of(before)
    assert search.offers == ("b",)


NAMES = RegionNames(read_regions())


@pytest.mark.parametrize(
    ("typed", "member"),
    [("wheelchair", "features"), ("own-kitchen", "features"), ("Tigrinya", "languages"), ("ti", "languages"), ("Breda", "exclude_regions")],
)
def test_a_need_is_dropped_by_its_name(typed: str, member: str) -> None:
    """A feature, a language by name or code, and an excluded region are dropped by name; all other criteria stay."""
    kitchen = typed == "own-kitchen"
    asked = Needs(own_kitchen=kitchen, wheelchair=not kitchen, language=["ti"], exclude=["R07"]).to_request("1+1")
    assert drop_needs(asked, [typed], NAMES) == asked | {member: []}


def test_a_need_that_was_not_asked_for_can_not_be_dropped() -> None:
    """Dropping a need that was not asked for is refused with those that were."""
    with pytest.raises(UserError, match="what was: wheelchair, Breda"):
        drop_needs(BEFORE.criteria, ["cot"], NAMES)


def test_the_same_household_is_recognised() -> None:
    """A household is the same one by adults, men, children, age of the oldest son and region of the desk; needs are not compared."""
    for needs, people, region, same in (
        (Needs(men=1, boy=[8], cot=True), "1+1", "R07", True),
        (Needs(boy=[8]), "1+1", "R07", False),
        (Needs(men=1, boy=[9]), "1+1", "R07", False),
        (Needs(men=1), "1+1", "R07", False),
        (Needs(men=1, boy=[8]), "1+2", "R07", False),
        (Needs(men=1, boy=[8]), "1+1", "R20", False),
    ):
        other = LastSearch(subject="w", region=region, search="", criteria=needs.to_request(people))
        assert BEFORE.is_same_household(other) is same


@pytest.mark.parametrize(
    ("typed", "outcome"), [("1", "held"), (" 6 ", "unknown"), ("7", None), ("0", None), ("plek hold 1", None), ("", None)]
)
def test_only_a_listed_number_ends_a_search(typed: str, outcome: str | None) -> None:
    """Only a listed number gives a search an outcome; the next command, typed into the question, does not."""
    assert numbered_outcome(typed) == outcome
