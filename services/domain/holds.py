"""Holds (contract R10, R11): the log decides, at the clock of the partition, and the answer never changes on replay. Milliseconds.

    hold-requested ─┬─▶ refused
                    └─▶ granted ─┬─▶ expired     its time is over
                                 ├─▶ declined    by the shelter
                                 ├─▶ released    by the desk
                                 ├─▶ fulfilled   an admission names it
                                 └─▶ overtaken   its unit is occupied, closed or withdrawn

`granted` stays `granted` when accepted or extended. `expired` is never stored: it is `granted` read after `until`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from services.domain.events import HoldAccepted, HoldDeclined, HoldExtended, HoldReleased, HoldRequested
from services.domain.picture import ShelterPicture, UnitPicture

Status = Literal["refused", "granted", "expired", "declined", "released", "fulfilled", "overtaken"]
Refusal = Literal["unknown_shelter", "intake_paused", "no_free_unit"]

# An accepted household is on its way, perhaps by public transport in the morning (R11).
ACCEPTED_MS = 12 * 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
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
        """Say whether the unit is kept for this hold at `now`; the instant `until` is excluded."""
        return self.status == "granted" and now < self.until

    def status_at(self, now: int) -> Status:
        """Tell the status at `now`: a granted hold whose time is over is expired."""
        return "expired" if self.status == "granted" and now >= self.until else self.status


def decide(request: HoldRequested, shelter: ShelterPicture, *, offset: int, clock: int) -> Hold:
    """Decide a first request, logged at `offset`, at the clock of the partition (R10)."""
    unit, reason = _grant(request, shelter, clock)
    return Hold(
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


def _grant(request: HoldRequested, shelter: ShelterPicture, clock: int) -> tuple[UnitPicture | None, Refusal | None]:
    if shelter.registration is None:
        return None, "unknown_shelter"
    if shelter.paused:
        return None, "intake_paused"
    unit = _tightest(request, shelter.units.values(), clock)
    return unit, None if unit else "no_free_unit"


def _tightest(request: HoldRequested, units: Iterable[UnitPicture], clock: int) -> UnitPicture | None:
    """Choose the free unit with the fewest places that takes the household, then the lowest id; `unknown` counts as free (R10)."""
    suited = (
        unit
        for unit in units
        if unit.could_be_free
        and not (unit.held and clock < unit.held.until)
        and unit.takes(request.adults, request.children, request.kinds, request.features)
    )
    return min(suited, key=lambda unit: (unit.max_adults + unit.max_children, unit.unit), default=None)


def answer(hold: Hold, event: HoldExtended | HoldAccepted | HoldReleased | HoldDeclined, clock: int) -> Hold:
    """Apply what a desk or a shelter says of a live hold (R11)."""
    match event:
        case HoldAccepted():
            return replace(hold, accepted=True, until=max(hold.until, clock + ACCEPTED_MS))
        case HoldExtended():
            until = hold.until if hold.extended else max(hold.until, clock + event.ttl_seconds * 1_000)
            return replace(hold, extended=True, until=until)
        case HoldReleased():
            return replace(hold, status="released")
        case HoldDeclined():
            return replace(hold, status="declined", declined_because=event.reason)
