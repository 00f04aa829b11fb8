"""The read model of one shelter, without the clock: the state of a unit and every count follow from a snapshot and a `now` (R7, R8).

Instants inside events are the sender's, in nanoseconds; `heard_at`, `until` and `now` are milliseconds of the clock of the partition.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from services.domain.beds.staleness import StalenessLimits, freshness
from services.domain.events.catalog import ShelterRegistered

State = Literal["occupied", "closed", "held", "paused", "unknown", "free"]


class Counts(NamedTuple):
    """Units by state; capacity is always the sum of the other six (R7)."""

    capacity: int = 0
    occupied: int = 0
    closed: int = 0
    held: int = 0
    paused: int = 0
    unknown: int = 0
    free: int = 0

    def plus(self, other: "Counts") -> "Counts":
        """Return the sums, state by state."""
        return Counts(*(a + b for a, b in zip(self, other, strict=True)))

    def minus(self, other: "Counts") -> "Counts":
        """Return the differences, state by state."""
        return Counts(*(a - b for a, b in zip(self, other, strict=True)))


NOTHING = Counts()
_STATES: tuple[State, ...] = ("occupied", "closed", "held", "paused", "unknown", "free")


@dataclass(frozen=True, slots=True)
class StaySnapshot:
    """A stay that is present: the size of its household, since when, and when its discharge is planned (nanoseconds)."""

    stay: str
    adults: int
    children: int
    since: int
    expected_at: int | None


@dataclass(frozen=True, slots=True)
class Closing:
    """Why a unit is closed, and until when that was expected (nanoseconds; it reopens nothing, R5)."""

    reason: str
    expected_until: int | None


@dataclass(frozen=True, slots=True)
class Held:
    """The hold on a unit, and the instant from which it is no longer live (milliseconds)."""

    hold: str
    until: int


@dataclass(frozen=True, slots=True)
class UnitSnapshot:
    """One unit as its facts have it; `kind` is None when it is not declared, and only its stays are shown then."""

    unit: str
    kind: str | None = None
    overflow: bool = False
    max_adults: int = 0
    max_children: int = 0
    beds: int = 0
    features: tuple[str, ...] = ()
    stays: tuple[StaySnapshot, ...] = ()
    closed: Closing | None = None
    held: Held | None = None

    @property
    def declared(self) -> bool:
        """Whether it is declared: only declared units are counted (R7)."""
        return self.kind is not None

    @property
    def could_be_free(self) -> bool:
        """Whether it is declared and neither occupied nor closed: if it is free then depends on holds, pause and age (R7)."""
        return self.kind is not None and not self.stays and not self.closed

    def takes(self, adults: int, children: int, kinds: Iterable[str], features: Collection[str]) -> bool:
        """Return whether the unit takes a household: large enough, of a wanted kind, with all features, no overflow unit (R10)."""
        wanted = tuple(kinds)
        return (
            self.kind is not None
            and not self.overflow
            and self.max_adults >= adults
            and self.max_children >= children
            and (not wanted or self.kind in wanted)
            and (not features or set(features) <= set(self.features))
        )


class Discrepancy(NamedTuple):
    """A count by hand that differed: the number reported, and what the facts gave at that moment (R8)."""

    reported: int
    computed: int


class Paused(NamedTuple):
    """Why the intake of a shelter is paused, and until when that was expected (nanoseconds)."""

    reason: str
    expected_until: int | None


@dataclass(slots=True)
class ShelterSnapshot:
    """One shelter: its registration (None until there is one), when it was last heard of (ms), its pause, its units by id."""

    shelter: str
    registration: ShelterRegistered | None = None
    heard_at: int | None = None
    paused: Paused | None = None
    discrepancy: Discrepancy | None = None
    units: dict[str, UnitSnapshot] = field(default_factory=dict)

    @property
    def region(self) -> str | None:
        """The region it counts in; None until it is registered (R7)."""
        return self.registration.region if self.registration else None

    def unknown(self, now: int, limits: StalenessLimits) -> bool:
        """Return whether the shelter was not heard of within the limit (R9)."""
        return freshness(self.heard_at, now, limits) == "unknown"


def state_of(unit: UnitSnapshot, *, paused: bool, unknown: bool, now: int) -> State:
    """Return the state of a declared unit at `now` (ms): the first of R7 that fits."""
    if unit.stays:
        return "occupied"
    if unit.closed:
        return "closed"
    if unit.held and now < unit.held.until:
        return "held"
    if paused:
        return "paused"
    return "unknown" if unknown else "free"


def count(shelter: ShelterSnapshot, now: int, limits: StalenessLimits) -> tuple[Counts, Counts]:
    """Count the declared units of a shelter at `now` (ms) by state: (not overflow, overflow), never added up (R7)."""
    paused, unknown = shelter.paused is not None, shelter.unknown(now, limits)
    states = {False: [0] * 6, True: [0] * 6}
    for unit in shelter.units.values():
        if unit.declared:
            states[unit.overflow][_STATES.index(state_of(unit, paused=paused, unknown=unknown, now=now))] += 1
    return Counts(sum(states[False]), *states[False]), Counts(sum(states[True]), *states[True])


def count_by_kind(shelter: ShelterSnapshot, now: int, limits: StalenessLimits) -> dict[str, Counts]:
    """Count the declared units that are not overflow at `now` (ms) by kind and state."""
    paused, unknown = shelter.paused is not None, shelter.unknown(now, limits)
    kinds: dict[str, list[int]] = {}
    for unit in shelter.units.values():
        if unit.kind is not None and not unit.overflow:
            states = kinds.setdefault(unit.kind, [0] * 6)
            states[_STATES.index(state_of(unit, paused=paused, unknown=unknown, now=now))] += 1
    return {kind: Counts(sum(states), *states) for kind, states in kinds.items()}


def vacant_count(units: Mapping[str, UnitSnapshot]) -> int:
    """Count free + held + paused + unknown of the units that are not overflow: what a count by hand is compared with (R8)."""
    return sum(1 for unit in units.values() if unit.could_be_free and not unit.overflow)


def double_occupied(shelter: ShelterSnapshot) -> list[str]:
    """List the units with two stays present, declared or not (R8), in byte order."""
    return sorted(unit.unit for unit in shelter.units.values() if len(unit.stays) > 1)


def undeclared_units(shelter: ShelterSnapshot) -> list[str]:
    """List the units with a stay present that are not declared (R8), in byte order."""
    return sorted(unit.unit for unit in shelter.units.values() if unit.stays and not unit.declared)


def next_due(shelter: ShelterSnapshot, now: int, limits: StalenessLimits) -> int | None:
    """Return when time alone next changes this snapshot (ms), None for never: a hold expires, the shelter turns ageing or unknown."""
    moments = [unit.held.until for unit in shelter.units.values() if unit.held]
    if shelter.heard_at is not None:
        moments += [shelter.heard_at + limits.ageing_ms, shelter.heard_at + limits.unknown_ms]
    return min((moment for moment in moments if moment > now), default=None)
