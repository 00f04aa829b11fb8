"""The catalogue of events (contract, sections 1 and 3). No event holds anything that identifies a person.

A field without a default is required; one with a default may be left out. Adding a type: a dataclass here and its place in the unions
below; `mypy` then names each `match` that lacks it; one row of examples, `make schemas`.
"""

import re
from dataclasses import dataclass
from typing import Final, assert_never, get_args

from services.domain.events import value_types as v


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The name of an event: `(source, id)`, within a shelter and for ever."""

    source: v.SourceId
    id: v.EventId


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelterRegistered:
    """A shelter says who it is for. `name` is an alias, never a street or a town."""

    shelter: v.ShelterId
    name: v.Name
    organisation: v.OrganisationId
    region: v.RegionCode
    security: v.Security
    audience: v.Audience
    max_son_age: v.AgeOrNull
    languages: v.Languages
    services: v.Services
    intake_phone: v.Phone


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDeclared:
    """A unit (one household) exists."""

    shelter: v.ShelterId
    unit: v.UnitId
    kind: v.Kind
    overflow: v.Yes
    max_adults: v.MaxAdults
    max_children: v.MaxChildren
    beds: v.Beds
    features: v.Features


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitWithdrawn:
    """A unit is no longer offered; its stays and closings are kept."""

    shelter: v.ShelterId
    unit: v.UnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitClosed:
    """A unit can't be used for now. `expected_until` reopens nothing."""

    shelter: v.ShelterId
    unit: v.UnitId
    reason: v.ClosingReason
    expected_until: v.Instant | None = None
    occurred_at: v.Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitReopened:
    """A closed unit can be used again."""

    shelter: v.ShelterId
    unit: v.UnitId
    occurred_at: v.Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A household moves into a unit: a stay begins."""

    shelter: v.ShelterId
    unit: v.UnitId
    stay: v.StayId
    adults: v.Adults
    children: v.Children
    hold: v.HoldId | None = None
    occurred_at: v.Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StayChanged:
    """The household of a stay changes (a birth, a child that joins)."""

    shelter: v.ShelterId
    stay: v.StayId
    adults: v.Adults
    children: v.Children
    occurred_at: v.Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A stay moves to another unit of its shelter."""

    shelter: v.ShelterId
    stay: v.StayId
    to_unit: v.UnitId
    occurred_at: v.Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DischargePlanned:
    """When a stay is expected to end; only shown, it frees nothing."""

    shelter: v.ShelterId
    stay: v.StayId
    expected_at: v.Instant
    occurred_at: v.Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discharge:
    """A stay ends, for good. `unit_ready: false` also closes the unit for cleaning (R6)."""

    shelter: v.ShelterId
    stay: v.StayId
    destination: v.Destination
    unit_ready: v.Yes = True
    occurred_at: v.Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Another event of this shelter is taken out as if it had never been sent (R12)."""

    shelter: v.ShelterId
    corrects: Named
    reason: v.CorrectionReason


@dataclass(frozen=True, slots=True, kw_only=True)
class CountConfirmed:
    """What Plek shows is still right, with the number of free units counted by hand where there is one."""

    shelter: v.ShelterId
    free: v.CountedFree | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakePaused:
    """A shelter takes no households in for now."""

    shelter: v.ShelterId
    reason: v.PauseReason
    expected_until: v.Instant | None = None
    occurred_at: v.Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeResumed:
    """A shelter takes households in again."""

    shelter: v.ShelterId
    occurred_at: v.Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRequested:
    """A desk asks for a unit that takes this household; the log decides (R10)."""

    shelter: v.ShelterId
    hold: v.HoldId
    adults: v.Adults
    children: v.Children
    kinds: v.Kinds
    features: v.Features
    ttl_seconds: v.TtlSeconds
    desk: v.DeskId
    asked_by: v.Pseudonym


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldExtended:
    """The desk needs the held unit a little longer; the first one counts (R11)."""

    shelter: v.ShelterId
    hold: v.HoldId
    ttl_seconds: v.TtlSeconds


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldAccepted:
    """The shelter expects the household."""

    shelter: v.ShelterId
    hold: v.HoldId


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReleased:
    """The desk gives the held unit back."""

    shelter: v.ShelterId
    hold: v.HoldId


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldDeclined:
    """The shelter can't take the household, with a code for the reason."""

    shelter: v.ShelterId
    hold: v.HoldId
    reason: v.DeclineReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a household needs of a shelter and a unit."""

    kinds: v.Kinds
    features: v.Features
    men: v.Count
    oldest_son_age: v.AgeOrNull
    security: v.Security
    services: v.Services
    languages: v.Languages


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedNeed:
    """A need and the excluded regions as ciphertext, and the id of the key that opens it until it is destroyed. Opaque to the fold."""

    key: v.NeedKeyId
    text: v.Ciphertext


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was free at the instant of a fallback, and the positions it was read at."""

    status: v.EvidenceStatus
    free_nationally: v.Count
    fitting_nationally: v.Count
    fitting_excluded_for_safety: v.Count
    unknown_units: v.Count
    view: v.View


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchMade:
    """A desk asked where a household can go."""

    search: v.DemandId
    region: v.RegionCode
    adults: v.Adults
    children: v.Children
    need: Need
    exclude_regions: v.ExcludedRegions
    fitting_units: v.Count
    offers: v.Count
    view: v.View
    again_of: v.DemandId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchMadeSealed:
    """A desk asked where a household can go; version 2: what it needs, and where it must not go, as ciphertext."""

    search: v.DemandId
    region: v.RegionCode
    adults: v.Adults
    children: v.Children
    sealed: SealedNeed
    fitting_units: v.Count
    offers: v.Count
    view: v.View
    again_of: v.DemandId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchEnded:
    """How a search ended."""

    search: v.DemandId
    outcome: v.SearchOutcome
    occurred_at: v.Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FallbackStarted:
    """A household is put up in a hotel or elsewhere, with what was free at that instant."""

    fallback: v.DemandId
    region: v.RegionCode
    accommodation: v.Accommodation
    adults: v.Adults
    children: v.Children
    need: Need
    reason: v.FallbackReason
    evidence: Evidence
    occurred_at: v.Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FallbackStartedSealed:
    """A household is put up in a hotel or elsewhere, with what was free at that instant; version 2: its need as ciphertext."""

    fallback: v.DemandId
    region: v.RegionCode
    accommodation: v.Accommodation
    adults: v.Adults
    children: v.Children
    sealed: SealedNeed
    reason: v.FallbackReason
    evidence: Evidence
    occurred_at: v.Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FallbackEnded:
    """A household left its emergency solution."""

    fallback: v.DemandId
    outcome: v.FallbackOutcome
    occurred_at: v.Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingListJoined:
    """A household waits for a place of a kind."""

    entry: v.DemandId
    region: v.RegionCode
    kind: v.Kind
    adults: v.Adults
    children: v.Children
    occurred_at: v.Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingListLeft:
    """A household no longer waits."""

    entry: v.DemandId
    outcome: v.WaitingOutcome
    occurred_at: v.Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandCorrection:
    """Another event of the same search, fallback or entry (exactly one of the three) is taken out."""

    corrects: Named
    reason: v.CorrectionReason
    search: v.DemandId | None = None
    fallback: v.DemandId | None = None
    entry: v.DemandId | None = None


UnitDeclaration = UnitDeclared | UnitWithdrawn
UnitClosing = UnitClosed | UnitReopened
StayFact = Admission | StayChanged | Transfer | DischargePlanned | Discharge
IntakeStatement = IntakePaused | IntakeResumed
KeptFact = ShelterRegistered | UnitDeclaration | UnitClosing | StayFact | IntakeStatement
"""The facts that a shelter's state is made of; a correction takes one out (R12)."""
HoldAnswer = HoldExtended | HoldAccepted | HoldReleased | HoldDeclined
HoldEvent = HoldRequested | HoldAnswer
BedData = ShelterRegistered | UnitDeclaration | UnitClosing | StayFact | Correction | CountConfirmed | IntakeStatement | HoldEvent
SearchStart = SearchMade | SearchMadeSealed
FallbackStart = FallbackStarted | FallbackStartedSealed
CaseFact = SearchStart | SearchEnded | FallbackStart | FallbackEnded | WaitingListJoined | WaitingListLeft
CaseStart = SearchStart | FallbackStart | WaitingListJoined
CaseEnd = SearchEnded | FallbackEnded | WaitingListLeft
DemandData = CaseFact | DemandCorrection
Data = BedData | DemandData

# The members of these unions, in the order of the contract.
BED_EVENTS: Final[tuple[type, ...]] = get_args(BedData)
DEMAND_EVENTS: Final[tuple[type, ...]] = get_args(DemandData)
HOLD_EVENTS: Final[tuple[type, ...]] = get_args(HoldEvent)


# Of two types there is a version 2: its class has the name of version 1 with this word behind it
_VERSION_2: Final = "Sealed"


def _short_name(data_type: type) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", data_type.__name__.removesuffix(_VERSION_2)).lower()


SHORT_NAMES: Final = {shape: _short_name(shape) for shape in (*BED_EVENTS, *DEMAND_EVENTS)}
"""The contract's name of each event: `UnitDeclared` is `unit-declared`; both versions of a type have one."""
VERSIONED_NAMES: Final = {shape: f"{name}.v{2 if shape.__name__.endswith(_VERSION_2) else 1}" for shape, name in SHORT_NAMES.items()}
"""That name with its version: `unit-declared.v1`."""
TYPE_NAMES: Final = {shape: f"nl.plek.{name}" for shape, name in VERSIONED_NAMES.items()}
"""The CloudEvents type of each event: `nl.plek.unit-declared.v1`."""


def demand_key(data: DemandData) -> str | None:
    """Return the id that a demand event is folded by; None when a correction names none."""
    match data:
        case SearchMade() | SearchMadeSealed() | SearchEnded():
            return data.search
        case FallbackStarted() | FallbackStartedSealed() | FallbackEnded():
            return data.fallback
        case WaitingListJoined() | WaitingListLeft():
            return data.entry
        case DemandCorrection():
            return data.search or data.fallback or data.entry
        case _:
            assert_never(data)


def says_what_happened(data: Data) -> bool:
    """Return whether an event says what happened, and so when: every one but corrections and the five hold events."""
    return not isinstance(data, Correction | DemandCorrection | HoldEvent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of the contract: its envelope and its data. `time` is when it was recorded, in nanoseconds since 1970."""

    id: str
    source: str
    time: int
    subject: str
    data: Data

    @property
    def name(self) -> tuple[str, str]:
        """The name of the event within its shelter or key: `(source, id)`."""
        return self.source, self.id

    @property
    def occurred_at(self) -> int:
        """When it really happened, else when it was recorded, in nanoseconds since 1970."""
        happened = getattr(self.data, "occurred_at", None)
        return self.time if happened is None else happened
