"""The fold of one shelter (contract R1 to R12): facts in, picture out. The only place where what is shown of a shelter changes.

The laws of this file:
- R2: all that comes from kept facts is worked out from the set of them, so their order can't matter.
- Order matters for three things only, and each is written where the log is read: holds, `discrepancy`, `heard_at`.
- A unit is drawn when somebody looks: of the many facts of a batch most change what none but the last will show.
- A shelter is folded in place: whoever can't finish a batch throws the shelter away and loads it again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import assert_never

from services.domain import events as e
from services.domain.freshness import speaks_for
from services.domain.holds import Hold, answer, decide
from services.domain.picture import Discrepancy, Held, Paused, ShelterPicture, not_in_use
from services.domain.statements import happened, last, put, recorded
from services.domain.stays import Stay
from services.domain.units import Unit


@dataclass(slots=True)
class Changes:
    """What a batch has changed in a shelter, for whoever keeps it: offsets of facts, ids of units and holds."""

    kept: dict[int, e.Event] = field(default_factory=dict)
    dropped: set[int] = field(default_factory=set)
    units: set[str] = field(default_factory=set)
    holds: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Shelter:
    """The state of one shelter: its kept facts by name, what follows from them, and its holds.

    `drawn` is its picture but for the units in `undrawn`; whoever looks takes `picture`.
    """

    drawn: ShelterPicture
    facts: dict[tuple[str, str], dict[int, e.Event]] = field(default_factory=dict)
    registrations: list[e.Event] = field(default_factory=list)
    pauses: list[e.Event] = field(default_factory=list)
    stays: dict[str, Stay] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    undrawn: set[str] = field(default_factory=set)
    changes: Changes = field(default_factory=Changes)

    @property
    def picture(self) -> ShelterPicture:
        """What can be seen of the shelter; a unit that is neither declared nor lived in is not shown."""
        for unit_id in self.undrawn:
            unit = self.units.get(unit_id)
            drawn = unit.draw(self.held.get(unit_id)) if unit else None
            if drawn:
                self.drawn.units[unit_id] = drawn
            else:
                self.drawn.units.pop(unit_id, None)
        self.undrawn.clear()
        return self.drawn

    def take_changes(self) -> Changes:
        """Hand over what has changed since the last call."""
        taken, self.changes = self.changes, Changes()
        return taken


def load(picture: ShelterPicture, facts: Iterable[tuple[int, e.Event]], holds: Iterable[Hold]) -> Shelter:
    """Build a shelter from what was saved of it: heard_at and discrepancy of its picture, its facts by offset, its holds."""
    shelter = Shelter(ShelterPicture(picture.shelter, heard_at=picture.heard_at, discrepancy=picture.discrepancy))
    for offset, event in sorted(facts, key=lambda kept: kept[0]):
        _redraw(shelter, _keep(shelter, event, offset))
    for hold in sorted(holds, key=lambda hold: hold.offset):
        _set_hold(shelter, hold)
    shelter.take_changes()
    return shelter


def evolve(shelter: Shelter, event: e.Event, *, offset: int, clock: int, corrected: bool) -> None:
    """Fold one event, the first with its name, at its place in the log: `clock` (ms) is that of the partition at its record.

    `corrected` says that a correction of it came first (R12): it is heard, but its fact is not taken in.
    """
    data = event.data
    if not isinstance(data, e.HOLD_EVENTS) and speaks_for(event.source, shelter.drawn.shelter):
        shelter.drawn.heard_at = clock  # R9: corrected or not
    match data:
        case e.Correction():
            _correct(shelter, (data.corrects.source, data.corrects.id), clock)
        case e.CountConfirmed():
            _compare(shelter, data.free)
        case e.HoldRequested():
            _decide(shelter, data, offset, clock)
        case e.HoldExtended() | e.HoldAccepted() | e.HoldReleased() | e.HoldDeclined():
            _answer(shelter, data, clock)
        case _ if corrected:
            return
        case _:
            _take(shelter, event, offset, clock)


def _take(shelter: Shelter, event: e.Event, offset: int, clock: int) -> None:
    units = _keep(shelter, event, offset)
    shelter.changes.kept[offset] = event
    if isinstance(event.data, e.Admission) and event.data.hold:
        _fulfil(shelter, event.data.hold, clock)
    _redraw(shelter, units)
    _overtake(shelter, units, clock)


def _correct(shelter: Shelter, name: tuple[str, str], clock: int) -> None:
    """Take every kept fact of that name out, as if it had never been sent (R12); of anything else, nothing.

    A name that came back has several facts; all of them go before anyone looks, or a hold would be overtaken by what never was.
    """
    units: set[str] = set()
    for offset, event in shelter.facts.pop(name, {}).items():
        units |= _index(shelter, event, keep=False)
        shelter.changes.kept.pop(offset, None)
        shelter.changes.dropped.add(offset)
    _redraw(shelter, units)
    _overtake(shelter, units, clock)


def _compare(shelter: Shelter, free: int | None) -> None:
    """R8: each `count-confirmed` replaces the last; without a number, or with the right one, there is no discrepancy."""
    computed = not_in_use(shelter.picture.units)
    shelter.drawn.discrepancy = None if free is None or free == computed else Discrepancy(free, computed)


def _keep(shelter: Shelter, event: e.Event, offset: int) -> set[str]:
    shelter.facts.setdefault(event.name, {})[offset] = event
    return _index(shelter, event, keep=True)


def _index(shelter: Shelter, event: e.Event, *, keep: bool) -> set[str]:
    """Put a fact where it belongs, or take it from there; return the units it can have changed."""
    data = event.data
    match data:
        case e.Admission() | e.Transfer() | e.Discharge() | e.StayChanged() | e.DischargePlanned():
            return _index_stay(shelter, event, data.stay, keep=keep)
        case e.ShelterRegistered():
            put(shelter.registrations, event, keep=keep, by=recorded)
            shelter.drawn.registration = _registration(shelter.registrations)
            return set()
        case e.IntakePaused() | e.IntakeResumed():
            put(shelter.pauses, event, keep=keep, by=happened)
            shelter.drawn.paused = _paused(shelter.pauses)
            return set()
        case e.UnitDeclared() | e.UnitWithdrawn():
            put(_unit(shelter, data.unit).declarations, event, keep=keep, by=recorded)
            return {data.unit}
        case e.UnitClosed() | e.UnitReopened():
            put(_unit(shelter, data.unit).closings, event, keep=keep, by=happened)
            return {data.unit}
        case e.Correction() | e.CountConfirmed() | e.HoldRequested() | e.HoldExtended():
            raise AssertionError("not a kept fact")
        case e.HoldAccepted() | e.HoldReleased() | e.HoldDeclined():
            raise AssertionError("not a kept fact")
        case e.SearchMade() | e.SearchEnded() | e.FallbackStarted() | e.FallbackEnded():
            raise AssertionError("not of a shelter")
        case e.WaitingListJoined() | e.WaitingListLeft() | e.DemandCorrection():
            raise AssertionError("not of a shelter")
        case _:
            assert_never(data)


def _index_stay(shelter: Shelter, event: e.Event, stay_id: str, *, keep: bool) -> set[str]:
    stay = shelter.stays.get(stay_id)
    if stay is None:
        stay = shelter.stays[stay_id] = Stay(stay_id)
    before = stay.unit
    stay.put(event, keep=keep)
    after = stay.unit
    touched = {unit for unit in (before, after) if unit is not None}
    for unit in touched:
        _unit(shelter, unit).seat(stay, here=unit == after)
    if stay.empty:
        del shelter.stays[stay_id]
    return touched


def _registration(registrations: list[e.Event]) -> e.ShelterRegistered | None:
    latest = last(registrations)
    return latest.data if latest and isinstance(latest.data, e.ShelterRegistered) else None


def _paused(pauses: list[e.Event]) -> Paused | None:
    latest = last(pauses)
    data = latest.data if latest else None
    return Paused(data.reason, data.expected_until) if isinstance(data, e.IntakePaused) else None


def _unit(shelter: Shelter, unit_id: str) -> Unit:
    unit = shelter.units.get(unit_id)
    if unit is None:
        unit = shelter.units[unit_id] = Unit(unit_id)
    return unit


def _redraw(shelter: Shelter, units: Iterable[str]) -> None:
    """Have these units drawn anew; one of which nothing is known any more goes."""
    for unit_id in units:
        unit = shelter.units.get(unit_id)
        if unit and unit.empty:
            del shelter.units[unit_id]
        shelter.undrawn.add(unit_id)
        shelter.changes.units.add(unit_id)


def _decide(shelter: Shelter, request: e.HoldRequested, offset: int, clock: int) -> None:
    """R10: only the first request with its hold id is decided."""
    if request.hold not in shelter.holds:
        _set_hold(shelter, decide(request, shelter.picture, offset=offset, clock=clock))


def _answer(shelter: Shelter, event: e.HoldExtended | e.HoldAccepted | e.HoldReleased | e.HoldDeclined, clock: int) -> None:
    hold = shelter.holds.get(event.hold)
    if hold and hold.live(clock):
        _set_hold(shelter, answer(hold, event, clock))


def _fulfil(shelter: Shelter, hold_id: str, clock: int) -> None:
    """R11: an admission that names a live hold ends it when it is logged, in whichever unit the stay lands."""
    hold = shelter.holds.get(hold_id)
    if hold and hold.live(clock):
        _set_hold(shelter, replace(hold, status="fulfilled"))


def _overtake(shelter: Shelter, units: Iterable[str], clock: int) -> None:
    """R11: an event that leaves the unit of a live hold occupied, closed or not declared ends the hold, for good."""
    for unit_id in units:
        held = shelter.held.get(unit_id)
        if held and clock < held.until and not _could_be_free(shelter, unit_id):
            _set_hold(shelter, replace(shelter.holds[held.hold], status="overtaken"))


def _could_be_free(shelter: Shelter, unit_id: str) -> bool:
    unit = shelter.picture.units.get(unit_id)
    return unit is not None and unit.could_be_free


def _set_hold(shelter: Shelter, hold: Hold) -> None:
    """Write a hold down, and on the picture of its unit that it is held, or no longer."""
    shelter.holds[hold.hold] = hold
    shelter.changes.holds.add(hold.hold)
    if hold.unit is None:
        return
    if hold.status == "granted":
        shelter.held[hold.unit] = Held(hold.hold, hold.until)
    else:
        # A hold is granted on a unit only when the one before it is over, so this can be no other hold's.
        shelter.held.pop(hold.unit, None)
    _redraw(shelter, (hold.unit,))
