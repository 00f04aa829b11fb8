"""The catalogue of events: names, keys and the orders of R3 and R5."""

from __future__ import annotations

from services.domain import events as e
from tests.domain.said import ELSEWHERE, closed, ns, registered

BED_NAMES = (
    "shelter-registered unit-declared unit-withdrawn unit-closed unit-reopened admission stay-changed transfer discharge-planned discharge "
    "correction count-confirmed intake-paused intake-resumed hold-requested hold-extended hold-accepted hold-released hold-declined"
)
DEMAND_NAMES = "search-made search-ended fallback-started fallback-ended waiting-list-joined waiting-list-left demand-correction"
NO_MOMENT = (
    "shelter-registered unit-declared unit-withdrawn correction count-confirmed hold-requested hold-extended hold-accepted hold-released "
    "hold-declined search-made demand-correction"
)


def test_the_catalogue_is_that_of_the_contract() -> None:
    """Section 3: these types, under these names."""
    assert [e.SHORT_NAMES[shape] for shape in e.BED_EVENTS] == BED_NAMES.split()
    assert [e.SHORT_NAMES[shape] for shape in e.DEMAND_EVENTS] == DEMAND_NAMES.split()
    assert e.TYPE_NAMES[e.UnitDeclared] == "nl.plek.unit-declared.v1"


def test_only_these_may_not_say_when_they_happened() -> None:
    """Section 3: all others may carry `occurred_at`."""
    silent = [e.SHORT_NAMES[shape] for shape in (*e.BED_EVENTS, *e.DEMAND_EVENTS) if "occurred_at" not in shape.__dataclass_fields__]  # type: ignore[attr-defined]
    assert silent == NO_MOMENT.split()


def test_an_event_happened_when_it_says_or_when_it_was_recorded() -> None:
    """Section 1: `occurred_at` may be left out and is then `time`."""
    assert (closed(t=5, o=3).event.occurred_at, closed(t=5).event.occurred_at, registered(t=5).event.occurred_at) == (ns(3), ns(5), ns(5))


def test_an_event_has_a_name_and_two_orders() -> None:
    """R1, R3, R5: the name is `(source, id)`; the orders are of when it was recorded and of when it happened."""
    event = closed(t=5, o=3, id="x", src=ELSEWHERE).event
    assert event.name == (ELSEWHERE, "x")
    assert event.recorded == (ns(5), "x", ELSEWHERE)
    assert event.happened == (ns(3), ns(5), "x", ELSEWHERE)


def test_a_demand_event_is_folded_by_its_own_id() -> None:
    """Section 4: the id of the search, fallback or entry, also of a correction."""
    fixed = {"corrects": e.Named(source=ELSEWHERE, id="x"), "reason": "mistake"}
    corrections = [e.DemandCorrection(**fixed, **own) for own in ({"search": "a"}, {"fallback": "b"}, {"entry": "c"}, {})]  # type: ignore[arg-type]
    assert [e.demand_key(data) for data in corrections] == ["a", "b", "c", None]
    assert e.demand_key(e.SearchEnded(search="a", outcome="held")) == "a"
