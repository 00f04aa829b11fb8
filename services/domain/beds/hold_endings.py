"""Why a hold ended, as a code: from the hold itself and, for an overtaken one, from the state of its unit.

The log says only that the unit was occupied, closed or withdrawn (R11); which of these it was is read from the unit. An admission of as
many adults and children, within the time the unit was held, is most likely that of the household it was held for.
"""

from typing import Final, Literal, assert_never

from services.domain.beds.holds import HoldFacts
from services.domain.beds.shelter_snapshot import ShelterSnapshot, StaySnapshot
from services.domain.durations import MINUTE_MS, NS_PER_MS

Ending = Literal[
    "unknown_shelter",
    "intake_paused",
    "no_free_unit",
    "expired",
    "declined_no_staff",
    "declined_unit_unfit",
    "declined_safety",
    "declined_full",
    "declined_other",
    "released",
    "fulfilled",
    "admitted_same_size",
    "admitted_other",
    "unit_closed",
    "unit_withdrawn",
    "unit_unavailable",
]

_DECLINED: Final[dict[str | None, Ending]] = {
    "no_staff": "declined_no_staff",
    "unit_unfit": "declined_unit_unfit",
    "safety": "declined_safety",
    "full": "declined_full",
}


def why_ended(hold: HoldFacts, shelter: ShelterSnapshot | None, now: int) -> Ending | None:
    """Return why a hold is over at `now` (ms); None while it is live. `shelter` is the snapshot of its shelter, None if there is none."""
    status = hold.status_at(now)
    match status:
        case "granted":
            return None
        case "refused":
            return hold.reason
        case "declined":
            return _DECLINED.get(hold.declined_because, "declined_other")
        case "overtaken":
            return _overtaken(hold, shelter)
        case "expired" | "released" | "fulfilled":
            return status
        case _:
            assert_never(status)


def _overtaken(hold: HoldFacts, shelter: ShelterSnapshot | None) -> Ending:
    if shelter is None or hold.unit is None:
        return "unit_unavailable"
    unit = shelter.units.get(hold.unit)
    if unit and unit.stays:
        return "admitted_same_size" if any(_is_same_household(hold, stay) for stay in unit.stays) else "admitted_other"
    if unit is None or not unit.declared:
        return "unit_withdrawn"
    return "unit_closed" if unit.closed else "unit_unavailable"


def _is_same_household(hold: HoldFacts, stay: StaySnapshot) -> bool:
    """Return whether a stay has the size of a hold's household and began while the hold was live."""
    # An admission is often logged with its minute and no seconds.
    begins, ends = hold.requested_at // MINUTE_MS * MINUTE_MS, hold.until
    return (stay.adults, stay.children) == (hold.adults, hold.children) and begins <= stay.since // NS_PER_MS < ends
