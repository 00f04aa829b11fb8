"""One search, fallback or entry folded record by record (contract D1 to D4) into rows of the interval tables.

It began when its start says, and ended when its end says; an end before the start leaves it never open (D3). Until a start is known
there is no row: nobody knows where it was asked.
"""

from typing import Any

import orjson

from services.adapters.wire import plain
from services.domain import events as e
from services.domain.demand import Case, DemandRegistry
from services.domain.timelines import FOREVER, Span
from services.monitor.columns import Table
from services.monitor.ledger import Ledger, Logged, Row
from services.monitor.then import Put, known

_ALWAYS = (-FOREVER, FOREVER)


class DemandRows:
    """The fold of one key of a partition."""

    def __init__(self, key: str, partition: int, put: Put) -> None:
        self._key, self._partition, self._put = key, partition, put
        self._registry = DemandRegistry()
        self._ledgers: dict[str, Ledger[tuple[Any, ...]]] = {}

    def take(self, event: e.Event, place: Logged) -> None:
        """Fold an event at its place in the log."""
        self._registry.hear(place.clock)
        for kind, key in self._registry.take(event, self._key, place.offset):
            case = self._registry.cases.get((kind, key))
            spans = _spans(case) if case else []
            self._write(kind, self._ledgers.setdefault(kind, Ledger()).write(*_ALWAYS, spans, place))

    def close(self) -> None:
        """Write down what is known at the end of the log."""
        for kind, ledger in self._ledgers.items():
            self._write(kind, ledger.rest())

    def _write(self, kind: str, rows: Any) -> None:
        for row in rows:
            self._put(_TABLES[kind], (*_whole(self._partition, row), self._key, *row.span.value))


_TABLES: dict[str, Table] = {"search": "searches", "fallback": "fallbacks", "entry": "entries"}


def _whole(partition: int, row: Row[Any]) -> tuple[int, ...]:
    return tuple(known(partition, row))


def _spans(case: Case) -> list[Span[tuple[Any, ...]]]:
    """Tell from when to when a case was open; one that ended before it began has no length, and is there all the same."""
    if case.start is None:
        return []
    start, end = case.start.occurred_at, case.end.occurred_at if case.end else FOREVER
    return [Span(start, max(start, end), _said(case))]


def _said(case: Case) -> tuple[Any, ...]:
    start, outcome = case.start, getattr(case.end.data, "outcome", None) if case.end else None
    match start.data if start else None:
        case e.SearchMade() as search:
            return (search.region, search.again_of, outcome)
        case e.FallbackStarted() as fallback:
            return (*_put_up(fallback), outcome)
        case e.WaitingListJoined() as joined:
            return (joined.region, joined.kind, outcome)
        case _:
            raise TypeError("not a start")


def _put_up(fallback: e.FallbackStarted) -> tuple[Any, ...]:
    seen = fallback.evidence
    return (
        fallback.region,
        fallback.accommodation,
        fallback.adults,
        fallback.children,
        orjson.dumps(plain(fallback.need)).decode(),
        fallback.reason,
        seen.status == "complete",
        seen.free_nationally,
        seen.fitting_nationally,
        seen.fitting_excluded_for_safety,
        seen.unknown_units,
    )
