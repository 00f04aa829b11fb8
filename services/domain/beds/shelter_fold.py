"""The fold of one shelter (contract R1 to R12): events in, snapshot out. The only place where the state of a shelter changes.

The laws of this file:
- R2: whatever follows from kept facts is worked out from the set of them, so that their order can't matter.
- Order matters for three things only, and each is written where the log is read: holds, `discrepancy`, `heard_at`.
- A unit's snapshot is made when it is read: of the many facts of a batch most change what only the last one will show.
- A shelter is folded in place: a caller that can't finish a batch throws the shelter away and loads it again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import assert_never

from services.domain.beds.holds import HoldFacts, Trigger, UnitLost, after, decide
from services.domain.beds.last_write_wins import Statement, insert_sorted, occurred, recorded
from services.domain.beds.shelter_snapshot import Discrepancy, Held, Paused, ShelterSnapshot, vacant_count
from services.domain.beds.staleness import speaks_for
from services.domain.beds.stays import Stay
from services.domain.beds.units import Unit
from services.domain.events import catalog as e

_UNIT_LOST = UnitLost()


@dataclass(slots=True)
class Changes:
    """What a batch has changed in a shelter and the view must still store: facts by offset, ids of units and of holds."""

    facts_added: dict[int, e.Event] = field(default_factory=dict)
    facts_removed: set[int] = field(default_factory=set)
    units: set[str] = field(default_factory=set)
    holds: set[str] = field(default_factory=set)


@dataclass(slots=True)
class ShelterState:
    """The state of one shelter: its kept facts by event name and offset, what follows from them, and its holds.

    `cached` is its snapshot but for the units in `stale_units`; read it through `snapshot`.
    """

    cached: ShelterSnapshot
    facts: dict[tuple[str, str], dict[int, e.Event]] = field(default_factory=dict)
    registrations: list[Statement[e.ShelterRegistered]] = field(default_factory=list)
    pauses: list[Statement[e.IntakeStatement]] = field(default_factory=list)
    stays: dict[str, Stay] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    holds: dict[str, HoldFacts] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    stale_units: set[str] = field(default_factory=set)
    changes: Changes = field(default_factory=Changes)

    @property
    def snapshot(self) -> ShelterSnapshot:
        """What can be seen of the shelter; a unit that is neither declared nor occupied is left out."""
        units = self.cached.units
        for unit_id in self.stale_units:
            unit = self.units.get(unit_id)
            snapshot = unit.snapshot(self.held.get(unit_id)) if unit else None
            if snapshot:
                units[unit_id] = snapshot
            else:
                units.pop(unit_id, None)
        self.stale_units.clear()
        return self.cached

    def drain_changes(self) -> Changes:
        """Return what has changed since the last call."""
        drained, self.changes = self.changes, Changes()
        return drained


def load(saved: ShelterSnapshot, facts: Iterable[tuple[int, e.Event]], holds: Iterable[HoldFacts]) -> ShelterState:
    """Return a shelter from what the view stores of it: `heard_at` and `discrepancy` of `saved`, its facts by offset, its holds."""
    shelter = ShelterState(ShelterSnapshot(saved.shelter, heard_at=saved.heard_at, discrepancy=saved.discrepancy))
    for offset, event in sorted(facts, key=lambda fact: fact[0]):
        _mark_stale(shelter, _store_fact(shelter, event, offset))
    for hold in sorted(holds, key=lambda hold: hold.offset):
        _set_hold(shelter, hold)
    shelter.drain_changes()
    return shelter


def evolve(shelter: ShelterState, event: e.Event, *, offset: int, clock: int, corrected: bool) -> None:
    """Fold one event, the first with its name (R1), at its place in the log: `clock` (ms) is that of the partition at its record.

    `corrected`: a correction of it came first (R12); it counts as hearing of the shelter, but its fact is not kept.
    """
    data = event.data
    match data:
        case e.HoldRequested():
            _decide(shelter, data, offset, clock)
            return
        case e.HoldExtended() | e.HoldAccepted() | e.HoldReleased() | e.HoldDeclined():
            _change_hold(shelter, data.hold, data, clock)
            return
        case e.Correction():
            _correct(shelter, (data.corrects.source, data.corrects.id), clock)
        case e.CountConfirmed():
            _compare_count(shelter, data.free)
        case _ if not corrected:
            _apply_fact(shelter, event, offset, clock)
    if speaks_for(event.source, shelter.cached.shelter):  # R9: corrected or not, but no hold event
        shelter.cached.heard_at = clock


def _apply_fact(shelter: ShelterState, event: e.Event, offset: int, clock: int) -> None:
    units = _store_fact(shelter, event, offset)
    shelter.changes.facts_added[offset] = event
    if isinstance(event.data, e.Admission) and event.data.hold:
        _change_hold(shelter, event.data.hold, event.data, clock)
    _mark_stale(shelter, units)
    _end_overtaken_holds(shelter, units, clock)


def _correct(shelter: ShelterState, name: tuple[str, str], clock: int) -> None:
    """Remove every kept fact of that name, as if it had never been sent (R12); a name without a kept fact changes nothing.

    A name that came back after 400 days has several facts; all of them go before any unit is read, or a hold would be overtaken by
    what counts as never sent.
    """
    units: set[str] = set()
    for offset, event in shelter.facts.pop(name, {}).items():
        units |= _index_fact(shelter, event, keep=False)
        shelter.changes.facts_added.pop(offset, None)
        shelter.changes.facts_removed.add(offset)
    _mark_stale(shelter, units)
    _end_overtaken_holds(shelter, units, clock)


def _compare_count(shelter: ShelterState, free: int | None) -> None:
    """R8: each `count-confirmed` replaces the last; without a number, or with the right one, there is no discrepancy."""
    computed = vacant_count(shelter.snapshot.units)
    shelter.cached.discrepancy = None if free is None or free == computed else Discrepancy(free, computed)


def _store_fact(shelter: ShelterState, event: e.Event, offset: int) -> set[str]:
    shelter.facts.setdefault(event.name, {})[offset] = event
    return _index_fact(shelter, event, keep=True)


def _index_fact(shelter: ShelterState, event: e.Event, *, keep: bool) -> set[str]:
    """Insert a fact among the statements on its matter, or with `keep=False` remove it; return the ids of the units it can have changed."""
    data = event.data
    match data:
        case e.Admission() | e.Transfer() | e.Discharge() | e.StayChanged() | e.DischargePlanned():
            return _index_stay(shelter, event, data, keep=keep)
        case e.ShelterRegistered():
            insert_sorted(shelter.registrations, recorded(event, data), keep=keep)  # R5
            shelter.cached.registration = shelter.registrations[-1].data if shelter.registrations else None
            return set()
        case e.IntakePaused() | e.IntakeResumed():
            insert_sorted(shelter.pauses, occurred(event, data), keep=keep)  # R5
            shelter.cached.paused = pause(shelter.pauses[-1].data) if shelter.pauses else None
            return set()
        case e.UnitDeclared() | e.UnitWithdrawn():
            insert_sorted(_unit(shelter, data.unit).declarations, recorded(event, data), keep=keep)  # R5
            return {data.unit}
        case e.UnitClosed() | e.UnitReopened():
            insert_sorted(_unit(shelter, data.unit).closings, occurred(event, data), keep=keep)  # R5
            return {data.unit}
        case _ if isinstance(data, e.Correction | e.CountConfirmed | e.HoldEvent | e.DemandData):
            raise AssertionError("not a kept fact")
        case _:
            assert_never(data)


def _index_stay(shelter: ShelterState, event: e.Event, fact: e.StayFact, *, keep: bool) -> set[str]:
    stay = shelter.stays.get(fact.stay)
    if stay is None:
        stay = shelter.stays[fact.stay] = Stay(fact.stay)
    before = stay.unit
    stay.index(event, fact, keep=keep)
    after_it = stay.unit
    touched = {unit for unit in (before, after_it) if unit is not None}
    for unit in touched:
        _unit(shelter, unit).assign(stay, here=unit == after_it)
    if stay.empty:
        del shelter.stays[fact.stay]
    return touched


def pause(statement: e.IntakeStatement) -> Paused | None:
    """Return the pause that a statement begins; None when it ends one."""
    match statement:
        case e.IntakePaused():
            return Paused(statement.reason, statement.expected_until)
        case e.IntakeResumed():
            return None
        case _:
            assert_never(statement)


def _unit(shelter: ShelterState, unit_id: str) -> Unit:
    unit = shelter.units.get(unit_id)
    if unit is None:
        unit = shelter.units[unit_id] = Unit(unit_id)
    return unit


def _mark_stale(shelter: ShelterState, units: Iterable[str]) -> None:
    """Have the snapshots of these units made again; delete a unit without any facts left."""
    for unit_id in units:
        unit = shelter.units.get(unit_id)
        if unit and unit.empty:
            del shelter.units[unit_id]
        shelter.stale_units.add(unit_id)
        shelter.changes.units.add(unit_id)


def _decide(shelter: ShelterState, request: e.HoldRequested, offset: int, clock: int) -> None:
    """R10: only the first request with its hold id is decided."""
    if request.hold not in shelter.holds:
        _set_hold(shelter, decide(request, shelter.snapshot, offset=offset, clock=clock))


def _change_hold(shelter: ShelterState, hold_id: str, trigger: Trigger, clock: int) -> None:
    """R11: an event logged before the request, or when the hold is over, changes nothing."""
    hold = shelter.holds.get(hold_id)
    if hold:
        changed = after(hold, trigger, clock)
        if changed is not hold:
            _set_hold(shelter, changed)


def _end_overtaken_holds(shelter: ShelterState, units: Iterable[str], clock: int) -> None:
    """R11: an event that leaves the unit of a live hold occupied, closed or not declared ends the hold, for good."""
    for unit_id in units:
        held = shelter.held.get(unit_id)
        if held and clock < held.until and not _could_be_free(shelter, unit_id):
            _change_hold(shelter, held.hold, _UNIT_LOST, clock)


def _could_be_free(shelter: ShelterState, unit_id: str) -> bool:
    unit = shelter.snapshot.units.get(unit_id)
    return unit is not None and unit.could_be_free


def _set_hold(shelter: ShelterState, hold: HoldFacts) -> None:
    """Store a hold, and whether its unit is held."""
    shelter.holds[hold.hold] = hold
    shelter.changes.holds.add(hold.hold)
    if hold.unit is None:
        return
    if hold.status == "granted":
        shelter.held[hold.unit] = Held(hold.hold, hold.until)
    else:
        # R10: a hold is granted on a unit only when the one before it is over, so that this entry belongs to no other hold.
        shelter.held.pop(hold.unit, None)
    _mark_stale(shelter, (hold.unit,))
