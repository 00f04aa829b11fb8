"""The answers of several rooms. Times are RFC 3339 in UTC."""

from typing import Literal

from pydantic import Field

from services.api.read_model.answer_models import AnswerModel, Hiding, Reached

State = Literal["occupied", "closed", "held", "paused", "unknown", "free"]


class CountsShape(AnswerModel):
    """Units by state; capacity is the sum of the other six."""

    capacity: int
    occupied: int
    closed: int
    held: int
    paused: int
    unknown: int
    free: int


class DiscrepancyShape(AnswerModel):
    """A count by hand that differed from what the facts gave."""

    reported: int
    computed: int


class Anomalies(AnswerModel):
    """What does not fit together: shown, never guessed away."""

    double_occupied: list[str]
    undeclared_unit: list[str]
    discrepancy: DiscrepancyShape | None


class PositionShape(AnswerModel):
    """Where the partition stood when it was read: a token to be used as `atLeast`, and for an operator in numbers."""

    at_least: str
    partition: int | None = None
    offset: int | None = None


class Closed(AnswerModel):
    """Why something is closed or paused, and until when that was expected (it reopens nothing)."""

    reason: str
    expected_until: str | None


class HeldShape(AnswerModel):
    """The hold on a unit, live until."""

    hold: str
    until: str
    adults: int | None = None
    children: int | None = None
    accepted: bool | None = Field(default=None, description="The shelter has said that the household can come")


class StayShape(AnswerModel):
    """A household that is present."""

    stay: str
    adults: int
    children: int
    since: str
    expected_at: str | None


class UnitShape(AnswerModel):
    """One unit; `stays` for its own shelter only."""

    unit: str
    declared: bool
    state: State
    kind: str | None
    overflow: bool
    max_adults: int
    max_children: int
    beds: int
    features: list[str]
    closed: Closed | None
    held: HeldShape | None
    stays: list[StayShape] | None = None


class HoldWaiting(AnswerModel):
    """A hold the shelter has not answered yet."""

    hold: str
    unit: str
    desk: str
    adults: int
    children: int
    requested_at: str
    until: str


class WaitingHold(AnswerModel):
    """A hold that no shelter has answered yet, as the coordinator of its region reads it."""

    hold: str
    shelter: str
    region: str
    unit: str
    desk: str = Field(description="The desk to phone, as the shelter sees it")
    adults: int
    children: int
    since: str
    until: str
    minutes_waiting: int


class WaitingHoldsAnswer(Hiding):
    """The holds that wait for an answer, those that wait longest first."""

    holds: list[WaitingHold]


class Registration(AnswerModel):
    """Who a shelter is for, as it was registered."""

    shelter: str
    name: str
    organisation: str
    region: str
    security: str
    audience: list[str]
    max_son_age: int | None
    languages: list[str]
    services: list[str]
    intake_phone: str
    phone_before: str | None = Field(default=None, description="For 72 hours after the phone was changed: the one before")
    phone_changed_at: str | None = None


class ShelterShape(AnswerModel):
    """One shelter as it is now."""

    shelter: str
    registration: Registration | None
    region: str | None
    counts: CountsShape
    overflow: CountsShape
    anomalies: Anomalies
    freshness: Literal["fresh", "ageing", "unknown"]
    heard_at: str | None
    paused: Closed | None
    units: list[UnitShape]
    holds_waiting: list[HoldWaiting]
    position: PositionShape | None


class ShelterAnswer(Reached):
    """One shelter."""

    shelter: ShelterShape


class SheltersAnswer(Reached):
    """The shelters the caller may see."""

    shelters: list[ShelterShape]
    hidden_shelters: int = Field(
        description="Shelters of the caller that are not shown because their numbers are not kept up at the moment"
    )


class ImportKeyAnswer(AnswerModel):
    """The key of the ids of what is brought in for a shelter."""

    key: str = Field(description="64 hexadecimal digits. The same row of a spreadsheet makes the same ids with it, on every machine")
