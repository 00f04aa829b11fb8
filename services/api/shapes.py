"""The shapes of the answers, for OpenAPI alone: the tests hold every answer against them. Times are RFC 3339 in UTC."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

State = Literal["occupied", "closed", "held", "paused", "unknown", "free"]


class Shape(BaseModel):
    """An object with these members and no others."""

    model_config = ConfigDict(extra="forbid")


class Counts(Shape):
    """Units by state; capacity is the sum of the other six."""

    capacity: int
    occupied: int
    closed: int
    held: int
    paused: int
    unknown: int
    free: int


class Discrepancy(Shape):
    """A count by hand that differed from what the facts gave."""

    reported: int
    computed: int


class Anomalies(Shape):
    """What does not fit together: shown, never guessed away."""

    double_occupied: list[str]
    undeclared_unit: list[str]
    discrepancy: Discrepancy | None


class Position(Shape):
    """Where the partition stood when it was read; usable as `at_least`."""

    partition: int
    offset: int | None


class Closed(Shape):
    """Why something is closed or paused, and until when that was expected (it reopens nothing)."""

    reason: str
    expected_until: str | None


class Held(Shape):
    """The hold on a unit, live until."""

    hold: str
    until: str


class Stay(Shape):
    """A household that is present."""

    stay: str
    adults: int
    children: int
    since: str
    expected_at: str | None


class Unit(Shape):
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
    held: Held | None
    stays: list[Stay] | None = None


class HoldWaiting(Shape):
    """A hold the shelter has not answered yet."""

    hold: str
    unit: str
    desk: str
    adults: int
    children: int
    requested_at: str
    until: str


class Registration(Shape):
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


class Shelter(Shape):
    """One shelter as it is now."""

    shelter: str
    registration: Registration | None
    region: str | None
    counts: Counts
    overflow: Counts
    anomalies: Anomalies
    freshness: Literal["fresh", "ageing", "unknown"]
    heard_at: str | None
    paused: Closed | None
    units: list[Unit]
    holds_waiting: list[HoldWaiting]
    position: Position


class Aged(Shape):
    """When the answer was true, and whether that is longer ago than it should be."""

    world: Literal["simulated", "imported"] | None = Field(default=None, description="Only of a country that is not the real one")
    clock: str | None = Field(default=None, description="The same: what its clock says, to tell by how old `as_of` is")
    as_of: str | None
    degraded: bool


class Reached(Aged):
    """Whether the answer shows what the caller wanted to see at least."""

    at_least_reached: bool | None = Field(default=None, description="Only when `at_least` was asked for")


class ShelterAnswer(Reached):
    """One shelter."""

    shelter: Shelter


class SheltersAnswer(Reached):
    """The shelters the caller may see."""

    shelters: list[Shelter]


class Area(Shape):
    """Neighbouring regions with enough shelters together that none can be told apart."""

    area: str
    provinces: list[str]
    regions: list[str]
    value: Literal["capacity", "no-capacity", "no-capacity-has-waitlist", "unknown"]


class AreasAnswer(Aged):
    """The country by area, worked out once every quarter of an hour."""

    grid: str = Field(description="The quarter of an hour this is of")
    age_seconds: int = Field(description="How long ago the quarter began")
    areas: list[Area]


class AuditRecord(Shape):
    """One record, with its place in the log and the broker's time; null where the log holds something else."""

    offset: int
    logged_at: str
    record: dict[str, Any] | None = Field(description="Chain, number and the record before; the fields of NEN 7513")


class AuditAnswer(Shape):
    """A page of the audit log."""

    records: list[AuditRecord]
    next: int = Field(description="Where the next page begins")


class HoldState(Shape):
    """What became of a request."""

    status: Literal["refused", "granted", "expired", "declined", "released", "fulfilled", "overtaken"]
    unit: str | None
    reason: str | None


class ShelterState(Shape):
    """A shelter's numbers."""

    region: str | None
    counts: Counts
    overflow: Counts
    anomalies: Anomalies


class StateAnswer(Reached):
    """The whole state, as the fold has it."""

    shelters: dict[str, ShelterState]
    holds: dict[str, HoldState] = Field(description="By `shelter/hold`")
    dead_letters: int
    regions: dict[str, Counts]
    national: Counts
    rebuilding: bool = Field(description="A partition is not at the end of its log yet: these numbers are of the past")
    positions: dict[str, int | None] = Field(description="Offset by partition; null where nothing was ever folded")
    halted: dict[str, str] = Field(description="By partition, why it stands still")
