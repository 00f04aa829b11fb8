"""What of demand is kept at a checkpoint: a case is kept whole, or not at all."""

from typing import Any, Final

import pytest

from services.domain.demand.case_fold import Case, CaseName, load_cases
from services.domain.demand.case_retention import LaterDemandEvents, kept_cases
from services.domain.events import catalog as e

SECOND: Final = 1_000_000_000
A, B, C, D = (f"{letter}43dede7-a5c8-45c5-81c7-5baba4879201" for letter in "abcd")
NEED: Final = e.Need(kinds=(), features=(), men=0, oldest_son_age=None, security="open", services=(), languages=())
EVIDENCE: Final = e.Evidence(
    status="unavailable", free_nationally=0, fitting_nationally=0, fitting_excluded_for_safety=0, unknown_units=0, view={}
)


def event(data: e.DemandData, at: int) -> e.Event:
    """Return an event of a second."""
    return e.Event(id=f"n{at}", source="urn:plek:worker", time=at * SECOND, subject="R01", data=data)


def search(key: str, again_of: str | None = None) -> e.SearchMade:
    """Return a search."""
    numbers: dict[str, Any] = {"adults": 1, "children": 0, "fitting_units": 0, "offers": 0}
    return e.SearchMade(search=key, region="R01", need=NEED, exclude_regions=(), view={}, again_of=again_of, **numbers)


def hotel(key: str, occurred_at: int | None = None) -> e.FallbackStarted:
    """Return a fallback."""
    of_it: dict[str, Any] = {"accommodation": "hotel", "reason": "at_night", "adults": 1, "children": 0}
    return e.FallbackStarted(fallback=key, region="R01", need=NEED, evidence=EVIDENCE, occurred_at=occurred_at, **of_it)


def cases(*data: e.DemandData) -> dict[CaseName, Case]:
    """Return the cases of events, a second each."""
    return load_cases(enumerate(event(each, at) for at, each in enumerate(data, start=1)))


def later(*data: e.DemandData) -> LaterDemandEvents:
    """Return what later events refer to."""
    events = LaterDemandEvents()
    for each in data:
        events.add(each, e.demand_key(each) or "")
    return events


ENDED = e.FallbackEnded(fallback=B, outcome="home")
CORRECTION = e.DemandCorrection(corrects=e.Named(source="s", id="x"), reason="mistake", fallback=B)
WAITS = e.WaitingListJoined(entry=C, region="R01", kind="crisis", adults=1, children=0)
SEALED = e.SealedNeed(key="2026-01-01.00000000", text="x")


def sealed_search(key: str, again_of: str) -> e.SearchMadeSealed:
    """Return a search with a sealed need."""
    numbers: dict[str, Any] = {"adults": 1, "children": 0, "fitting_units": 0, "offers": 0}
    return e.SearchMadeSealed(search=key, region="R01", sealed=SEALED, view={}, again_of=again_of, **numbers)


CASES: list[Any] = [
    pytest.param(cases(hotel(B)), later(), {B}, id="an open fallback"),
    pytest.param(cases(WAITS), later(), {C}, id="an open entry of a waiting list"),
    pytest.param(cases(search(A)), later(), set(), id="no search, open or not"),
    pytest.param(cases(hotel(B), ENDED), later(), set(), id="nothing that has ended"),
    pytest.param(cases(hotel(B), ENDED), later(ENDED), {B}, id="but what a later event names"),
    pytest.param(
        cases(hotel(B), ENDED),
        later(CORRECTION),
        {B},
        id="or corrects",
    ),
    pytest.param(cases(hotel(B, occurred_at=101 * SECOND), ENDED), later(), {B}, id="or what happened after the limit"),
    pytest.param(
        cases(search(A), search(B, again_of=A)),
        later(search(C, again_of=B)),
        {A, B},
        id="and what is searched again",
    ),
    pytest.param(cases(search(A), sealed_search(B, A)), later(sealed_search(C, B)), {A, B}, id="sealed or not"),
    pytest.param(
        cases(search(A), search(B, again_of=A), search(C, again_of=B)), later(search(D, again_of=C)), {A, B, C}, id="as far back as it goes"
    ),
]


@pytest.mark.parametrize(("before", "after", "expected"), CASES)
def test_what_is_kept(before: dict[CaseName, Case], after: LaterDemandEvents, expected: set[str]) -> None:
    """Kept is what is still so at the limit, and what later events refer to."""
    assert {key for _, key in kept_cases(before, 100 * SECOND, after)} == expected
