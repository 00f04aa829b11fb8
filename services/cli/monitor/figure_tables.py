"""Figures on a terminal: a table each, with the time they are about, how much of the country they rest on, and what is left out."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.adapters.dutch_time import ZONE
from services.adapters.regions import PROVINCE_NAMES, RegionRow
from services.cli.monitor.figure_source import open_figures
from services.cli.output.tables import plain_table, print_drawing
from services.monitor.figures.definitions import DEFINITIONS
from services.monitor.figures.serialization import FigureDocument, FiguresDocument, RowDocument, to_csv, to_document, to_excel, to_rows
from services.monitor.query import Query
from services.monitor.report.translations import FORGOTTEN, code, number

Form = Literal["table", "json", "csv", "excel"]
_FILES: Final[Mapping[Form, Callable[[Sequence[Sequence[Any]]], bytes]]] = {"csv": to_csv, "excel": to_excel}


def print_figures(data: Path | None, world: str | None, query: Query, form: Form) -> None:
    """Print the answer to a query. Raises UserError."""
    with open_figures(data, world, *audited_words(query)) as source:
        document = to_document(source.ask(query))
    if form == "table":
        print_drawing(draw([document], source.regions))
    elif form == "json":
        typer.echo(document.to_json(indent=2).decode())
    else:
        typer.echo(_FILES[form](to_rows([document])).decode(), nl=False)


def audited_words(query: Query) -> tuple[str, ...]:
    """Return what the audit log records of a query: the names of its members, with the values of those that are codes, as over HTTP."""
    need = query.household.need if query.household else None
    coded = {
        "figure": query.figures,
        "by": query.by,
        "region": (query.scope.region,),
        "kind": (query.scope.kind,),
        "feature": need.features if need else (),
        "service": need.services if need else (),
        "security": (need.security,) if need else (),
        "excludeRegion": query.household.exclude_regions if query.household else (),
    }
    named = {"at": query.at, "period": query.period, "knownAt": query.as_known_at, "household": query.household}
    words = {f"{name}={value}" for name, values in coded.items() for value in values if value}
    return tuple(sorted(words | {name for name, value in named.items() if value is not None}))


def draw(documents: Sequence[FiguresDocument], regions: Mapping[str, RegionRow]) -> RenderableType:
    """Draw results of one moment: what they rest on once, figures of a single number together, and a table for each other one."""
    figures = [figure for document in documents for figure in document.figures]
    single = [figure for figure in figures if len(figure.rows) == 1]
    tables = (_table(figure, regions) for figure in figures if len(figure.rows) > 1)
    return Group(*_basis(documents[0]), *([_numbers(single)] if single else []), *tables)


def _basis(document: FiguresDocument) -> Iterator[Text]:
    simulated = "Simulated: this country was made up. " if document.simulated else ""
    heard = f"{number(document.heard_of, 'share').en} of shelters heard of"
    known = f"by what was logged up to {clock(document.known_at)}" if document.known_at else "nothing was logged"
    yield Text(f"{simulated}{heard}; {known}", style="dim")


def _numbers(figures: Sequence[FigureDocument]) -> RenderableType:
    """Draw figures of a single number, a line each."""
    table = plain_table("")
    table.add_column("", justify="right")
    table.add_column("")
    table.add_column("of", justify="right")
    for figure in figures:
        row = figure.rows[0]
        unit = "" if figure.unit == "share" else figure.unit
        table.add_row(DEFINITIONS[figure.figure].en.name, _value(row, figure), unit, "" if row.n is None else f"{row.n:,}")
    return Group(Text(f"\n{_when(figures[0].rows[0])}", style="bold"), table)


def _table(figure: FigureDocument, regions: Mapping[str, RegionRow]) -> RenderableType:
    """Draw a figure: a line a place and time, with its parts beside it; of the whole alone a line a part. What is to come is left out."""
    whole = figure.rows[0]
    name, has_length = DEFINITIONS[figure.figure].en.name, whole.start != whole.end
    rows = [row for row in figure.rows if row.start != row.end or not has_length]
    parts = list(dict.fromkeys(_part(row) for row in rows if row.part))
    title = Text(f"\n{name}{f' ({figure.unit})' if parts else ''}, {_when(whole)}", style="bold")
    if not any(not row.part for row in rows[1:]):
        return Group(title, _lines(((_part(row) or _place(row, regions), _value(row, figure)) for row in rows), ["", figure.unit]))
    lines: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        start = "" if (row.start, row.end) == (whole.start, whole.end) else clock(row.start)
        lines.setdefault((_place(row, regions), start), {})[_part(row)] = _value(row, figure)
    has_times = any(start for _, start in lines)
    headings = ["", *(["from"] if has_times else []), "in all" if parts else figure.unit, *parts]
    values = (
        [place, *([start] if has_times else []), *(line.get(part, "") for part in ("", *parts))] for (place, start), line in lines.items()
    )
    return Group(title, _lines(values, headings))


def _lines(lines: Iterable[Sequence[str]], headings: Sequence[str]) -> Table:
    """Return a table whose numbers are to the right."""
    table = plain_table()
    for heading in headings:
        table.add_column(heading, justify="left" if heading in {"", "from"} else "right")
    for line in lines:
        table.add_row(*line)
    return table


def _when(row: RowDocument) -> str:
    return f"at {clock(row.start)}" if row.start == row.end else f"from {clock(row.start)} to {clock(row.end)}"


def _value(row: RowDocument, figure: FigureDocument) -> str:
    if row.forgotten:
        return FORGOTTEN.en
    return "too few" if row.too_few else number(row.value, DEFINITIONS[figure.figure].unit).en


def _place(row: RowDocument, regions: Mapping[str, RegionRow]) -> str:
    place = regions[row.region].name if row.region else PROVINCE_NAMES[row.province] if row.province else "Netherlands"
    if row.kind is None:
        return place
    kind = code(row.kind).en
    return f"{place}, {kind}" if row.region or row.province else kind


def _part(row: RowDocument) -> str:
    return ", ".join(code(value).en for value in (row.part or {}).values())


def clock(text: str) -> str:
    """Write an RFC 3339 time by the Dutch clock, with its offset: an hour of October comes twice."""
    local = datetime.fromisoformat(text).astimezone(ZONE)
    return f"{local:%Y-%m-%d %H:%M} ({local:%z})"
