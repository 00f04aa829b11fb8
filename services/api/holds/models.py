"""What is requested and answered about holds. Times are RFC 3339 in UTC."""

from dataclasses import dataclass
from typing import Final, Literal

from pydantic import Field

from services.adapters.codec.validation import FieldProblem
from services.api.publishing.request_models import BrokenGlass, Sealed
from services.api.read_model.answer_models import AnswerModel, Hiding
from services.domain.beds.hold_endings import Ending
from services.domain.beds.holds import Refusal, Status
from services.domain.events import value_types as v

UNFIT: Final = "unit_unfit"
"""The reason for declining with which the unit can be closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldForm:
    """The offer that is to be held."""

    offer: Sealed
    break_glass: BrokenGlass | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineForm:
    """Why a shelter can't take a household; with `unit_unfit`, for what the unit is to be closed, if it is."""

    reason: v.DeclineReason
    close_unit: v.ClosingReason | None = None

    def broken_rules(self) -> list[FieldProblem]:
        """Check that only an unfit unit is closed."""
        return [FieldProblem("/close_unit", "unknown_member")] if self.close_unit is not None and self.reason != UNFIT else []


class HoldAnswer(AnswerModel):
    """A hold that the caller sees: an own one, or a live one of a colleague."""

    hold: str
    mine: bool = Field(default=True, description="False: a colleague of the desk has it; `POST .../take-over` makes it the caller's")
    status: Literal["pending", Status]
    as_of: str | None = Field(default=None, description="Up to when what is answered is known to be true; null while it is pending")
    requested_at: str | None = None
    adults: int | None = None
    children: int | None = None
    accepted: bool = False
    extended: bool = False
    region: str | None = Field(default=None, description="Also when it is over; not of a refused one")
    region_name: str | None = None
    kind: str | None = Field(default=None, description="Also when it is over; null where the unit was withdrawn")
    size: Literal["1-2", "3-4", "5+"] | None = Field(default=None, description="For how many persons the unit is")
    until: str | None = Field(default=None, description="While it is live")
    extendable_from: str | None = Field(default=None, description="While it is live and was not extended")
    why: Ending | None = Field(default=None, description="Why it ended, once it is over")
    why_nl: str | None = None
    why_en: str | None = None
    intake_phone: str | None = Field(default=None, description="While it is live, or where `why` is `admitted_same_size`")
    phone_before: str | None = Field(default=None, description="For 72 hours after the phone was changed: the one before")
    phone_changed_at: str | None = None
    features: tuple[str, ...] | None = Field(default=None, description="All that the unit has; this and the next two of live holds")
    services: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    reason: Refusal | None = None
    declined_because: str | None = None


class HoldsAnswer(Hiding):
    """The caller's holds, live or ended within a day, and the live ones of colleagues of the desk."""

    holds: list[HoldAnswer]


class Closable(AnswerModel):
    """The unit that was found unfit: it can be closed, so that it is not offered again."""

    unit: str
    reasons: list[str]


class AnswerAnswer(AnswerModel):
    """A hold as its shelter sees it, after it has answered; while it is pending, its id alone."""

    hold: str
    shelter: str | None = None
    status: Literal["pending", Status]
    unit: str | None = None
    desk: str | None = None
    adults: int | None = None
    children: int | None = None
    until: str | None = None
    accepted: bool = False
    close_unit: Closable | None = Field(default=None, description="Only with `unit_unfit`: send `close_unit` with the decline to close it")
