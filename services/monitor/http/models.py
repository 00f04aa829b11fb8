"""The answers that the monitor gives over HTTP alone; figures, snapshots and releases are documents of the rooms that make them."""

from typing import Self

from pydantic import Field

from services.monitor.background.background_work import WorkState
from services.monitor.background.monitor_task import TaskKind
from services.monitor.figures.definitions import DEFINITIONS, UNAVAILABLE, Definition, Document, UnavailableFigure
from services.monitor.figures.serialization import COLUMNS
from services.monitor.publication.release import ReleaseDocument


class ColumnDocument(Document):
    """A column of the rows of CSV and Parquet."""

    column: str
    type: str
    description: str


class DefinitionsDocument(Document):
    """The data dictionary."""

    definitions: list[Definition]
    not_told: list[UnavailableFigure]
    columns: list[ColumnDocument]

    @classmethod
    def complete(cls) -> Self:
        """Return every definition, what is not available, and every column."""
        columns = [ColumnDocument(column=each.name, type=each.type, description=each.description) for each in COLUMNS]
        return cls(definitions=list(DEFINITIONS.values()), not_told=list(UNAVAILABLE), columns=columns)


class WorkProgress(Document):
    """How far a piece of work is: `none` before it was begun, `waiting` for another one; `failed` is begun anew when it is asked for."""

    kind: TaskKind
    year: str
    state: WorkState
    done: int = Field(description="So many steps are done")
    steps: int
    known_at: str | None = Field(description="It has what had been recorded by then")


class DraftDocument(Document):
    """The draft of a release; without one it is being worked out, or there would be nothing new in it."""

    progress: WorkProgress
    draft: ReleaseDocument | None


class SnapshotList(Document):
    """The instants of the published snapshots, the latest last."""

    snapshots: list[str]


class ReleaseName(Document):
    """A release by its period and version."""

    release: str
    version: int


class ReleaseList(Document):
    """The published releases."""

    releases: list[ReleaseName]
