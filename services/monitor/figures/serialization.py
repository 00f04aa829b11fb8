"""The written forms of a result: one JSON document, or rows of which each can stand alone, as CSV (RFC 4180, or for Excel) or Parquet.

Guarantees: the same result gives the same bytes; what is unknown is null, and `unknown` in CSV; never 0, never an empty field.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO, StringIO
from typing import Any, Final, Literal, NamedTuple

from pydantic import Field

from services.adapters import rfc3339
from services.adapters.dutch_time import local_ns
from services.monitor.figures.definitions import Document
from services.monitor.figures.result import Figure, FigureResult, FigureRow
from services.monitor.query import Offsets

Type = Literal["text", "time", "whole", "number", "yes or no"]
UNKNOWN: Final = "unknown"


class Column(NamedTuple):
    """A column of the rows: its name, its type, and what it means."""

    name: str
    type: Type
    description: str


COLUMNS: Final = (
    Column("figure", "text", "The figure, by the name of its definition"),
    Column("version", "whole", "The version of that definition"),
    Column("unit", "text", "What the value counts; of a share it is 1 for all"),
    Column("province", "text", "The province (PV20 to PV31), or nothing: all of them"),
    Column("region", "text", "The region (R01 to R35), or nothing: all of them"),
    Column("kind", "text", "The kind of unit, or nothing: all of them"),
    Column("start", "time", "From when, in UTC; of an instant the same as the end"),
    Column("end", "time", "Until when, in UTC, that instant excluded"),
    Column("part", "text", "Which part of the whole, such as reason=at_night; several with a semicolon; nothing: the whole"),
    Column("value", "number", "The number; nothing known: null, in CSV `unknown`"),
    Column("too_few", "yes or no", "Whether the value is left out, because too few shelters or organisations make up its cell"),
    Column("forgotten", "yes or no", "Whether the value is not known because a need it depends on is no longer kept"),
    Column("n", "whole", "So many units, stays, households or requests stand behind it, where that was counted"),
    Column("shelters", "whole", "Of so many shelters, where shelters are part of it"),
    Column("heard_of", "number", "Share of registered shelters that were heard of within the limit; null: no shelter is registered"),
    Column("known_at", "time", "The clock of the last record that was looked at, in UTC"),
    Column("simulated", "yes or no", "Whether this is a country that was made up"),
)
"""The data dictionary of the rows."""


class RowDocument(Document):
    """One number; what it is not about is left out."""

    province: str | None = None
    region: str | None = None
    kind: str | None = None
    start: str
    end: str
    part: dict[str, str] | None = None
    value: int | float | None = Field(description="null: unknown, never 0; or `too_few`, or `forgotten`")
    too_few: bool | None = Field(default=None, description="true: left out, as too few shelters or organisations make up the cell")
    forgotten: bool | None = Field(
        default=None, description="true: a need it depends on is no longer kept, and it was not worked out before"
    )
    n: int | None = Field(default=None, description="So many units, stays, households or requests stand behind it")
    shelters: int | None = None


class FigureDocument(Document):
    """The numbers of one figure: the whole first."""

    figure: str
    version: int
    unit: str
    rows: list[RowDocument]


class FiguresDocument(Document):
    """A result, with what it was computed from. Times are RFC 3339 in UTC."""

    simulated: bool = Field(description="Whether this is a country that was made up")
    heard_of: float | None = Field(description="Share of registered shelters that were heard of within the limit")
    known_at: str | None = Field(description="The clock of the last record that was looked at; to an analyst the hour up to which")
    fold_version: int
    offsets: dict[str, dict[str, int]] = Field(description="By topic and partition the last offset that was looked at; to an analyst none")
    figures: list[FigureDocument]


def time(ms: int | None) -> str | None:
    """Write an instant as RFC 3339 in UTC."""
    return None if ms is None else rfc3339.show_ms(ms)


def to_document(result: FigureResult) -> FiguresDocument:
    """Write a result as one document."""
    return FiguresDocument(
        simulated=result.simulated,
        heard_of=result.coverage,
        known_at=time(result.shown_clock),
        fold_version=result.fold_version,
        offsets=sorted_offsets(result.shown_offsets),
        figures=[_figure(figure) for figure in result.figures],
    )


def sorted_offsets(offsets: Offsets) -> dict[str, dict[str, int]]:
    """Write offsets by topic and partition, each in its order."""
    return {topic: {str(partition): offset for partition, offset in sorted(by.items())} for topic, by in sorted(offsets.items())}


def _figure(figure: Figure) -> FigureDocument:
    definition = figure.definition
    rows = [RowDocument(**_members(row)) for row in figure.rows]
    return FigureDocument(figure=definition.figure, version=definition.version, unit=definition.unit, rows=rows)


def _members(row: FigureRow) -> dict[str, Any]:
    scope = {"province": row.scope.province, "region": row.scope.region, "kind": row.scope.kind}
    weight = {"n": row.weight.n, "shelters": row.weight.shelters} if row.weight else {}
    optional = (
        scope
        | weight
        | {"part": dict(sorted(row.part.items())) or None, "too_few": row.too_few or None, "forgotten": row.forgotten or None}
    )
    known = {name: value for name, value in optional.items() if value is not None}
    return known | {"start": time(row.start), "end": time(row.end), "value": row.value}


def to_rows(documents: Iterable[FiguresDocument]) -> list[tuple[Any, ...]]:
    """Write documents as rows, in the order of COLUMNS; a row of two documents is written once."""
    return list(dict.fromkeys(row for document in documents for row in _rows(document)))


def _rows(document: FiguresDocument) -> Iterator[tuple[Any, ...]]:
    source = document.heard_of, document.known_at, document.simulated
    for figure in document.figures:
        for row in figure.rows:
            part = ";".join(f"{by}={name}" for by, name in (row.part or {}).items()) or None
            scope = row.province, row.region, row.kind
            number = row.value, bool(row.too_few), bool(row.forgotten), row.n, row.shelters
            yield (figure.figure, figure.version, figure.unit, *scope, row.start, row.end, part, *number, *source)


def to_csv(rows: Sequence[Sequence[Any]], columns: Sequence[Column] = COLUMNS) -> bytes:
    """Write rows as CSV with a header. No value of the monitor begins as a formula of a spreadsheet does."""
    return _lines(rows, columns, ",", _cell).encode()


def to_excel(rows: Sequence[Sequence[Any]], columns: Sequence[Column] = COLUMNS) -> bytes:
    """Write rows as a Dutch Excel opens them: semicolons, decimal commas, times of the Dutch clock, and a byte order mark in front."""
    return _lines(rows, columns, ";", _excel_cell).encode("utf-8-sig")


def _lines(rows: Sequence[Sequence[Any]], columns: Sequence[Column], delimiter: str, cell: Callable[[Any, Column], Any]) -> str:
    out = StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow([column.name for column in columns])
    writer.writerows([cell(value, column) for value, column in zip(row, columns, strict=True)] for row in rows)
    return out.getvalue()


def _excel_cell(value: Any, column: Column) -> Any:
    if value is not None and column.type == "time":
        return f"{local_ns(rfc3339.parse(value)):%Y-%m-%d %H:%M:%S}"
    cell = _cell(value, column)
    return str(cell).replace(".", ",") if isinstance(cell, float) else cell


def _cell(value: Any, column: Column) -> Any:
    if value is None:
        return UNKNOWN if column.type == "number" else ""
    return str(value).lower() if isinstance(value, bool) else value


def to_parquet(rows: Sequence[Sequence[Any]], columns: Sequence[Column] = COLUMNS) -> bytes:
    """Write rows as Parquet, with the description of each column in its metadata."""
    import pyarrow as pa  # noqa: PLC0415  forty megabytes, for the callers who ask for it
    import pyarrow.parquet as pq  # noqa: PLC0415  the same

    types = {"text": pa.string(), "time": pa.string(), "whole": pa.int64(), "number": pa.float64(), "yes or no": pa.bool_()}
    schema = pa.schema([pa.field(column.name, types[column.type], metadata={"description": column.description}) for column in columns])
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [pa.array(_numbers(of_column, column), field.type) for of_column, column, field in zip(values, columns, schema, strict=True)]
    out = BytesIO()
    pq.write_table(pa.table(arrays, schema=schema), out, compression="zstd")
    return out.getvalue()


def _numbers(values: Sequence[Any], column: Column) -> list[Any]:
    return [float(value) if column.type == "number" and value is not None else value for value in values]
