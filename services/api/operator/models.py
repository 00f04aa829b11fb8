"""Answers for operators and auditors. Times are RFC 3339 in UTC."""

from typing import Any, Literal

from pydantic import Field

from services.api.read_model.answer_models import AnswerModel
from services.api.shelters.models import Anomalies, CountsShape


class AuditRecord(AnswerModel):
    """One record, with its place in the log and the broker's time; null where the log holds something else."""

    offset: int
    logged_at: str
    record: dict[str, Any] | None = Field(
        description="Chain, number and the record before; the fields of NEN 7513, with pseudonyms in place of shelters, organisations and"
        " regions"
    )


class AuditAnswer(AnswerModel):
    """A page of the audit log."""

    records: list[AuditRecord]
    next: int = Field(description="Where the next page begins")
    end: int = Field(description="Where the log ended when this page was read")


class HoldState(AnswerModel):
    """What became of a request."""

    status: Literal["refused", "granted", "expired", "declined", "released", "fulfilled", "overtaken"]
    unit: str | None
    reason: str | None


class ShelterNumbers(AnswerModel):
    """The numbers of a shelter."""

    region: str | None
    counts: CountsShape
    overflow: CountsShape
    anomalies: Anomalies


class StateAnswer(AnswerModel):
    """The whole state, as the fold has it."""

    world: Literal["simulated", "imported"] | None = Field(default=None, description="Only of a country that is not the real one")
    clock: str | None = Field(default=None, description="The same: what its clock says, from which the age of `as_of` follows")
    at_least_reached: bool | None = Field(default=None, description="Only when `atLeast` was asked for")
    shelters: dict[str, ShelterNumbers]
    holds: dict[str, HoldState] = Field(description="By `shelter/hold`")
    dead_letters: int
    regions: dict[str, CountsShape]
    national: CountsShape
    as_of: str | None
    age_seconds: int = Field(description="How long ago that was")
    degraded: bool = Field(description="It is older than it should be, or the log is away")
    can_hold: bool = Field(description="Whether anything can be held now: not while the log is away, or nothing is decided")
    duty_list: str = Field(description="Where the telephone numbers are of who is on duty, for when this is too old to go by")
    rebuilding: bool = Field(description="A partition is not at the end of its log yet: these numbers are of the past")
    positions: dict[str, int | None] = Field(description="Offset by partition; null where nothing was ever folded")
    halted: dict[str, str] = Field(description="By partition, why it stands still")
