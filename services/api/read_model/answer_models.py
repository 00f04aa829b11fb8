"""What the answers of every room have in common. Times are RFC 3339 in UTC.

An answer's model is its only description. Members are written in the order of the fields, and only those that the handler sets: a member
that may be absent has a default, which is not written unless it is set.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class AnswerModel(BaseModel):
    """An object with these members and no others."""

    model_config = ConfigDict(extra="forbid")


class NamedRegion(AnswerModel):
    """A region by code, and by the name of its centre municipality."""

    code: str
    name: str


class Aged(AnswerModel):
    """When the answer was true, and whether that is longer ago than it should be."""

    world: Literal["simulated", "imported"] | None = Field(default=None, description="Only of a country that is not the real one")
    clock: str | None = Field(default=None, description="The same: what its clock says, from which the age of `as_of` follows")
    as_of: str | None
    age_seconds: int = Field(description="How long ago that was")
    degraded: bool = Field(description="It is older than it should be, or the log is away")
    can_hold: bool = Field(description="Whether anything can be held now: not while the log is away, or nothing is decided")
    duty_list: str = Field(description="Where the telephone numbers are of who is on duty, for when this is too old to go by")


class Hiding(Aged):
    """How much is not shown because its partition of the log stands still."""

    hidden_shelters: int = Field(description="Shelters that are not shown because their numbers are not kept up at the moment")


class Reached(Aged):
    """Whether the answer shows what the caller wanted to see at least."""

    at_least_reached: bool | None = Field(default=None, description="Only when `atLeast` was asked for")
