"""The shapes of the monitor's answers, for OpenAPI alone: the tests hold every answer against them. Times are RFC 3339 in UTC."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    """An object with these members and no others."""

    model_config = ConfigDict(extra="forbid")


class RowShape(Shape):
    """One number; what it is not about is left out."""

    province: str | None = None
    region: str | None = None
    kind: str | None = None
    start: str
    end: str
    part: dict[str, str] | None = None
    value: int | float | None = Field(description="null: unknown, never 0")
    n: int | None = Field(default=None, description="So many units, stays, households or requests stand behind it")
    shelters: int | None = None


class FigureShape(Shape):
    """The numbers of one figure: the whole first."""

    figure: str
    version: int
    unit: str
    rows: list[RowShape]


class FiguresShape(Shape):
    """An answer, with what it was worked out from."""

    simulated: bool = Field(description="Whether this is a country that was made up")
    heard_of: float | None = Field(description="Share of registered shelters that were heard of within the limit")
    known_at: str | None = Field(description="The clock of the last record that was looked at")
    fold_version: int
    offsets: dict[str, dict[str, int]] = Field(description="By topic and partition the last offset that was looked at")
    figures: list[FigureShape]


class SaidShape(Shape):
    """A name and a sentence."""

    name: str
    definition: str


class DefinitionShape(Shape):
    """What a figure is."""

    figure: str
    version: int
    unit: str
    when: Literal["instant", "period", "either"]
    by_kind: bool
    parts: list[str]
    needs_household: bool
    en: SaidShape
    nl: SaidShape
    source: str


class NotToldShape(Shape):
    """What people ask for and is not given, and why."""

    id: str
    en: SaidShape
    nl: SaidShape


class ColumnShape(Shape):
    """A column of the rows of CSV and Parquet."""

    column: str
    type: str
    description: str


class DefinitionsShape(Shape):
    """The data dictionary."""

    definitions: list[DefinitionShape]
    not_told: list[NotToldShape]
    columns: list[ColumnShape]


class SnapshotShape(Shape):
    """The country as it was known at an instant, and the day before it."""

    snapshot: str
    version: str
    now: FiguresShape
    by_province: FiguresShape
    by_kind: FiguresShape
    day: FiguresShape


class SnapshotsShape(Shape):
    """The instants of the snapshots that are out, the latest last."""

    snapshots: list[str]


class CellShape(Shape):
    """One number of a release; null: hidden, or nothing to tell."""

    figure: str
    area: str
    period: str
    value: int | None


class RulesShape(Shape):
    """By which rules a number is told."""

    least: int
    least_shelters: int
    largest_share: float
    rounded_to: int


class ReleaseShape(Shape):
    """A published release."""

    release: str
    version: int
    simulated: bool
    known_at: str | None
    fold_version: int
    offsets: dict[str, dict[str, int]]
    heard_of: float | None
    rules: RulesShape
    figures: dict[str, SaidShape]
    areas: dict[str, str]
    cells: list[CellShape]


class NamedShape(Shape):
    """A release by its period and version."""

    release: str
    version: int


class ReleasesShape(Shape):
    """The releases that are out."""

    releases: list[NamedShape]
