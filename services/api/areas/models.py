"""Answers about areas and regions. Times are RFC 3339 in UTC."""

from typing import Annotated, Literal

from pydantic import Field

from services.api.areas.grouping import Value
from services.api.read_model.answer_models import AnswerModel, NamedRegion
from services.domain.search.count_buckets import Bucket

Free = Annotated[Bucket | None, Field(description="Units that are free; null where the value is unknown")]


class KindInArea(AnswerModel):
    """The units of some kinds in an area."""

    kinds: list[str]
    value: Value
    free: Free


class AreaAnswer(AnswerModel):
    """Neighbouring regions with enough shelters of enough organisations together that no shelter can be singled out."""

    area: str
    regions: list[NamedRegion]
    value: Value
    free: Free
    by_kind: list[KindInArea] = Field(description="Kinds that too few shelters of the area have are joined")


class AreasAnswer(AnswerModel):
    """The country by area, as it was at the last quarter of an hour."""

    world: Literal["simulated", "imported"] | None = Field(default=None, description="Only of a country that is not the real one")
    clock: str | None = Field(default=None, description="The same: what its clock says, from which the age of `as_of` follows")
    as_of: str | None
    age_seconds: int = Field(description="How long ago the quarter began")
    degraded: bool = Field(description="It is older than it should be, or the log is away")
    can_hold: bool = Field(description="Whether anything can be held now: not while the log is away, or nothing is decided")
    duty_list: str = Field(description="Where the telephone numbers are of who is on duty, for when this is too old to go by")
    grid: str = Field(description="The quarter of an hour this is of")
    hidden_shelters: int = Field(description="Shelters that are not shown because their numbers are not kept up at the moment")
    areas: list[AreaAnswer]


class RegionListed(NamedRegion):
    """A region, and its province by code (CBS) and name."""

    province: str
    province_name: str


class RegionsAnswer(AnswerModel):
    """Every region, by code."""

    regions: list[RegionListed]
