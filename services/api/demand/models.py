"""Answers about fallbacks and waiting lists. Times are RFC 3339 in UTC."""

from typing import Literal

from pydantic import Field

from services.api.read_model.answer_models import Aged, AnswerModel

FittingNow = Literal["yes", "call_first", "no", "not_told"]
Status = Literal["logged", "queued", "unchanged"]
_STATUS = "`logged`, or `queued` on disk until Kafka answers. `unchanged`: it had ended before, and that end counts (D3)"
_VISIBLE = "Every reader sees it already"
_NEED = "`forgotten`: what the household needs is no longer kept, 30 days after it was logged. `unavailable`: it can't be read now"
_OUTCOME = "With `unchanged`: how it ended, as it stands"
_OCCURRED_AT = "With `unchanged`: when it ended, as it stands"


class LooksDouble(AnswerModel):
    """Such a household was logged less than ten minutes ago by the same person or desk: `fallback` is that one."""

    code: Literal["looks_double"]
    nl: str
    en: str
    fallback: str


class FallbackAnswer(AnswerModel):
    """A fallback that was ended or taken back."""

    fallback: str
    status: Status = Field(description=_STATUS)
    visible: bool = Field(description=_VISIBLE)
    outcome: str | None = Field(default=None, description=_OUTCOME)
    occurred_at: str | None = Field(default=None, description=_OCCURRED_AT)


class FallbackStartedAnswer(AnswerModel):
    """A fallback that was started."""

    fallback: str
    evidence: Literal["complete", "unavailable"] = Field(description="What the server knew of free places then")
    fitting_now: FittingNow = Field(description="Whether something fits the household, outside its excluded regions")
    duty_list: str
    warnings: list[LooksDouble] = Field(default_factory=list)
    status: Status = Field(description=_STATUS)
    visible: bool = Field(description=_VISIBLE)


class NotLoggedAnswer(AnswerModel):
    """Asked first: something fits, or a shelter is to be called first, so nothing was logged. Hold it, or send it without `ask_first`."""

    status: Literal["not_logged"]
    fitting_now: Literal["yes", "call_first"]
    duty_list: str


class EntryAnswer(AnswerModel):
    """An entry of a waiting list that was joined or left."""

    entry: str
    status: Status = Field(description=_STATUS)
    visible: bool = Field(description=_VISIBLE)
    outcome: str | None = Field(default=None, description=_OUTCOME)
    occurred_at: str | None = Field(default=None, description=_OCCURRED_AT)


class OpenFallback(AnswerModel):
    """A household that is put up now."""

    fallback: str
    region: str
    accommodation: str
    adults: int
    men: int | None = Field(description="How many of the adults are men; null where `need` is not known")
    children: int
    oldest_son_age: int | None = Field(description="null: no son, or `need` is not known")
    need: Literal["known", "forgotten", "unavailable"] = Field(description=_NEED)
    reason: str
    occurred_at: str


class OpenCases(Aged):
    """How much is not shown because its partition of the log stands still."""

    hidden_cases: int = Field(description="Cases that are not shown because their partition is not kept up at the moment")


class FallbacksAnswer(OpenCases):
    """What is open, the earliest first."""

    fallbacks: list[OpenFallback]


class OpenEntry(AnswerModel):
    """A household that waits; `position` is 1 for the first of its region and kind."""

    entry: str
    region: str
    kind: str
    adults: int
    children: int
    occurred_at: str
    position: int


class EntriesAnswer(OpenCases):
    """Who waits, the earliest first."""

    entries: list[OpenEntry]
