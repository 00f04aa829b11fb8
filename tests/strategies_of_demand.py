"""Hypothesis strategies for logs of demand: few searches, fallbacks and entries, so that starts, ends and corrections meet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from services.domain.events import catalog as e
from tests.strategies import BACK, BEGIN, DAY, IDS, LONG_STEPS, REGIONS, adults, log_named, maybe, named, record, times

if TYPE_CHECKING:
    from tests.reference.log import Record

CASES: Final = tuple(f"0000000{n}-0000-4000-8000-00000000000b" for n in range(1, 3))
NEED: Final = e.Need(kinds=(), features=(), men=0, oldest_son_age=None, security="open", services=(), languages=())
EVIDENCE: Final = e.Evidence(
    status="unavailable", free_nationally=0, fitting_nationally=0, fitting_excluded_for_safety=0, unknown_units=0, view={}
)
SEALED: Final = e.SealedNeed(key="2026-03-02.5f0c1d7e", text="x" * 40)
cases, regions, demand_sources = st.sampled_from(CASES), st.sampled_from(REGIONS), st.sampled_from(("urn:plek:worker", "urn:plek:a"))


def _demand_data() -> st.SearchStrategy[e.DemandData]:
    when, household = maybe(times), {"region": regions, "adults": st.just(1), "children": adults}
    fixed = {"corrects": named(demand_sources), "reason": st.just("mistake")}
    return st.one_of(
        st.builds(
            e.SearchMade,
            search=cases,
            need=st.just(NEED),
            exclude_regions=st.just(()),
            fitting_units=st.integers(0, 2),
            offers=st.just(0),
            view=st.just({}),
            again_of=maybe(cases),
            **household,
        ),
        st.builds(
            e.SearchMadeSealed,
            search=cases,
            sealed=st.just(SEALED),
            fitting_units=st.integers(0, 2),
            offers=st.just(0),
            view=st.just({}),
            again_of=maybe(cases),
            **household,
        ),
        st.builds(e.SearchEnded, search=cases, outcome=st.sampled_from(("held", "unknown")), occurred_at=when),
        st.builds(
            e.FallbackStarted,
            fallback=cases,
            accommodation=st.just("hotel"),
            need=st.just(NEED),
            reason=st.just("at_night"),
            evidence=st.just(EVIDENCE),
            occurred_at=when,
            **household,
        ),
        st.builds(
            e.FallbackStartedSealed,
            fallback=cases,
            accommodation=st.just("hotel"),
            sealed=st.just(SEALED),
            reason=st.just("at_night"),
            evidence=st.just(EVIDENCE),
            occurred_at=when,
            **household,
        ),
        st.builds(e.FallbackEnded, fallback=cases, outcome=st.sampled_from(("placed", "home")), occurred_at=when),
        st.builds(e.WaitingListJoined, entry=cases, kind=st.just("crisis"), occurred_at=when, **household),
        st.builds(e.WaitingListLeft, entry=cases, outcome=st.sampled_from(("placed", "unknown")), occurred_at=when),
        st.builds(e.DemandCorrection, search=cases, **fixed),
        st.builds(e.DemandCorrection, fallback=cases, **fixed),
        st.builds(e.DemandCorrection, entry=cases, **fixed),
    )


_DEMAND_DATA: Final = _demand_data()


@st.composite
def _demand_event(draw: st.DrawFn) -> e.Event:
    data = draw(_DEMAND_DATA)
    subject = getattr(data, "region", None) or draw(regions)
    return e.Event(id=draw(st.sampled_from(IDS)), source=draw(demand_sources), time=draw(times), subject=subject, data=data)


demand_events = _demand_event()


@st.composite
def demand_logs(draw: st.DrawFn, steps: tuple[int, ...] = LONG_STEPS, most: int = 25) -> list[Record]:
    """Make logs of demand events at the broker's clock."""
    records, clock = [], BEGIN
    said = st.tuples(demand_events, st.sampled_from(BACK), st.sampled_from(steps))
    for place, (event, back, step) in enumerate(draw(st.lists(said, min_size=most // 2, max_size=most))):
        clock += step
        # A name that comes back after 400 days has another time: the contract does not order two events that are equal in all of it.
        later = replace(log_named(event, place, back), time=event.time + (clock - BEGIN) // DAY)
        records.append(record(later, clock))
    return records
