"""The catalogue of events: types, names and keys."""

from __future__ import annotations

from services.domain.events import catalog as e
from tests.domain.log_entries import ELSEWHERE, closed, ns, registered

BED_NAMES = (
    "shelter-registered unit-declared unit-withdrawn unit-closed unit-reopened admission stay-changed transfer discharge-planned discharge "
    "correction count-confirmed intake-paused intake-resumed hold-requested hold-extended hold-accepted hold-released hold-declined"
)
DEMAND_NAMES = (
    "search-made search-made search-ended fallback-started fallback-started fallback-ended waiting-list-joined waiting-list-left "
    "demand-correction"
)
NO_MOMENT = (
    "shelter-registered unit-declared unit-withdrawn correction count-confirmed hold-requested hold-extended hold-accepted hold-released "
    "hold-declined search-made search-made demand-correction"
)


def test_the_catalogue_is_that_of_the_contract() -> None:
    """Section 3: the catalogue has these types, under these names."""
    assert [e.SHORT_NAMES[shape] for shape in e.BED_EVENTS] == BED_NAMES.split()
    assert [e.SHORT_NAMES[shape] for shape in e.DEMAND_EVENTS] == DEMAND_NAMES.split()
    assert e.TYPE_NAMES[e.UnitDeclared] == "nl.plek.unit-declared.v1"
    of_version_2 = [name for name in e.TYPE_NAMES.values() if name.endswith(".v2")]
    assert of_version_2 == ["nl.plek.search-made.v2", "nl.plek.fallback-started.v2"]


def test_only_these_types_have_no_occurred_at() -> None:
    """Section 3: all types but these may carry `occurred_at`."""
    silent = [e.SHORT_NAMES[shape] for shape in (*e.BED_EVENTS, *e.DEMAND_EVENTS) if "occurred_at" not in shape.__dataclass_fields__]  # type: ignore[attr-defined]
    assert silent == NO_MOMENT.split()


def test_an_event_happened_when_it_says_or_when_it_was_recorded() -> None:
    """Section 1: without `occurred_at` an event happened at its `time`."""
    assert (closed(t=5, o=3).event.occurred_at, closed(t=5).event.occurred_at, registered(t=5).event.occurred_at) == (ns(3), ns(5), ns(5))


def test_an_event_is_named_by_its_source_and_id() -> None:
    """R1: the name of an event is `(source, id)`."""
    assert closed(id="x", src=ELSEWHERE).event.name == (ELSEWHERE, "x")


def test_a_demand_event_is_folded_by_its_own_id() -> None:
    """Section 4: the key of a demand event, also of a correction, is the id of the search, fallback or entry."""
    fixed = {"corrects": e.Named(source=ELSEWHERE, id="x"), "reason": "mistake"}
    corrections = [e.DemandCorrection(**fixed, **own) for own in ({"search": "a"}, {"fallback": "b"}, {"entry": "c"}, {})]  # type: ignore[arg-type]
    assert [e.demand_key(data) for data in corrections] == ["a", "b", "c", None]
    assert e.demand_key(e.SearchEnded(search="a", outcome="held")) == "a"
