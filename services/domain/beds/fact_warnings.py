"""What looks wrong about an event beside what is shown of its shelter: codes for a person to read. No fact is refused for it (section 1).

Guarantees: nothing here changes what is shown. A shelter is expected to be as its snapshot has it, and each event of a request that was
checked before is taken in. That is an estimate: events that arrive late, or correct others, are counted by the fold alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, get_args

from services.domain.beds.holds import HoldFacts
from services.domain.beds.shelter_snapshot import Closing, Paused, ShelterSnapshot, StaySnapshot, UnitSnapshot, vacant_count
from services.domain.events import catalog as e

WarningCode = Literal[
    "not-checked",
    "shelter-not-registered",
    "unit-not-declared",
    "unit-too-small",
    "unit-occupied",
    "unit-closed",
    "unit-held",
    "unit-not-closed",
    "intake-paused",
    "intake-not-paused",
    "hold-over",
    "stay-present",
    "stay-unknown",
    "stay-ended",
    "before-admission",
    "count-differs",
    "stay-removed",
    "stay-returns",
    "stay-moves-back",
    "declaration-removed",
    "registration-removed",
]
NOT_CHECKED: Final[tuple[WarningCode, ...]] = ("not-checked",)
"""The warnings of an event where the view can't be read: what is shown of its shelter is not known."""
UNDO_EFFECTS: Final[Mapping[type, tuple[WarningCode, ...]]] = {
    e.Admission: ("stay-removed",),
    e.Discharge: ("stay-returns",),
    e.Transfer: ("stay-moves-back",),
    e.UnitDeclared: ("declaration-removed",),
    e.ShelterRegistered: ("registration-removed",),
}
"""What it leads to when an event of these types is corrected (R12)."""

_COUNTED: Final = (
    *get_args(e.UnitDeclaration),
    *get_args(e.UnitClosing),
    *get_args(e.StayFact),
    *get_args(e.IntakeStatement),
    e.CountConfirmed,
)
Codes = Iterator[WarningCode]


@dataclass(slots=True)
class ExpectedShelter:
    """A shelter as it is expected to be when the next event of a request arrives; `now` is in milliseconds."""

    snapshot: ShelterSnapshot
    holds: Mapping[tuple[str, str], HoldFacts]
    """The holds of its partition, by shelter and hold."""
    now: int
    ended: set[str] = field(default_factory=set)
    """The stays that ended in this request."""

    def unit(self, name: str) -> UnitSnapshot:
        """Return a unit; an empty one that is not declared where there is none."""
        return self.snapshot.units.get(name) or UnitSnapshot(name)

    def find(self, stay: str) -> tuple[UnitSnapshot, StaySnapshot] | None:
        """Return the unit and the size of a stay that is present; None for any other."""
        return next(((unit, each) for unit in self.snapshot.units.values() for each in unit.stays if each.stay == stay), None)

    def held_for(self, unit: UnitSnapshot) -> HoldFacts | None:
        """Return the live hold on a unit with the size of its household; None where it is not held."""
        hold = self.live_hold(unit)
        return self.holds.get((self.snapshot.shelter, hold)) if hold else None

    def live_hold(self, unit: UnitSnapshot) -> str | None:
        """Return the hold for which a unit is kept now; None where it is not."""
        return unit.held.hold if unit.held and self.now < unit.held.until else None


def expect(name: str, shown: ShelterSnapshot | None, holds: Mapping[tuple[str, str], HoldFacts], now: int) -> ExpectedShelter:
    """Return a shelter as the view shows it, to be asked about events; one that it does not know is empty. `shown` is not changed."""
    snapshot = replace(shown, units=dict(shown.units)) if shown else ShelterSnapshot(name)
    return ExpectedShelter(snapshot, holds, now)


def check(shelter: ExpectedShelter, event: e.Event) -> tuple[WarningCode, ...]:
    """Return what looks wrong about an event of the shelter, each code once, and take the event in for those that follow."""
    found = tuple(dict.fromkeys(_warnings(shelter, event)))
    _take_in(shelter, event)
    return found


def _warnings(shelter: ExpectedShelter, event: e.Event) -> Codes:
    """Yield the codes of an event; a type that is not listed has none."""
    data = event.data
    if shelter.snapshot.registration is None and isinstance(data, _COUNTED):
        yield "shelter-not-registered"
    match data:
        case e.Admission():
            yield from _admission(shelter, data)
        case e.Transfer():
            yield from _transfer(shelter, event, data)
        case e.StayChanged() | e.Discharge() | e.DischargePlanned():
            yield from _stay(shelter, event, data)
        case e.UnitClosed() | e.UnitReopened() | e.UnitWithdrawn():
            yield from _unit_statement(shelter, data)
        case e.IntakeResumed() if shelter.snapshot.paused is None:
            yield "intake-not-paused"
        case e.CountConfirmed() if data.free is not None and data.free != vacant_count(shelter.snapshot.units):
            yield "count-differs"
        case e.HoldAccepted() | e.HoldDeclined() if not _is_live(shelter, data.hold):
            yield "hold-over"


def _admission(shelter: ExpectedShelter, data: e.Admission) -> Codes:
    if shelter.find(data.stay):
        yield "stay-present"
    if data.stay in shelter.ended:
        yield "stay-ended"
    if data.hold is not None and not _is_live(shelter, data.hold):
        yield "hold-over"
    if shelter.snapshot.paused:
        yield "intake-paused"
    yield from _into(shelter, data.unit, data.stay, (data.adults, data.children), data.hold)


def _transfer(shelter: ExpectedShelter, event: e.Event, data: e.Transfer) -> Codes:
    yield from _stay(shelter, event, data)
    found = shelter.find(data.stay)
    household = (found[1].adults, found[1].children) if found else None
    yield from _into(shelter, data.to_unit, data.stay, household, None)


def _stay(shelter: ExpectedShelter, event: e.Event, fact: e.StayFact) -> Codes:
    """Yield what is wrong about a fact of a stay that should be present."""
    found = shelter.find(fact.stay)
    if found is None:
        yield "stay-ended" if fact.stay in shelter.ended else "stay-unknown"
    elif event.occurred_at < found[1].since:
        yield "before-admission"
    if found and isinstance(fact, e.StayChanged) and _too_small(found[0], fact.adults, fact.children):
        yield "unit-too-small"


def _into(shelter: ExpectedShelter, name: str, stay: str, household: tuple[int, int] | None, hold: str | None) -> Codes:
    """Yield what is wrong about a unit that a stay moves into; the size of its household is None where that is not known."""
    unit = shelter.unit(name)
    if not unit.declared:
        yield "unit-not-declared"
    elif household and _too_small(unit, *household):
        yield "unit-too-small"
    if any(each.stay != stay for each in unit.stays):
        yield "unit-occupied"
    if unit.closed:
        yield "unit-closed"
    if shelter.live_hold(unit) not in {None, hold}:
        yield "unit-held"


def _unit_statement(shelter: ExpectedShelter, data: e.UnitClosed | e.UnitReopened | e.UnitWithdrawn) -> Codes:
    unit = shelter.unit(data.unit)
    if not unit.declared:
        yield "unit-not-declared"
    if isinstance(data, e.UnitReopened):
        if unit.closed is None:
            yield "unit-not-closed"
        return
    if unit.stays:
        yield "unit-occupied"
    if shelter.live_hold(unit):
        yield "unit-held"


def _too_small(unit: UnitSnapshot, adults: int, children: int) -> bool:
    return unit.declared and (unit.max_adults < adults or unit.max_children < children)


def _is_live(shelter: ExpectedShelter, hold: str) -> bool:
    found = shelter.holds.get((shelter.snapshot.shelter, hold))
    return found is not None and found.live(shelter.now)


def _take_in(shelter: ExpectedShelter, event: e.Event) -> None:
    """Expect what the view will show after an event, as far as a later event of the same request is judged by it."""
    data, snapshot = event.data, shelter.snapshot
    match data:
        case e.ShelterRegistered():
            snapshot.registration = data
        case e.IntakePaused():
            snapshot.paused = Paused(data.reason, data.expected_until)
        case e.IntakeResumed():
            snapshot.paused = None
        case e.UnitDeclared() | e.UnitWithdrawn() | e.UnitClosed() | e.UnitReopened():
            snapshot.units[data.unit] = _stated(shelter.unit(data.unit), data)
        case e.Admission():
            _place(shelter, data.unit, StaySnapshot(data.stay, data.adults, data.children, event.occurred_at, None))
        case e.Transfer() | e.StayChanged() | e.Discharge():
            _change_stay(shelter, data)


def _stated(unit: UnitSnapshot, data: e.UnitDeclaration | e.UnitClosing) -> UnitSnapshot:
    match data:
        case e.UnitDeclared():
            return replace(unit, kind=data.kind, overflow=data.overflow, max_adults=data.max_adults, max_children=data.max_children)
        case e.UnitWithdrawn():
            return replace(unit, kind=None)
        case e.UnitClosed():
            return replace(unit, closed=Closing(data.reason, data.expected_until))
        case e.UnitReopened():
            return replace(unit, closed=None)


def _change_stay(shelter: ExpectedShelter, data: e.Transfer | e.StayChanged | e.Discharge) -> None:
    found = shelter.find(data.stay)
    if isinstance(data, e.Discharge):
        shelter.ended.add(data.stay)
    if found is None:
        return
    unit, stay = found
    match data:
        case e.Transfer():
            _place(shelter, data.to_unit, stay)
        case e.StayChanged():
            _place(shelter, unit.unit, replace(stay, adults=data.adults, children=data.children))
        case e.Discharge():
            _remove(shelter, data.stay)
            if not data.unit_ready:  # R6
                shelter.snapshot.units[unit.unit] = replace(shelter.unit(unit.unit), closed=Closing("cleaning", None))


def _place(shelter: ExpectedShelter, name: str, stay: StaySnapshot) -> None:
    """Put a stay into a unit, and nowhere else (R3); the unit is held no longer (R11)."""
    _remove(shelter, stay.stay)
    unit = shelter.unit(name)
    shelter.snapshot.units[name] = replace(unit, stays=(*unit.stays, stay), held=None)


def _remove(shelter: ExpectedShelter, stay: str) -> None:
    found = shelter.find(stay)
    if found:
        unit = found[0]
        shelter.snapshot.units[unit.unit] = replace(unit, stays=tuple(each for each in unit.stays if each.stay != stay))
