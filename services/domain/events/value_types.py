"""What a value of the contract may be (section 1): each rule is data, so that the codec checks it and the schemas state it.

A field of an event is `Annotated[type, rule]`. Instants are whole nanoseconds since 1970-01-01T00:00Z and compare as numbers.
"""

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, slots=True)
class Text:
    """A string that matches `pattern` from end to end (a dialect that Python, JavaScript and Rust read alike)."""

    pattern: str
    example: str


@dataclass(frozen=True, slots=True)
class Alias:
    """A string of `low` to `high` code points without unpaired surrogates."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Whole:
    """A JSON integer from `low` to `high`, both included, written without fraction or exponent."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a fixed list of codes."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegionCodeRule:
    """A code of the region file, which the operator may replace; the codes are given to the codec when it is made."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An RFC 3339 time, upper-case T and Z or an offset of at most 14 hours, years 1970 to 9999, at most 9 decimals."""


@dataclass(frozen=True, slots=True)
class Nullable:
    """null, or what `rule` allows."""

    rule: "Rule"


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of at most `most` values, each as `rule` says and different from the others unless `alike`; it may be empty."""

    rule: "Rule"
    most: int | None = None
    alike: bool = False


@dataclass(frozen=True, slots=True)
class PartitionOffsets:
    """An object of decimal partition (no leading zero) to offset, 0 to 2**53 - 1."""


@dataclass(frozen=True, slots=True)
class Members:
    """An object with exactly the fields of `shape`, a dataclass of which each field has its own rule."""

    shape: type


Rule = Text | Alias | Whole | Flag | OneOf | RegionCodeRule | Moment | Nullable | ListOf | PartitionOffsets | Members

LARGEST_OFFSET = 2**53 - 1
"""The largest integer every JSON reader keeps exact."""

_ID = "[a-z0-9-]{1,40}"
# Version 4 and the RFC variant: an id that was made from a time or a place (versions 1, 2, 6, 7) is refused.
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
UUID = Text(_UUID, "5f0c1d7e-8f4b-4c55-9d3a-2f1f6f7b8c90")

ENVELOPE_ID = Text("[A-Za-z0-9._:-]{1,64}", "9b2f8a1e-7c44-4f0d-8a53-0e6b2c9d1f74")
ENVELOPE_SOURCE = Text("urn:plek:[a-z0-9:-]{1,80}", "urn:plek:shelter:berk:desk-1")
SHELTER = Text(_ID, "berk")
IMPORT_SOURCE = "urn:plek:import"
"""The source of what is brought in from a spreadsheet: it is of no desk of a shelter, so it makes no shelter heard of (R9)."""

NEED_KEY = Text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\.[0-9a-f]{8}", "2026-03-02.5f0c1d7e")
"""The day (UTC) on which a key of needs was made, and eight digits by which the keys of a day differ."""

ShelterId = Annotated[str, SHELTER]
UnitId = Annotated[str, Text(_ID, "unit-3")]
OrganisationId = Annotated[str, Text(_ID, "de-linden")]
DeskId = Annotated[str, Text(_ID, "crisis-oost")]
StayId = Annotated[str, Text(_UUID, "0b7ad7c2-6c1f-4f0e-9a4e-3d2c1b0a9f81")]
HoldId = Annotated[str, UUID]
DemandId = Annotated[str, Text(_UUID, "c3a1b2d4-1e2f-4a3b-8c4d-5e6f7a8b9c0d")]
EventId = Annotated[str, ENVELOPE_ID]
SourceId = Annotated[str, ENVELOPE_SOURCE]
Pseudonym = Annotated[str, Text("[0-9a-f]{16,64}", "3fa9c1d2e4b56078")]
NeedKeyId = Annotated[str, NEED_KEY]
# A nonce and a tag alone are 38 characters; the longest need that a worker can state makes one of about 900
Ciphertext = Annotated[str, Text("[A-Za-z0-9_-]{40,2000}", "c2VhbGVkLXdpdGgtdGhlLWtleS1vZi1hLWRheS1hbmQtcGFkZGVk")]
Phone = Annotated[str, Text("[0-9 +-]{1,30}", "0800-000001")]
Name = Annotated[str, Alias(1, 80)]
RegionCode = Annotated[str, RegionCodeRule()]
Instant = Annotated[int, Moment()]
Yes = Annotated[bool, Flag()]

Adults = Annotated[int, Whole(0, 20)]
Children = Annotated[int, Whole(0, 20)]
MaxAdults = Annotated[int, Whole(1, 20)]
MaxChildren = Annotated[int, Whole(0, 20)]
Beds = Annotated[int, Whole(1, 40)]
CountedFree = Annotated[int, Whole(0, 1_000)]
Count = Annotated[int, Whole(0, 1_000_000)]
TtlSeconds = Annotated[int, Whole(60, 7_200)]
AgeOrNull = Annotated[int | None, Nullable(Whole(0, 18))]
View = Annotated[dict[str, int], PartitionOffsets()]

KINDS = ("emergency", "crisis", "follow_up", "assisted")
FEATURES = ("wheelchair", "pets", "own_kitchen", "own_bathroom", "cot")
SERVICES = ("addiction", "psychiatric", "trafficking", "no_residence_permit", "intellectual_disability")
SECURITY = ("open", "secure", "high_secure")
AUDIENCE = ("women", "men")
DESTINATIONS = ("home", "own_home", "family", "other_shelter", "assisted_living", "abroad", "unknown")
SEARCH_OUTCOMES = ("held", "fallback", "waiting_list", "elsewhere", "withdrawn", "unknown")
ACCOMMODATIONS = ("hotel", "holiday_park", "family", "other")
FALLBACK_OUTCOMES = ("placed", "home", "family", "other")
WAITING_OUTCOMES = ("placed", "withdrawn", "elsewhere", "unknown")
CORRECTION_REASONS = ("mistake", "duplicate", "wrong_unit", "wrong_time")
FALLBACK_REASONS = ("nothing_free", "nothing_fitting", "unsafe_region", "no_answer", "at_night", "other")
DECLINE_REASONS = ("no_staff", "unit_unfit", "safety", "full", "other")
PAUSE_REASONS = ("staffing", "safety", "quarantine", "other")
CLOSING_REASONS = ("cleaning", "maintenance", "staffing", "isolation", "other")

Kind = Annotated[str, OneOf(KINDS)]
Kinds = Annotated[tuple[str, ...], ListOf(OneOf(KINDS))]
Features = Annotated[tuple[str, ...], ListOf(OneOf(FEATURES))]
Services = Annotated[tuple[str, ...], ListOf(OneOf(SERVICES))]
Security = Annotated[str, OneOf(SECURITY)]
Audience = Annotated[tuple[str, ...], ListOf(OneOf(AUDIENCE))]
Languages = Annotated[tuple[str, ...], ListOf(Text("[a-z]{2}", "nl"))]
ExcludedRegions = Annotated[tuple[str, ...], ListOf(RegionCodeRule(), most=10)]
ClosingReason = Annotated[str, OneOf(CLOSING_REASONS)]
PauseReason = Annotated[str, OneOf(PAUSE_REASONS)]
Destination = Annotated[str, OneOf(DESTINATIONS)]
CorrectionReason = Annotated[str, OneOf(CORRECTION_REASONS)]
DeclineReason = Annotated[str, OneOf(DECLINE_REASONS)]
SearchOutcome = Annotated[str, OneOf(SEARCH_OUTCOMES)]
Accommodation = Annotated[str, OneOf(ACCOMMODATIONS)]
FallbackReason = Annotated[str, OneOf(FALLBACK_REASONS)]
FallbackOutcome = Annotated[str, OneOf(FALLBACK_OUTCOMES)]
WaitingOutcome = Annotated[str, OneOf(WAITING_OUTCOMES)]
EvidenceStatus = Annotated[str, OneOf(("complete", "unavailable"))]
