"""Demand (D1 to D4), a row a rule: which start counts, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count as counting
from typing import TYPE_CHECKING, Any, Final

import pytest

from services.domain.demand.case_fold import DemandState
from services.domain.events import catalog as e
from tests.domain.log_entries import DAY, ELSEWHERE, ms, ns

if TYPE_CHECKING:
    from services.domain.demand.case_fold import Case

KEY: Final = "e43dede7-a5c8-45c5-81c7-5baba4879205"
WORKER: Final = "urn:plek:worker"
_ids = counting(1)


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An event and the minute it was logged at."""

    event: e.Event
    at: float


def entry(data: Any, meta: dict[str, Any]) -> LogEntry:
    """Return an event in the log: `t` when it was recorded, `at` when it was logged, `id` and `src` its name."""
    name = meta.get("id", f"n{next(_ids):05}")
    event = e.Event(id=name, source=meta.get("src", WORKER), time=ns(meta.get("t", 0)), subject="R01", data=data)
    return LogEntry(event, meta.get("at", 0))


def joined(children: int = 0, **meta: Any) -> LogEntry:
    """Return the start of a waiting-list entry."""
    when = ns(meta["o"]) if "o" in meta else None
    joined = e.WaitingListJoined(entry=KEY, region="R01", kind="crisis", adults=1, children=children, occurred_at=when)
    return entry(joined, meta)


def gone(outcome: str = "placed", **meta: Any) -> LogEntry:
    """Return the end of a waiting-list entry."""
    return entry(e.WaitingListLeft(entry=KEY, outcome=outcome, occurred_at=ns(meta["o"]) if "o" in meta else None), meta)


def fixed(name: str, src: str = WORKER, **meta: Any) -> LogEntry:
    """Return a correction of an event of the case."""
    return entry(e.DemandCorrection(entry=KEY, corrects=e.Named(source=src, id=name), reason="mistake"), meta)


def folded(log: tuple[LogEntry, ...]) -> DemandState:
    """Return the state after these entries."""
    state = DemandState()
    for offset, logged in enumerate(log):
        state.advance_clock(ms(logged.at))
        state.apply(logged.event, KEY, offset)
    return state


def status_of(case: Case | None) -> str:
    """Return whether a case is open, or how it ended, and the number of children."""
    if case is None:
        return "nothing"
    children = f" {case.start.data.children}" if case.start and isinstance(case.start.data, e.WaitingListJoined) else ""
    if isinstance(case.end and case.end.data, e.WaitingListLeft):
        return case.end.data.outcome + children  # type: ignore[union-attr]  # the line above checks it
    return ("open" if case.open else "unknown") + children


ROWS: Final = [
    ("D3 without an end it is open", (joined(),), "open 0"),
    ("D3 an end ends it", (joined(), gone(t=1)), "placed 0"),
    ("D3 an end that comes first ends it", (gone(t=1), joined()), "placed 0"),
    ("D3 an end ends it for good", (joined(), gone(t=1), joined(3, t=9)), "placed 3"),
    ("D3 an end without a start", (gone(),), "placed"),
    ("D3 of several ends the first by occurred_at", (gone(t=1, o=5), gone("withdrawn", t=9, o=4)), "withdrawn"),
    ("D3 of ends at one instant the first by time", (gone(t=9, o=1), gone("withdrawn", t=8, o=1)), "withdrawn"),
    ("D3 of ends at one time the lowest id, in byte order", (gone(id="a"), gone("withdrawn", id="Z")), "withdrawn"),
    ("D3 of ends with one id the lowest source", (gone(id="x"), gone("withdrawn", id="x", src=ELSEWHERE)), "withdrawn"),
    ("D2 of several starts the last by time", (joined(3, t=9), joined(4, t=1)), "open 3"),
    ("D2 starts do not go by occurred_at", (joined(3, t=9, o=0), joined(4, t=8, o=8)), "open 3"),
    ("D1 a copy changes nothing", (joined(3, id="x"), joined(4, id="x", t=9)), "open 3"),
    ("D1 another source is another name", (joined(3, id="x"), joined(4, id="x", src=ELSEWHERE, t=9)), "open 4"),
    ("D4 a corrected end", (joined(), gone(id="x"), fixed("x")), "open 0"),
    ("D4 after a corrected end the next end counts", (gone(id="x"), gone("withdrawn", t=9), fixed("x")), "withdrawn"),
    ("D4 a correction that comes first", (fixed("x"), joined(), gone(id="x")), "open 0"),
    ("D4 a corrected start", (joined(id="x"), fixed("x")), "nothing"),
    ("D4 an event of another source is not corrected", (joined(id="x"), fixed("x", src=ELSEWHERE)), "open 0"),
    ("D4 a correction can't be corrected", (joined(id="x"), fixed("x", id="y"), fixed("y")), "nothing"),
    ("D4 a corrected event has used up its name", (joined(id="x"), fixed("x"), joined(id="x", t=9)), "nothing"),
    ("5 a name comes back after 400 days", (joined(3, id="x"), joined(4, id="x", t=9, at=400 * DAY)), "open 4"),
    ("5 a correction stops nothing that arrives by then", (fixed("x"), joined(id="x", at=400 * DAY)), "open 0"),
    ("5 a correction still finds an old event", (joined(id="x"), fixed("x", at=500 * DAY)), "nothing"),
]


@pytest.mark.parametrize(("rule", "log", "status"), ROWS, ids=[row[0] for row in ROWS])
def test_a_case_is_what_its_events_say(rule: str, log: tuple[LogEntry, ...], status: str) -> None:
    """A case starts and ends as its events say, in whatever order they came."""
    assert status_of(folded(log).cases.get(("entry", KEY))) == status, rule


def test_cases_of_different_kinds_may_share_an_id() -> None:
    """A search, a fallback and an entry that share an id are three cases."""
    ends = [e.SearchEnded(search=KEY, outcome="held"), e.FallbackEnded(fallback=KEY, outcome="home"), gone().event.data]
    state = folded(tuple(entry(data, {}) for data in ends))
    assert sorted(kind for kind, _ in state.cases) == ["entry", "fallback", "search"]


def test_dead_letters_of_demand_are_counted() -> None:
    """R13: each copy of a dead letter counts, and uses up no name."""
    state = DemandState()
    state.count_dead_letter()
    state.count_dead_letter()
    assert (state.dead_letters, state.seen.logged_at) == (2, {})
