"""What the registry must show of shelters, kept as plain state: stays, closures, pauses, holds, and when each shelter was last heard of.

The actor that logs an event also records here what it means ("the household is back in unit 3"), never by which events it was logged. So
the fold of the log and this can only agree if the contract means what people mean. Milliseconds of the log's clock everywhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from services.domain.durations import DAY_MS, HOUR_MS
from services.domain.events.catalog import HoldRequested, UnitDeclared
from services.simulator.ground_truth.demand import DemandTruth, EventTimes

# Contract R9 and R11, written down once more on purpose: nothing of the fold is used here
_UNKNOWN_AFTER = DAY_MS
_ACCEPTED_FOR = 12 * HOUR_MS
_NEVER = (-(2**62), 0)


@dataclass(slots=True)
class TrueHold:
    """A request for a hold, and what became of it."""

    status: str
    unit: str | None = None
    reason: str | None = None
    until: int = 0
    extended: bool = False

    def is_live(self, at: int) -> bool:
        """Return whether the unit is held at that instant."""
        return self.status == "granted" and at < self.until


@dataclass(slots=True)
class TrueUnit:
    """One unit: its last declaration, whether it is closed and when that was stated, the stays in it, its last hold."""

    declared: UnitDeclared | None = None
    closed: bool = False
    closed_at: EventTimes = _NEVER
    stays: set[str] = field(default_factory=set)
    hold: TrueHold | None = None

    @property
    def is_usable(self) -> bool:
        """Whether it is declared, open and empty."""
        return self.declared is not None and not self.closed and not self.stays


@dataclass(slots=True)
class TrueStay:
    """One household: its unit and since when."""

    unit: str | None = None
    moved_at: EventTimes = _NEVER


@dataclass(slots=True)
class TrueShelter:
    """One shelter."""

    region: str | None = None
    last_heard: int | None = None
    paused: bool = False
    paused_at: EventTimes = _NEVER
    discrepancy: tuple[int, int] | None = None
    units: dict[str, TrueUnit] = field(default_factory=dict)
    stays: dict[str, TrueStay] = field(default_factory=dict)
    holds: dict[str, TrueHold] = field(default_factory=dict)

    def is_unknown(self, at: int) -> bool:
        """Return whether it was heard of too long ago to know what is free (R9)."""
        return self.last_heard is None or at - self.last_heard >= _UNKNOWN_AFTER

    def count_usable(self) -> int:
        """Return what a count by hand should give: units that are empty and not closed."""
        return sum(unit.is_usable for unit in self.units.values() if unit.declared and not unit.declared.overflow)


class BedTruth:
    """All shelters, by id, and the demand."""

    def __init__(self) -> None:
        self.shelters: dict[str, TrueShelter] = {}
        self.demand = DemandTruth()
        self._usable: dict[tuple[str, str], TrueUnit] = {}

    def record_registration(self, shelter: str, region: str) -> None:
        """Record that a shelter exists."""
        self._shelter(shelter).region = region

    def record_contact(self, shelter: str, at: int) -> None:
        """Record that a shelter itself sent something."""
        self._shelter(shelter).last_heard = at

    def record_declaration(self, shelter: str, unit: str, declared: UnitDeclared | None, at: int) -> None:
        """Record that a unit exists, or (None) no longer does."""
        self._unit(shelter, unit).declared = declared
        self._update_usable(shelter, unit, at)

    def record_closure(self, shelter: str, unit: str, times: EventTimes, *, closed: bool) -> None:
        """Record that a unit was closed or opened; the last to occur counts (R5)."""
        true_unit = self._unit(shelter, unit)
        if times > true_unit.closed_at:
            true_unit.closed_at, true_unit.closed = times, closed
            self._update_usable(shelter, unit, times[1])

    def record_pause(self, shelter: str, times: EventTimes, *, paused: bool) -> None:
        """Record that intake was paused or resumed; the last to occur counts (R5)."""
        true_shelter = self._shelter(shelter)
        if times > true_shelter.paused_at:
            true_shelter.paused_at, true_shelter.paused = times, paused

    def record_arrival(self, shelter: str, stay: str, unit: str, times: EventTimes, hold: str | None = None) -> None:
        """Record that a household is in a unit, perhaps the one that was held for it."""
        true_hold = self._shelter(shelter).holds.get(hold or "")
        if true_hold and true_hold.is_live(times[1]):
            true_hold.status = "fulfilled"
        self.record_move(shelter, stay, unit, times)

    def record_move(self, shelter: str, stay: str, unit: str, times: EventTimes) -> None:
        """Record that a household is in another unit of the same shelter."""
        self._set_presence(shelter, stay, times[1], present=False)
        true_stay = self._stay(shelter, stay)
        if times > true_stay.moved_at:
            true_stay.moved_at, true_stay.unit = times, unit
        self._set_presence(shelter, stay, times[1], present=True)

    def record_departure(self, shelter: str, stay: str, times: EventTimes, *, ready: bool) -> None:
        """Record that a household has left, and whether its unit must be cleaned first (R6)."""
        self._set_presence(shelter, stay, times[1], present=False)
        unit = self.shelters[shelter].stays[stay].unit
        if not ready and unit is not None:
            self.record_closure(shelter, unit, times, closed=True)

    def retract_arrival(self, shelter: str, stay: str, at: int) -> None:
        """Record that a household was never in the unit that was stated."""
        self._set_presence(shelter, stay, at, present=False)
        self.shelters[shelter].stays[stay] = TrueStay()

    def retract_departure(self, shelter: str, stay: str, at: int) -> None:
        """Record that a household was here all the time."""
        self._set_presence(shelter, stay, at, present=True)

    def record_count(self, shelter: str, free: int | None) -> None:
        """Record a count by hand, and how it differs from the books at that moment (R8)."""
        true_shelter = self.shelters[shelter]
        usable = true_shelter.count_usable()
        true_shelter.discrepancy = None if free is None or free == usable else (free, usable)

    def record_hold_request(self, shelter: str, request: HoldRequested, at: int) -> TrueHold:
        """Decide a request as the contract demands (R10), and return what became of it."""
        true_shelter = self._shelter(shelter)
        hold = true_shelter.holds[request.hold] = _decide_hold(true_shelter, request, at)
        if hold.unit is not None:
            true_shelter.units[hold.unit].hold = hold
        return hold

    def record_acceptance(self, shelter: str, hold: str, at: int) -> None:
        """Record that the shelter expects the household (R11)."""
        true_hold = self.shelters[shelter].holds[hold]
        if true_hold.is_live(at):
            true_hold.until = max(true_hold.until, at + _ACCEPTED_FOR)

    def record_extension(self, shelter: str, hold: str, at: int, milliseconds: int) -> None:
        """Record that the desk needs longer; the first time counts (R11)."""
        true_hold = self.shelters[shelter].holds[hold]
        if true_hold.is_live(at) and not true_hold.extended:
            true_hold.extended, true_hold.until = True, max(true_hold.until, at + milliseconds)

    def record_hold_end(self, shelter: str, hold: str, at: int, status: str) -> None:
        """Record that a hold was released or declined (R11)."""
        true_hold = self.shelters[shelter].holds[hold]
        if true_hold.is_live(at):
            true_hold.status = status

    def usable_units(self, at: int) -> Iterator[tuple[str, UnitDeclared, bool]]:
        """Yield each unit that a worker might ask for, with its shelter and whether it is unknown (else it is free)."""
        for (name, _), unit in self._usable.items():
            shelter, held = self.shelters[name], unit.hold is not None and unit.hold.is_live(at)
            if unit.declared and not unit.declared.overflow and not shelter.paused and not held:
                yield name, unit.declared, shelter.is_unknown(at)

    def _shelter(self, shelter: str) -> TrueShelter:
        return self.shelters.setdefault(shelter, TrueShelter())

    def _unit(self, shelter: str, unit: str) -> TrueUnit:
        return self._shelter(shelter).units.setdefault(unit, TrueUnit())

    def _stay(self, shelter: str, stay: str) -> TrueStay:
        return self._shelter(shelter).stays.setdefault(stay, TrueStay())

    def _set_presence(self, shelter: str, stay: str, at: int, *, present: bool) -> None:
        unit = self._stay(shelter, stay).unit
        if unit is None:
            return
        stays = self._unit(shelter, unit).stays
        (stays.add if present else stays.discard)(stay)
        self._update_usable(shelter, unit, at)

    def _update_usable(self, shelter: str, unit: str, at: int) -> None:
        """Update the list of usable units, and end the hold of a unit that no longer is one."""
        true_unit = self._unit(shelter, unit)
        if true_unit.is_usable:
            self._usable[shelter, unit] = true_unit
            return
        self._usable.pop((shelter, unit), None)
        if true_unit.hold and true_unit.hold.is_live(at):
            true_unit.hold.status = "overtaken"


def _decide_hold(shelter: TrueShelter, request: HoldRequested, at: int) -> TrueHold:
    if shelter.region is None:
        return TrueHold("refused", reason="unknown_shelter")
    if shelter.paused:
        return TrueHold("refused", reason="intake_paused")
    fitting = [
        (unit.declared.max_adults + unit.declared.max_children, name)
        for name, unit in shelter.units.items()
        if unit.is_usable and unit.declared and not (unit.hold and unit.hold.is_live(at)) and _accepts(unit.declared, request)
    ]
    if not fitting:
        return TrueHold("refused", reason="no_free_unit")
    return TrueHold("granted", unit=min(fitting)[1], until=at + request.ttl_seconds * 1_000)


def _accepts(unit: UnitDeclared, request: HoldRequested) -> bool:
    is_large_enough = unit.max_adults >= request.adults and unit.max_children >= request.children
    is_of_kind = not request.kinds or unit.kind in request.kinds
    return is_large_enough and is_of_kind and not unit.overflow and all(feature in unit.features for feature in request.features)
