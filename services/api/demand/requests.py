"""The bodies of requests about fallbacks and waiting lists: dataclasses with the rules of the contract at their fields."""

from dataclasses import dataclass
from typing import Annotated

from services.api.publishing.request_models import HouseholdForm, NeedForm, Sealed
from services.domain.events import value_types as v


@dataclass(frozen=True, slots=True, kw_only=True)
class FallbackForm(NeedForm):
    """Where a household is put up when there is no place, and why.

    With `ask_first` nothing is logged while something fits. `again_of`: the search that was made for the same household.
    """

    accommodation: v.Accommodation
    reason: v.FallbackReason
    occurred_at: v.Instant | None = None
    again_of: Sealed | None = None
    ask_first: v.Yes = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FallbackEndForm:
    """How a fallback ended, and when if that is not now."""

    outcome: v.FallbackOutcome
    occurred_at: v.Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoForm:
    """Whether the start or the end was wrong, and why: it is taken out as if it had never been sent."""

    undo: Annotated[str, v.OneOf(("start", "end"))]
    reason: v.CorrectionReason


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinForm(HouseholdForm):
    """A household that waits for a place of a kind. The log keeps how many adults and children they are, no more."""

    kind: v.Kind
    region: v.RegionCode | None = None
    occurred_at: v.Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveForm:
    """Why a household no longer waits, and since when if that is not now."""

    outcome: v.WaitingOutcome
    occurred_at: v.Instant | None = None
