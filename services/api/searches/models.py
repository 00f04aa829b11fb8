"""What is asked and answered about searches. Times are RFC 3339 in UTC."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from services.adapters.codec.validation import FieldProblem
from services.api.areas.locations import DistanceRange
from services.api.publishing.request_models import BrokenGlass, NeedForm, Sealed
from services.api.read_model.answer_models import AnswerModel, Hiding, NamedRegion
from services.api.searches.decision import WhyNone
from services.domain.events import value_types as v
from services.domain.search.count_buckets import Bucket, SizeClass
from services.domain.search.matching import Condition, Tightness


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchForm(NeedForm):
    """Where a household can go."""

    near: v.RegionCode | None = None
    call_first: v.Yes = False
    again_of: Sealed | None = None
    break_glass: BrokenGlass | None = None
    more: v.Yes = False

    def broken_rules(self) -> list[FieldProblem]:
        """Check the household, and that the next offers are those of a search."""
        more_of_nothing = self.more and self.again_of is None
        return [*NeedForm.broken_rules(self), *([FieldProblem("/again_of", "missing")] if more_of_nothing else [])]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndForm:
    """How a search ended."""

    outcome: v.SearchOutcome


AreaRegions = Annotated[
    tuple[NamedRegion, ...],
    Field(description="Those of the area without the excluded ones; of a near miss in an excluded region those"),
]
Distance = Annotated[DistanceRange | None, Field(description="From `near`, or else the region of the desk; null without coordinates")]
UnitSize = Annotated[SizeClass, Field(description="How many persons the unit is for")]


class Wanted(TypedDict):
    """Of what was asked for."""

    features: tuple[str, ...]
    services: tuple[str, ...]
    languages: tuple[str, ...]


class OfferedPlace(TypedDict):
    """A place that fits, in an area: regions joined until enough shelters of enough organisations lie in it."""

    offer: Annotated[str, Field(description="Yours alone, for ten minutes: hold it, or ask again")]
    area: str
    regions: AreaRegions
    distance_km: Distance
    kind: str
    size: UnitSize
    fit: Tightness
    has: Wanted
    lacks: Wanted
    freshness: Literal["fresh", "ageing"]
    age_hours: Annotated[int, Field(description="How long ago the shelter was heard of at least, in steps of eight hours")]
    same: Annotated[int, Field(description="How many of the offers are alike in all of this, and shown as this one")]


class NearMissPlace(TypedDict):
    """A place that nearly fits: the one condition that fails. `two_units`: two of one shelter would do together; call first."""

    condition: Condition
    area: str
    regions: AreaRegions
    distance_km: Distance
    kind: str | None
    size: UnitSize
    lacks: Wanted


class ShelterToCall(TypedDict):
    """A shelter to be called: not heard of for a day, or (no offer then) two of its units would do together."""

    offer: Annotated[str | None, Field(description="To be held when the shelter says yes")]
    region: NamedRegion
    distance_km: DistanceRange | None
    intake_phone: str | None
    kind: str | None
    size: SizeClass
    age_hours: int | None


class CallFirst(AnswerModel):
    """How many shelters are to be called: they might have room and have not been heard of. `listed` on asking."""

    shelters: Bucket
    listed: list[ShelterToCall] | None = None


class FreshOffers(Hiding):
    """Offers, and how many more units fit nationally; where nothing fits, what nearly does."""

    search: str = Field(description="Yours alone, for a day: to go on with, or to end")
    offers: list[OfferedPlace]
    offers_until: str
    offers_left: int = Field(ge=0, le=9, description="How many other places this chain of searches can still be offered, of nine")
    why_none: WhyNone | None = Field(
        description="Why there is no offer; null where there is one. `nothing_fits`: see `misses` and `call_first`; `chain_used_up`: more"
        " fits, and the nine of this chain were offered: search anew, without `again_of`; `nothing_new`: all that fits was offered before"
    )
    more: Bucket = Field(description="How many units fit beside those that this chain of searches was offered")
    misses: list[NearMissPlace]


class SearchAnswer(FreshOffers):
    """What there is for a household."""

    call_first: CallFirst


class EndAnswer(AnswerModel):
    """How the search ended. `unchanged`: it had ended before, in this way (D3); `queued`: it waits on disk until Kafka answers."""

    status: Literal["logged", "queued", "unchanged"]
    outcome: str
