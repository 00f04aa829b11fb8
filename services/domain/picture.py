"""What can be seen of a shelter, without the clock: the state of a unit and every count follow from a picture and a `now` (R7, R8).

Instants inside events are nanoseconds (the sender's words); `heard_at`, `until` and `now` are milliseconds of the clock of the partition.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from services.domain.events import ShelterRegistered
from services.domain.freshness import Limits, freshness

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
        """Add state by state."""
        return Counts(*(a + b for a, b in zip(self, other, strict=True)))

    def minus(self, other: "Counts") -> "Counts":
        """Subtract state by state."""
        return Counts(*(a - b for a, b in zip(self, other, strict=True)))


NOTHING = Counts()
_STATES: tuple[State, ...] = ("occupied", "closed", "held", "paused", "unknown", "free")


@dataclass(frozen=True, slots=True)
class StayShown:
    """A household that is present: how many, since when, and when it expects to leave (nanoseconds)."""

    stay: str
    adults: int
    children: int
    since: int
    expected_at: int | None


@dataclass(frozen=True, slots=True)
class Closing:
    """Why a unit is closed and until when that was expected (nanoseconds; it reopens nothing)."""

    reason: str
    expected_until: int | None


@dataclass(frozen=True, slots=True)
class Held:
    """The hold on a unit and the instant it is no longer live (milliseconds, that instant excluded)."""

    hold: str
    until: int


@dataclass(frozen=True, slots=True)
class UnitPicture:
    """One unit as its facts have it; `kind` is None when it is not declared (only its stays are shown then)."""

    unit: str
    kind: str | None = None
    overflow: bool = False
    max_adults: int = 0
    max_children: int = 0
    beds: int = 0
    features: tuple[str, ...] = ()
    stays: tuple[StayShown, ...] = ()
    closed: Closing | None = None
    held: Held | None = None

    @property
    def declared(self) -> bool:
        """Only declared units are counted (R7)."""
        return self.kind is not None

    @property
    def could_be_free(self) -> bool:
        """Declared, and neither occupied nor closed: whether it is free is then a matter of holds, pause and age."""
        return self.kind is not None and not self.stays and not self.closed

    def takes(self, adults: int, children: int, kinds: Iterable[str], features: Iterable[str]) -> bool:
        """Say whether the unit suits a household: large enough, of a wanted kind, with all features, no overflow (R10)."""
        wanted = tuple(kinds)
        return (
            self.kind is not None
            and not self.overflow
            and self.max_adults >= adults
            and self.max_children >= children
            and (not wanted or self.kind in wanted)
            and set(features) <= set(self.features)
        )


class Discrepancy(NamedTuple):
    """A count by hand that differed: what was reported, and what the facts gave at that moment (R8)."""

    reported: int
    computed: int


class Paused(NamedTuple):
    """Why a shelter takes nobody in, and until when that was expected (nanoseconds)."""

    reason: str
    expected_until: int | None


@dataclass(slots=True)
class ShelterPicture:
    """One shelter: who it is (None until registered), when it was last heard of (ms), what it said of itself, its units."""

    shelter: str
    registration: ShelterRegistered | None = None
    heard_at: int | None = None
    paused: Paused | None = None
    discrepancy: Discrepancy | None = None
    units: dict[str, UnitPicture] = field(default_factory=dict)

    @property
    def region(self) -> str | None:
        """The region it counts in; None until it is registered."""
        return self.registration.region if self.registration else None

    def unknown(self, now: int, limits: Limits) -> bool:
        """Say whether nobody can tell any more what is free here (R9)."""
        return freshness(self.heard_at, now, limits) == "unknown"


def state_of(unit: UnitPicture, *, paused: bool, unknown: bool, now: int) -> State:
    """Tell the state of a declared unit at `now` (ms): the first of R7 that fits."""
    if unit.stays:
        return "occupied"
    if unit.closed:
        return "closed"
    if unit.held and now < unit.held.until:
        return "held"
    if paused:
        return "paused"
    return "unknown" if unknown else "free"


def count(shelter: ShelterPicture, now: int, limits: Limits) -> tuple[Counts, Counts]:
    """Count the declared units of a shelter at `now` (ms) by state: (not overflow, overflow)."""
    paused, unknown = shelter.paused is not None, shelter.unknown(now, limits)
    found = {False: [0] * 6, True: [0] * 6}
    for unit in shelter.units.values():
        if unit.declared:
            found[unit.overflow][_STATES.index(state_of(unit, paused=paused, unknown=unknown, now=now))] += 1
    return Counts(sum(found[False]), *found[False]), Counts(sum(found[True]), *found[True])


def not_in_use(units: Mapping[str, UnitPicture]) -> int:
    """Count free + held + paused + unknown of the units that are not overflow: what a count by hand is compared with (R8)."""
    return sum(1 for unit in units.values() if unit.could_be_free and not unit.overflow)


def double_occupied(shelter: ShelterPicture) -> list[str]:
    """List the units with two stays present, declared or not (R8), in byte order."""
    return sorted(unit.unit for unit in shelter.units.values() if len(unit.stays) > 1)


def undeclared_units(shelter: ShelterPicture) -> list[str]:
    """List the units with a stay present that are not declared (R8), in byte order."""
    return sorted(unit.unit for unit in shelter.units.values() if unit.stays and not unit.declared)


def next_due(shelter: ShelterPicture, now: int, limits: Limits) -> int | None:
    """Tell when time alone changes this picture next (ms): a hold expires, the shelter turns ageing or unknown."""
    moments = [unit.held.until for unit in shelter.units.values() if unit.held]
    if shelter.heard_at is not None:
        moments += [shelter.heard_at + limits.ageing_ms, shelter.heard_at + limits.unknown_ms]
    return min((moment for moment in moments if moment > now), default=None)
