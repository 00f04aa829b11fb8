"""A sheet as a table: which row names the columns, what the columns mean, which rows are of the table.

A title above the header is left out. A header may be of two rows, where a name stands above several columns. Columns that mean nothing here
are listed by their name and their values are never looked at.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from services.adapters.spreadsheets.cells import Row, Sheet, Value
from services.adapters.spreadsheets.column_names import FIELDS, Kind, field_of, fold, looks_dated, looks_personal

# A title with its notes is shorter than this
_HEADER_WITHIN: Final = 40
_FEWEST_NAMES: Final = 2
_TOTAL: Final = re.compile("(?:sub)?tota|som$|som |sum$|gemiddeld|average|grand|eindtotaal", re.IGNORECASE)
_REGISTRATION: Final = frozenset(
    {
        *("region", "security", "audience", "intake_phone", "max_son_age", "languages", "organisation"),
        *("beds", "overflow", "features", "max_adults"),
    }
)
_HOUSEHOLD: Final = frozenset({"household", "adults", "women", "men", "children", "persons", "status"})
_EXAMPLES: Final = ("voorbeeld", "example")
NOTHING: Final = "-"
"""What `--map` gives a column that is not to be read."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a table. `values` are by field; `spread` are those with a value of a merged cell above."""

    number: int
    values: Mapping[str, Value]
    spread: frozenset[str] = frozenset()
    hidden: bool = False

    def text(self, name: str) -> str | None:
        """Return a value as a text: a whole number without its fraction."""
        value = self.values.get(name)
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return None if value is None else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetTable:
    """The rows of one sheet below its header. `not_read` and `personal` are names of columns."""

    sheet: str
    kind: Kind
    columns: Mapping[str, int]
    names: Mapping[str, str]
    """The name of the column of each field, as it stands in the file."""
    header: int
    rows: Sequence[TableRow]
    totals: tuple[int, ...] = ()
    loose: Mapping[int, str] = field(default_factory=dict)
    """Rows with one text only, by their number: a remark below the table, the name of the group below it, or an empty unit."""
    examples: tuple[int, ...] = ()
    """Rows of a template that were left in."""
    not_read: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    """Columns that mean what another one before them means."""
    epoch_1904: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    """What the caller has said: the kind of the sheets, columns by their name, and values for every row."""

    kind: Kind | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    """The field of a column, by its folded name."""
    constants: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Header:
    row: int
    """The place of the row, from 0, among the rows of the sheet."""
    labels: Mapping[int, str]
    fields: Mapping[int, str]

    @property
    def known(self) -> int:
        return len(set(self.fields.values()))


def find_table(sheet: Sheet, choices: Choices) -> SheetTable | None:
    """Return the table of a sheet; None where no row has enough names of columns."""
    for kind in (choices.kind,) if choices.kind else ("stays", "shelters", "occupancy"):
        header = _find_header(sheet, kind, choices)
        if header is not None and (choices.kind or _is_of(kind, {*header.fields.values(), *choices.constants})):
            return _table(sheet, kind, header, choices)
    return None


def unknown_dates(table: SheetTable) -> list[str]:
    """Return the names of columns that look like dates and are not read."""
    return [name for name in (*table.not_read, *table.personal) if looks_dated(name)]


def _is_of(kind: Kind, fields: set[str]) -> bool:
    """Return whether fields make this kind of sheet."""
    match kind:
        case "stays":
            return "end" in fields and bool({"begin", "unit", "kind"} & fields)
        case "shelters":
            registered = len(_REGISTRATION & fields) >= _FEWEST_NAMES
            return registered or (bool(_REGISTRATION - {"max_adults"} & fields) and "unit" in fields)
        case "occupancy":
            return bool({"unit", "kind"} & fields) and bool(_HOUSEHOLD & fields)


def _find_header(sheet: Sheet, kind: Kind, choices: Choices) -> _Header | None:
    """Return the row that names most columns, the first of such rows."""
    headers = [_header(sheet, place, kind, choices) for place in range(min(len(sheet.rows), _HEADER_WITHIN))]
    best = max(headers, key=lambda header: header.known, default=None)
    fewest = 1 if choices.kind or choices.columns else _FEWEST_NAMES
    return best if best is not None and best.known >= fewest else None


def _header(sheet: Sheet, place: int, kind: Kind, choices: Choices) -> _Header:
    row, above = sheet.rows[place], sheet.rows[place - 1] if place else None
    upper = _labels(above) if above is not None and above.number == row.number - 1 else {}
    labels, fields = {}, {}
    group = ""
    for column in range(max([*upper, -1, len(row.cells) - 1]) + 1):
        group = upper.get(column, group)
        own = row.cell(column)
        label = own if isinstance(own, str) else upper.get(column, "") if own is None else ""
        for candidate in (label, f"{group} {label}" if own else ""):
            if candidate and (name := _mapped(candidate, kind, choices)):
                labels[column], fields[column] = candidate, name
                break
        else:
            if label:
                labels[column] = label
    return _Header(place, labels, _with_kind(labels, fields))


def _with_kind(labels: Mapping[int, str], fields: dict[int, str]) -> dict[int, str]:
    """Return the fields of columns; beside another column of children "Kind" is not Dutch for a child."""
    children = [column for column, name in fields.items() if name == "children"]
    if len(children) > 1 and "kind" not in fields.values():
        fields |= {column: "kind" for column in children if fold(labels[column]) == "kind"}
    return fields


def _labels(row: Row) -> dict[int, str]:
    return {column: cell for column, cell in enumerate(row.cells) if isinstance(cell, str)}


def _mapped(label: str, kind: Kind, choices: Choices) -> str | None:
    said = choices.columns.get(fold(label))
    return said if said is not None and (said == NOTHING or said in FIELDS[kind]) else field_of(label, kind)


def _table(sheet: Sheet, kind: Kind, header: _Header, choices: Choices) -> SheetTable:
    columns: dict[str, int] = {}
    names, twice, unread = {}, [], []
    said = {column for column, label in header.labels.items() if fold(label) in choices.columns}
    for column in sorted(header.labels, key=lambda column: (column not in said, column)):
        name, label = header.fields.get(column), " ".join(header.labels[column].split())
        if name is None or name == NOTHING:
            unread.append((column, label))
        elif name in columns:
            twice.append(label)
        else:
            columns[name], names[name] = column, label
    unread_labels = [label for _, label in sorted(unread)]
    body = [row for row in sheet.rows[header.row + 1 :] if not _repeats(row, header)]
    totals, loose = _asides(body, columns)
    examples = tuple(row.number for row in body if _is_example(row, columns))
    return SheetTable(
        sheet=sheet.name,
        kind=kind,
        columns=columns,
        names=names,
        header=sheet.rows[header.row].number,
        rows=tuple(_rows(body, columns, choices.constants, _not_rows(body, columns, {*totals, *examples}, loose))),
        totals=totals,
        loose=loose,
        examples=examples,
        not_read=tuple(label for label in unread_labels if not looks_personal(label)),
        personal=tuple(label for label in unread_labels if looks_personal(label)),
        twice=tuple(twice),
        epoch_1904=sheet.epoch_1904,
    )


def _repeats(row: Row, header: _Header) -> bool:
    """Return whether a row is the header again, as at the top of each printed page."""
    same = sum(row.cell(column) == label for column, label in header.labels.items())
    return same >= _FEWEST_NAMES and same * 2 > len(header.labels)


def _is_example(row: Row, columns: Mapping[str, int]) -> bool:
    """Return whether a row names its shelter or unit as an example."""
    texts = [row.cell(columns[name]) for name in ("shelter", "name", "unit") if name in columns]
    return any(isinstance(text, str) and fold(text).startswith(_EXAMPLES) for text in texts)


def _asides(body: Sequence[Row], columns: Mapping[str, int]) -> tuple[tuple[int, ...], dict[int, str]]:
    """Return the rows of totals, and those with one text only."""
    totals, loose = [], {}
    for row in body:
        texts = [cell for cell in row.cells if isinstance(cell, str)]
        filled = [column for column, cell in enumerate(row.cells) if cell is not None]
        if any(_TOTAL.match(text) for text in texts[:2]):
            totals.append(row.number)
        elif len(set(map(row.cell, filled))) == 1 and len(columns) > 1 and texts:
            loose[row.number] = texts[0]
    return tuple(totals), loose


def _not_rows(body: Sequence[Row], columns: Mapping[str, int], others: Iterable[int], loose: Collection[int]) -> set[int]:
    """Return the lines that are no rows of the table. One with nothing but a unit is a row: that unit is empty."""
    unit = columns.get("unit")
    return {*others, *(row.number for row in body if row.number in loose and (unit is None or row.cell(unit) is None))}


def _rows(body: Sequence[Row], columns: Mapping[str, int], constants: Mapping[str, str], left_out: set[int]) -> Iterator[TableRow]:
    for row in body:
        values = {name: row.cell(column) for name, column in columns.items()}
        if all(value is None for value in values.values()) or row.number in left_out:
            continue
        values |= {name: text for name, text in constants.items() if values.get(name) is None}
        spread = frozenset(name for name, column in columns.items() if column in row.spread)
        yield TableRow(row.number, values, spread, row.hidden)
