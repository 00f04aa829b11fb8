"""The answers that the monitor gives over HTTP alone; figures, snapshots and releases are documents of the rooms that make them."""

from typing import Self

from services.monitor.figures.definitions import DEFINITIONS, UNAVAILABLE, Definition, Document, UnavailableFigure
from services.monitor.figures.serialization import COLUMNS


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
