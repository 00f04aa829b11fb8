"""The life of a hold (contract R10, R11): every status a hold can have, and everything that changes it, stands in `LIFE`.

The laws of this file:
- The log decides, at the clock of the partition; the answer never changes on replay.
- What `LIFE` does not list changes nothing: a hold that is over stays as it is (R11), whatever a correction takes out later (R12).
- `expired` is never stored: it is `granted`, read at or after `until`.

All times are milliseconds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, assert_never

from services.domain.beds.shelter_snapshot import ShelterSnapshot, UnitSnapshot
from services.domain.durations import HOUR_MS
from services.domain.events.catalog import Admission, HoldAccepted, HoldAnswer, HoldDeclined, HoldExtended, HoldReleased, HoldRequested

Status = Literal["refused", "granted", "expired", "declined", "released", "fulfilled", "overtaken"]
Refusal = Literal["unknown_shelter", "intake_paused", "no_free_unit"]


@dataclass(frozen=True, slots=True)
class UnitLost:
    """An event has left the unit of the hold occupied, closed or no longer declared, and did not fulfil the hold (R11)."""


@dataclass(frozen=True, slots=True)
class TimeOver:
    """The clock of the partition has reached `until`: that instant is excluded (R10)."""


Trigger = HoldAnswer | Admission | UnitLost

LIFE: Final[Mapping[Status, Mapping[type[Trigger | TimeOver], Status]]] = {
    # The first `hold-requested` with its hold id is decided (R10): `decide` makes it one of these two.
    "refused": {},
    "granted": {
        HoldAccepted: "granted",  # until the later of what it was and 12 h from now
        HoldExtended: "granted",  # the first one only: until the later of what it was and `ttl_seconds` from now
        HoldDeclined: "declined",  # by the shelter
        HoldReleased: "released",  # by the desk
        Admission: "fulfilled",  # one that names the hold, in whichever unit the stay lands, even if the stay has already ended
        UnitLost: "overtaken",  # for good, also when the unit is free again
        TimeOver: "expired",
    },
    # Any of these for a hold that is over changes nothing (R11).
    "expired": {},
    "declined": {},
    "released": {},
    "fulfilled": {},
    "overtaken": {},
}

# R11: an accepted household is on its way, perhaps by public transport in the morning.
ACCEPTED_MS: Final = 12 * HOUR_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldFacts:
    """What became of the request logged at `offset`: its unit and end (ms) when granted, its reason when refused, and who asked."""

    hold: str
    offset: int
    status: Status
    unit: str | None
    reason: Refusal | None
    requested_at: int
    until: int
    accepted: bool = False
    extended: bool = False
    declined_because: str | None = None
    adults: int
    children: int
    desk: str
    asked_by: str

    def live(self, now: int) -> bool:
        """Return whether the unit is kept for this hold at `now`; the instant `until` is excluded."""
        return self.status == "granted" and now < self.until

    def status_at(self, now: int) -> Status:
        """Return the status at `now`: a granted hold that has reached `until` is expired."""
        return self.status if now < self.until else LIFE[self.status].get(TimeOver, self.status)


def decide(request: HoldRequested, shelter: ShelterSnapshot, *, offset: int, clock: int) -> HoldFacts:
    """Return the decision on a first request, logged at `offset`, at the clock of the partition (R10)."""
    unit, reason = _grant(request, shelter, clock)
    return HoldFacts(
        hold=request.hold,
        offset=offset,
        status="granted" if unit else "refused",
        unit=unit.unit if unit else None,
        reason=reason,
        requested_at=clock,
        until=clock + request.ttl_seconds * 1_000 if unit else clock,
        adults=request.adults,
        children=request.children,
        desk=request.desk,
        asked_by=request.asked_by,
    )


def after(hold: HoldFacts, trigger: Trigger, clock: int) -> HoldFacts:
    """Return a hold after what happened to it at `clock`; the same object when that changes nothing (R11)."""
    status = LIFE[hold.status_at(clock)].get(type(trigger))
    if status is None:
        return hold
    match trigger:
        case HoldAccepted():
            return replace(hold, status=status, accepted=True, until=max(hold.until, clock + ACCEPTED_MS))
        case HoldExtended():
            until = hold.until if hold.extended else max(hold.until, clock + trigger.ttl_seconds * 1_000)
            return replace(hold, status=status, extended=True, until=until)
        case HoldDeclined():
            return replace(hold, status=status, declined_because=trigger.reason)
        case HoldReleased() | Admission() | UnitLost():
            return replace(hold, status=status)
        case _:
            assert_never(trigger)


def _grant(request: HoldRequested, shelter: ShelterSnapshot, clock: int) -> tuple[UnitSnapshot | None, Refusal | None]:
    """Return the unit, or the first of these reasons that applies (R10)."""
    if shelter.registration is None:
        return None, "unknown_shelter"
    if shelter.paused:
        return None, "intake_paused"
    unit = _tightest(request, shelter.units.values(), clock)
    return unit, None if unit else "no_free_unit"


def _tightest(request: HoldRequested, units: Iterable[UnitSnapshot], clock: int) -> UnitSnapshot | None:
    """Return the free unit with the fewest places that takes the household, then the lowest id; `unknown` counts as free (R10)."""
    suited = (
        unit
        for unit in units
        if unit.could_be_free
        and not (unit.held and clock < unit.held.until)
        and unit.takes(request.adults, request.children, request.kinds, request.features)
    )
    return min(suited, key=lambda unit: (unit.max_adults + unit.max_children, unit.unit), default=None)
