"""One search, fallback or entry folded record by record (contract D1 to D4) into rows of the interval tables.

Its start states when it began, and its end when it ended; one that ended before it began was never open (D3). Until a start is known there
is no row: its region is unknown.
"""

from collections.abc import Iterable
from typing import Any, Final, assert_never

import orjson

from services.adapters.codec.event_codec import plain
from services.domain.beds.event_ids import SeenIds, digest
from services.domain.beds.last_write_wins import order
from services.domain.beds.valid_time import FOREVER, Span
from services.domain.demand.case_fold import Case, DemandState, Kind
from services.domain.events import catalog as e
from services.monitor.intervals.beginning import Beginning
from services.monitor.intervals.bitemporal_rows import BitemporalRow, BitemporalRows, LoggedAt
from services.monitor.intervals.remarks import Remarks
from services.monitor.intervals.row_types import RowWriter, bitemporal_columns
from services.monitor.intervals.table_schemas import Table

_ALWAYS = (-FOREVER, FOREVER)
_TABLES: Final[dict[str, Table]] = {"search": "searches", "fallback": "fallbacks", "entry": "entries"}


class DemandRows:
    """The fold of one key of a partition."""

    def __init__(self, key: str, partition: int, put: RowWriter, beginning: Beginning) -> None:
        self._key, self._partition, self._put = key, partition, put
        self._state = DemandState(
            seen=SeenIds(earlier=beginning.seen), corrected=SeenIds(earlier=beginning.corrected), cases=beginning.cases(key)
        )
        self._rows: dict[str, BitemporalRows[tuple[Any, ...]]] = {}
        self._remarks = Remarks("demand", partition, put, beginning.last_happened.get(key))
        for kind, _ in self._state.cases:
            self._update(kind, LoggedAt(beginning.offset - 1, beginning.clock or 0))

    def apply(self, event: e.Event, position: LoggedAt) -> None:
        """Fold an event at its position of the log."""
        self._state.advance_clock(position.clock)
        double = self._state.seen.contains(digest(self._key, event.source, event.id), self._state.clock)
        region = self._region()
        changed = self._state.apply(event, self._key, position.offset)
        self._remarks.add(event, position, self._region() or region, double=double)
        for kind, _ in changed:
            self._update(kind, position)

    def _update(self, kind: Kind, position: LoggedAt) -> None:
        case = self._state.cases.get((kind, self._key))
        spans = _spans(case) if case else []
        self._put_rows(kind, self._rows.setdefault(kind, BitemporalRows()).write(*_ALWAYS, spans, position))

    def _region(self) -> str | None:
        """Return the region of what began last; None where no beginning is known."""
        starts = [case.start for case in self._state.cases.values() if case.start]
        return max(starts, key=order).data.region if starts else None

    def close(self) -> None:
        """Write the rows that are known at the end of the log."""
        for kind, rows in self._rows.items():
            self._put_rows(kind, rows.rest())

    def _put_rows(self, kind: str, rows: Iterable[BitemporalRow[tuple[Any, ...]]]) -> None:
        for row in rows:
            self._put(_TABLES[kind], (*bitemporal_columns(self._partition, row), self._key, *row.span.value))


def _spans(case: Case) -> list[Span[tuple[Any, ...]]]:
    """Return from when to when a case was open; one that ended before it began has a span without length."""
    if case.start is None:
        return []
    start, end = case.start.event.occurred_at, case.end.at if case.end else FOREVER
    outcome = case.end.data.outcome if case.end else None
    return [Span(start, max(start, end), (*_columns(case.start.data), outcome))]


def _columns(start: e.CaseStart) -> tuple[Any, ...]:
    match start:
        case e.SearchMade() | e.SearchMadeSealed():
            return (start.region, start.again_of)
        case e.FallbackStarted() | e.FallbackStartedSealed():
            return _fallback_columns(start)
        case e.WaitingListJoined():
            return (start.region, start.kind)
        case _:
            assert_never(start)


def _fallback_columns(fallback: e.FallbackStart) -> tuple[Any, ...]:
    evidence = fallback.evidence
    # Of version 2 the ciphertext: the tables never hold what it says (ADR 52)
    need = fallback.need if isinstance(fallback, e.FallbackStarted) else fallback.sealed
    return (
        fallback.region,
        fallback.accommodation,
        fallback.adults,
        fallback.children,
        orjson.dumps(plain(need)).decode(),
        fallback.reason,
        evidence.status == "complete",
        evidence.free_nationally,
        evidence.fitting_nationally,
        evidence.fitting_excluded_for_safety,
        evidence.unknown_units,
    )
