"""A hold as a worker reads it: what it is for and where; the phone while it is live; why it ended once it is over.

Guarantees: the phone of a hold that is over is shown only when a household of its size was admitted there, and a refused hold names no
region.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from services.adapters.problem_details import ProblemError
from services.adapters.regions import RegionRow
from services.adapters.rfc3339 import show_ms
from services.api.holds.end_reasons import ENDINGS, GIVEN_UP
from services.api.holds.models import HoldAnswer
from services.api.holds.request_life import SHOWN_MS
from services.api.read_model.country_cache import CountrySnapshot
from services.api.read_model.data_age import format_ms
from services.api.read_model.hold_index import HoldIndex
from services.api.read_model.phone_history import PhoneHistory
from services.domain.beds.hold_endings import Ending
from services.domain.beds.holds import HoldFacts
from services.domain.beds.shelter_snapshot import ShelterSnapshot, UnitSnapshot
from services.domain.durations import MINUTE_MS
from services.domain.search.count_buckets import size_class

# Extending is for the end: earlier it would give little, and it can be done once.
EXTENDABLE_MS: Final = 10 * MINUTE_MS


class VisibleHold(NamedTuple):
    """A hold that a worker sees, with its shelter: the worker's own, or a colleague's."""

    shelter: str
    hold: HoldFacts
    mine: bool
    given_up: bool = False
    """Released because it was not asked after."""


@dataclass(frozen=True, slots=True)
class HoldDocuments:
    """Makes the answers about holds."""

    index: HoldIndex
    regions: Mapping[str, RegionRow]
    phones: PhoneHistory = field(default_factory=PhoneHistory)

    def answer(self, country: CountrySnapshot, seen: VisibleHold) -> HoldAnswer:
        """Return what a worker reads of a hold."""
        shelter = country.shelter(seen.shelter)
        why = self.index.why(seen.shelter, seen.hold, shelter, country.now)
        answer = hold_answer(seen, shelter, why, self.regions, country.now)
        before = self.phones.members(shelter.registration if shelter else None) if answer.intake_phone else {}
        return answer.model_copy(update=before | {"as_of": format_ms(country.age.as_of)})


def hold_answer(
    seen: VisibleHold, shelter: ShelterSnapshot | None, why: Ending | None, regions: Mapping[str, RegionRow], now: int
) -> HoldAnswer:
    """Return what a worker reads of a hold at `now` (ms), from its shelter as it is known, and from why it ended."""
    hold = seen.hold
    unit = shelter.units.get(hold.unit or "") if shelter else None
    members = _place(shelter, unit, regions) if hold.unit is not None else {}
    members |= _live(hold, shelter, unit) if hold.live(now) else _over(shelter, why, given_up=seen.given_up)
    return HoldAnswer(
        hold=hold.hold,
        mine=seen.mine,
        status=hold.status_at(now),
        requested_at=show_ms(hold.requested_at),
        adults=hold.adults,
        children=hold.children,
        accepted=hold.accepted,
        extended=hold.extended,
        reason=hold.reason,
        declined_because=hold.declined_because,
        **members,
    )


def _place(shelter: ShelterSnapshot | None, unit: UnitSnapshot | None, regions: Mapping[str, RegionRow]) -> dict[str, Any]:
    """Return where a unit is, and of what kind and size; null where that is not known now."""
    code = shelter.region if shelter else None
    row = regions.get(code or "")
    return {
        "region": code,
        "region_name": row.centre if row else None,
        "kind": unit.kind if unit else None,
        "size": size_class(unit.max_adults + unit.max_children) if unit and unit.declared else None,
    }


def _live(hold: HoldFacts, shelter: ShelterSnapshot | None, unit: UnitSnapshot | None) -> dict[str, Any]:
    """Return how long a live hold is kept, where to phone, and all that the place has."""
    registration = shelter.registration if shelter else None
    return {
        "until": show_ms(hold.until),
        "extendable_from": None if hold.extended else show_ms(extendable_from(hold)),
        "intake_phone": _phone(shelter),
        "features": unit.features if unit else None,
        "services": registration.services if registration else None,
        "languages": registration.languages if registration else None,
    }


def _over(shelter: ShelterSnapshot | None, why: Ending | None, *, given_up: bool) -> dict[str, Any]:
    """Return why a hold is over; the phone only where its household may have been admitted (D6)."""
    if why is None:
        return {}
    text = GIVEN_UP if given_up else ENDINGS[why]
    phone = {"intake_phone": _phone(shelter)} if why == "admitted_same_size" else {}
    return {"why": why, "why_nl": text.nl, "why_en": text.en} | phone


def _phone(shelter: ShelterSnapshot | None) -> str | None:
    return shelter.registration.intake_phone if shelter and shelter.registration else None


def extendable_from(hold: HoldFacts) -> int:
    """Return from when a hold can be extended (ms)."""
    return hold.until - EXTENDABLE_MS


def is_recent(hold: HoldFacts, now: int) -> bool:
    """Return whether a worker still sees a hold: a live one, or a granted one that ended within a day."""
    return hold.live(now) or (hold.status != "refused" and now - max(hold.requested_at, hold.until) < SHOWN_MS)


def hold_over(hold: HoldFacts, now: int) -> ProblemError:
    """Return the problem that a hold is over, with its status at `now` (ms)."""
    return ProblemError("hold-over", hold_status=hold.status_at(now))


def pending_answer(hold: str) -> HoldAnswer:
    """Return the answer that there is no decision yet."""
    return HoldAnswer(hold=hold, status="pending")
