"""Requests and answers about the duty list. Times are RFC 3339 in UTC."""

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from services.adapters.codec.validation import FieldProblem
from services.api.read_model.answer_models import AnswerModel, NamedRegion
from services.domain.events import value_types as v
from services.domain.search.duty_numbers import dialable


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyForm:
    """The number to phone for an organisation in a region."""

    phone: v.Phone

    def broken_rules(self) -> list[FieldProblem]:
        """Check that there is something to dial."""
        return [] if dialable(self.phone) else [FieldProblem("/phone", "bad_format")]


class DutyNumber(AnswerModel):
    """One number to phone."""

    organisation: str
    region: NamedRegion
    phone: str
    kind: Literal["duty", "intake"] = Field(description="`duty`: a coordinator entered it. `intake`: that of a shelter")
    since: str = Field(description="When it was entered, or first chosen")
    phone_before: str | None = Field(default=None, description="For 72 hours after the shelter's phone was changed: the one before")
    phone_changed_at: str | None = None


class DutyListAnswer(AnswerModel):
    """The duty list, by region name and organisation; `world` and `clock` where the country is not the real one."""

    world: str | None = None
    clock: str | None = None
    as_of: str | None = Field(description="When it was last known to be right; null: never yet")
    entries: list[DutyNumber]


class TakenBack(AnswerModel):
    """What came of it: `unchanged` where no number was entered."""

    status: Literal["taken-back", "unchanged"]
