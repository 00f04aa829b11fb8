"""One shelter folded by the fold of the live view, record by record, into rows of the interval tables.

The fold decides what counts, what is corrected and what becomes of a hold (contract R1 to R12). This module writes what that makes true
from when to when (R14), and since which record that is known.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import Any, Literal, TypeVar, assert_never

from services.domain.beds.event_ids import SeenIds
from services.domain.beds.partition_fold import PartitionState
from services.domain.beds.shelter_fold import ShelterState
from services.domain.beds.staleness import speaks_for
from services.domain.beds.valid_time import (
    FOREVER,
    Closure,
    Span,
    StayInterval,
    at,
    changed,
    cleanings,
    declarations,
    holding,
    pauses,
    pieces,
    places,
    registrations,
)
from services.domain.durations import DAY_MS
from services.domain.events import catalog as e
from services.monitor.intervals.beginning import Beginning
from services.monitor.intervals.bitemporal_rows import BitemporalRow, BitemporalRows, LoggedAt
from services.monitor.intervals.remarks import Remarks
from services.monitor.intervals.row_types import HoldRow, RegistrationRow, RowWriter, StayRow, UnitRow, bitemporal_columns, offer_json
from services.monitor.intervals.table_schemas import Table
from services.monitor.intervals.unit_history import UnitClosings, UnitStays

_ALWAYS = (-FOREVER, FOREVER)
T = TypeVar("T")
Matter = tuple[Literal["stay", "closing", "declaration", "pause", "registration", "none"], str]
"""What a fact is about, and the id of its stay or unit."""


@dataclass(slots=True)
class _ChangedUnits:
    """The units that a record may have changed, and from when to when at most; before `since` none of its facts says anything."""

    since: int
    intervals: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, unit: str, interval: tuple[int, int] | None) -> None:
        if interval is not None:
            start, end = self.intervals.get(unit, interval)
            self.intervals[unit] = (min(start, interval[0]), max(end, interval[1]))


class ShelterRows:
    """The fold of one shelter of a partition."""

    def __init__(self, shelter: str, partition: int, put: RowWriter, beginning: Beginning) -> None:
        self._name, self._partition, self._put = shelter, partition, put
        self._state = PartitionState(seen=SeenIds(earlier=beginning.seen), corrected=SeenIds(earlier=beginning.corrected))
        self._registered: list[Span[e.ShelterRegistered]] = []
        self._paused: list[Span[bool]] = []
        self._declared: dict[str, list[Span[e.UnitDeclared | None]]] = {}
        self._closed: defaultdict[str, UnitClosings] = defaultdict(UnitClosings)
        self._present: defaultdict[str, UnitStays] = defaultdict(UnitStays)
        # By stay, then by unit
        self._cleanings: dict[str, dict[str, list[Closure]]] = {}
        self._places: dict[str, list[Span[StayInterval]]] = {}
        self._unit_rows: defaultdict[str, BitemporalRows[UnitRow]] = defaultdict(BitemporalRows)
        self._stay_rows: defaultdict[str, BitemporalRows[StayRow]] = defaultdict(BitemporalRows)
        self._registration_rows: BitemporalRows[RegistrationRow] = BitemporalRows()
        self._hold_rows: dict[str, tuple[HoldRow, LoggedAt]] = {}
        self._heard_at: int | None = None
        self._forgot_at = 0
        self._remarks = Remarks("beds", partition, put, beginning.last_happened.get(shelter))
        if known := beginning.shelter(shelter):
            self._begin(known, LoggedAt(beginning.offset - 1, beginning.clock or 0))

    def _begin(self, shelter: ShelterState, position: LoggedAt) -> None:
        """Begin with what a checkpoint has of the shelter: all of it is known since the record before."""
        self._state.shelters[self._name] = shelter
        if shelter.cached.heard_at is not None:
            self._put_heard(LoggedAt(position.offset, shelter.cached.heard_at))
        facts = [event for named in shelter.facts.values() for event in named.values()]
        self._update_all(shelter, facts, shelter.holds, position)

    def apply(self, event: e.Event, position: LoggedAt) -> None:
        """Fold an event at its position of the log."""
        data = event.data
        self._state.advance_clock(position.clock)
        facts = self._corrected(data) if isinstance(data, e.Correction) else [event]
        shelter = self._state.apply(event, position.offset)
        self._remark(event, position, double=shelter is None)
        self._forget(position.clock)
        if shelter is None:
            return
        if not isinstance(data, e.HOLD_EVENTS) and speaks_for(event.source, self._name):
            self._put_heard(position)
        self._update_all(shelter, facts, shelter.drain_changes().holds, position)

    def close(self) -> None:
        """Write the rows that are known at the end of the log."""
        for unit, units in self._unit_rows.items():
            self._put_units(unit, units.rest())
        for stay, stays in self._stay_rows.items():
            self._put_stays(stay, stays.rest())
        self._put_registrations(self._registration_rows.rest())
        for hold, (value, since) in self._hold_rows.items():
            self._put_hold(hold, value, since, None)

    def _forget(self, clock: int) -> None:
        """Free the names of events that no longer count (contract, section 5), once a day: whether one counts does not depend on it."""
        if clock - self._forgot_at >= DAY_MS:
            self._forgot_at = clock
            for ids in (self._state.seen, self._state.corrected):
                ids.expire(clock)
                ids.drain_added()

    def _remark(self, event: e.Event, position: LoggedAt, *, double: bool) -> None:
        """Write what is to be remarked on an event; its region is that in which the shelter is registered by then."""
        shelter, data = self._state.shelters.get(self._name), event.data
        region = shelter.registrations[-1].data.region if shelter and shelter.registrations else None
        oversized = False
        if isinstance(data, e.Admission) and (declared := at(self._declared.get(data.unit, []), event.occurred_at)):
            oversized = data.adults > declared.max_adults or data.children > declared.max_children
        self._remarks.add(event, position, region, double=double, oversized=oversized and not double)

    def _corrected(self, correction: e.Correction) -> list[e.Event]:
        shelter = self._state.shelters.get(self._name)
        event_id = (correction.corrects.source, correction.corrects.id)
        return list(shelter.facts.get(event_id, {}).values()) if shelter else []

    def _update_all(self, shelter: ShelterState, facts: Sequence[e.Event], holds: Iterable[str], position: LoggedAt) -> None:
        """Compute again what facts that came or went, and holds that changed, make true."""
        changes = _ChangedUnits(min((fact.occurred_at for fact in facts), default=FOREVER))
        for matter in dict.fromkeys(_matter(fact.data) for fact in facts):
            self._update(shelter, matter, changes, position)
        for unit, (start, end) in changes.intervals.items():
            self._update_unit(unit, start, end, position)
        for hold in sorted(holds):
            self._update_hold(shelter, hold, position)

    def _update(self, shelter: ShelterState, matter: Matter, changes: _ChangedUnits, position: LoggedAt) -> None:
        kind, name = matter
        match kind:
            case "stay":
                self._update_stay(shelter, name, changes, position)
            case "closing":
                self._update_closings(shelter, name, changes.since, changes)
            case "declaration":
                unit = shelter.units.get(name)
                declared = declarations(unit.declarations) if unit else []
                changes.add(name, changed(self._declared.get(name, []), declared))
                self._declared[name] = declared
            case "pause":
                paused = pauses(shelter.pauses)
                self._add_every_unit(changes, changed(self._paused, paused))
                self._paused = paused
            case "registration":
                self._update_registration(shelter, changes, position)
            case "none":
                pass
            case _:
                assert_never(kind)

    def _add_every_unit(self, changes: _ChangedUnits, interval: tuple[int, int] | None) -> None:
        for unit in self._declared:
            changes.add(unit, interval)

    def _update_registration(self, shelter: ShelterState, changes: _ChangedUnits, position: LoggedAt) -> None:
        registered = registrations(shelter.registrations)
        self._add_every_unit(changes, changed(self._registered, registered))
        self._registered = registered
        rows = [Span(span.start, span.end, RegistrationRow(span.value.region, span.value.organisation)) for span in registered]
        self._put_registrations(self._registration_rows.write(*_ALWAYS, rows, position))

    def _update_stay(self, shelter: ShelterState, name: str, changes: _ChangedUnits, position: LoggedAt) -> None:
        stay = shelter.stays.get(name)
        old, new = self._places.get(name, []), places(stay) if stay else []
        interval = changed(old, new)
        for unit in sorted({span.value.unit for span in (*old, *new)}):
            changes.add(unit, interval)
            self._present[unit].put(name, [span for span in new if span.value.unit == unit])
        self._places[name] = new
        # R6: a discharge can leave a unit to be cleaned, which closes it
        by_unit: defaultdict[str, list[Closure]] = defaultdict(list)
        for unit, closure in cleanings(stay) if stay else ():
            by_unit[unit].append(closure)
        before = self._cleanings.pop(name, {})
        if by_unit:
            self._cleanings[name] = by_unit
        for unit in sorted({*by_unit, *before}):
            old_closures, new_closures = before.get(unit, []), by_unit.get(unit, [])
            if old_closures != new_closures:
                self._closed[unit].replace(old_closures, new_closures)
                self._update_closings(shelter, unit, min(closure.start for closure in (*old_closures, *new_closures)), changes)
        destination = stay.discharges[0].data.destination if stay and stay.discharges else None
        whole = [Span(new[0].start, new[-1].end, StayRow(new[-1].value.unit, destination))] if new else []
        self._put_stays(name, self._stay_rows[name].write(*_ALWAYS, whole, position))

    def _update_closings(self, shelter: ShelterState, unit_id: str, since: int, changes: _ChangedUnits) -> None:
        unit = shelter.units.get(unit_id)
        changes.add(unit_id, self._closed[unit_id].update(unit.closings if unit else [], since))

    def _update_unit(self, unit: str, start: int, end: int, position: LoggedAt) -> None:
        """Compute again what a unit was between two instants."""
        declared, closed = self._declared.get(unit, []), self._closed[unit].spans
        stays = self._present[unit].between(start, end)
        cut = pieces(start, end, (declared, closed, self._registered, self._paused, stays))
        spans = [
            Span(begin, until, value)
            for begin, until, present in holding(cut, stays)
            if (value := self._unit_at(begin, at(declared, begin), at(closed, begin), present))
        ]
        self._put_units(unit, self._unit_rows[unit].write(start, end, spans, position))

    def _unit_at(self, instant: int, declared: e.UnitDeclared | None, closed: str | None, present: list[StayInterval]) -> UnitRow | None:
        """Return what a unit was at an instant (R7 without holds and age: the first state that fits); None when it was not declared."""
        if declared is None:
            return None
        registered = at(self._registered, instant)
        free = "paused" if at(self._paused, instant) else "free"
        return UnitRow(
            region=registered.region if registered else None,
            kind=declared.kind,
            overflow=declared.overflow,
            beds=declared.beds,
            # A unit has the same offer again and again: in ten years of rows the text is in memory once
            offer=intern(offer_json(registered, declared)),
            state="occupied" if present else "closed" if closed else free,
            persons=sum(place.adults + place.children for place in present),
        )

    def _update_hold(self, shelter: ShelterState, name: str, position: LoggedAt) -> None:
        hold, before = shelter.holds[name], self._hold_rows.get(name)
        accepted = before[0].accepted if before else None
        if hold.accepted and accepted is None:
            accepted = position.clock
        end = hold.until if hold.status == "granted" else position.clock
        value = HoldRow(hold.requested_at, end, hold.unit, hold.status, hold.reason or hold.declined_because, accepted)
        if before and before[1].offset < position.offset:
            self._put_hold(name, before[0], before[1], position)
        self._hold_rows[name] = (value, position)

    def _put_heard(self, position: LoggedAt) -> None:
        """Write that the shelter was heard of (R9); several records at one clock are one."""
        if self._heard_at is None or self._heard_at < position.clock:
            self._heard_at = position.clock
            self._put("heard", (self._partition, *position, self._name))

    def _put_units(self, unit: str, rows: Iterable[BitemporalRow[UnitRow]]) -> None:
        self._put_rows("units", rows, lambda value: (unit, *value))

    def _put_registrations(self, rows: Iterable[BitemporalRow[RegistrationRow]]) -> None:
        self._put_rows("shelters", rows, lambda value: value)

    def _put_stays(self, stay: str, rows: Iterable[BitemporalRow[StayRow]]) -> None:
        self._put_rows("stays", rows, lambda value: (value.unit, stay, value.destination))

    def _put_hold(self, hold: str, value: HoldRow, since: LoggedAt, until: LoggedAt | None) -> None:
        row = BitemporalRow(Span(value.start, value.end, value), since, until)
        self._put_rows("holds", [row], lambda value: (value.unit, hold, value.status, value.reason, value.accepted))

    def _put_rows(self, table: Table, rows: Iterable[BitemporalRow[T]], columns: Callable[[T], tuple[Any, ...]]) -> None:
        for row in rows:
            self._put(table, (*bitemporal_columns(self._partition, row), self._name, *columns(row.span.value)))


def _matter(data: e.Data) -> Matter:
    """Return what a fact is about."""
    match data:
        case e.Admission() | e.Transfer() | e.Discharge() | e.StayChanged():
            return "stay", data.stay
        case e.UnitClosed() | e.UnitReopened():
            return "closing", data.unit
        case e.UnitDeclared() | e.UnitWithdrawn():
            return "declaration", data.unit
        case e.IntakePaused() | e.IntakeResumed():
            return "pause", ""
        case e.ShelterRegistered():
            return "registration", ""
        case _ if isinstance(data, e.DischargePlanned | e.Correction | e.CountConfirmed | e.HoldEvent | e.DemandData):
            # A plan is only shown, a count changes no state, what a correction removes is looked up, and a hold is read from the fold.
            return "none", ""
        case _:
            assert_never(data)
