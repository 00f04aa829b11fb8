"""Excel files, row by row: formulas as the values that Excel last computed, no macros, no links to other files."""

import io
import warnings
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from services.adapters.spreadsheets.cells import Row, Sheet, UnreadableFileError, Value, trimmed
from services.adapters.spreadsheets.csv_reader import MOST_LINES
from services.adapters.spreadsheets.xlsx_parts import SheetLayout, check_archive, read_layouts

_MOST_COLUMNS: Final = 256
_YEAR_1904: Final = 1904


def read_xlsx(data: bytes) -> list[Sheet]:
    """Read the sheets of a file, hidden ones too. Raises UnreadableFileError."""
    from openpyxl import load_workbook  # noqa: PLC0415  a third of a second, which only who has such a file waits for

    try:
        with ZipFile(io.BytesIO(data)) as archive, warnings.catch_warnings():
            # openpyxl warns of what it leaves out: colours, rules for input
            warnings.simplefilter("ignore")
            check_archive(archive)
            layouts = read_layouts(archive)
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            sheets = [_sheet(sheet, layouts.get(sheet.title, SheetLayout()), book.epoch.year == _YEAR_1904) for sheet in book.worksheets]
            book.close()
    except UnreadableFileError:
        raise
    except BadZipFile as error:
        raise UnreadableFileError("damaged") from error
    # A file that was made or damaged by hand fails anywhere in a library that trusts it
    except Exception as error:
        raise UnreadableFileError("damaged") from error
    if not any(sheet.rows for sheet in sheets):
        raise UnreadableFileError("empty")
    return sheets


def _sheet(sheet: Any, layout: SheetLayout, epoch_1904: bool) -> Sheet:  # noqa: FBT001  a member of the sheet
    sheet.reset_dimensions()  # some programs write that a sheet has one cell
    rows = []
    for row in _rows(sheet.iter_rows(values_only=True), layout):
        rows.append(row)
        if len(rows) > MOST_LINES:
            raise UnreadableFileError("too-large")
    return Sheet(sheet.title, rows, sheet.sheet_state != "visible", epoch_1904)


def _rows(read: Iterable[tuple[Any, ...]], layout: SheetLayout) -> Iterator[Row]:
    """Yield the rows that hold anything, with the value of a merged cell in all of its cells."""
    sources = set(layout.merged.values())
    values: dict[tuple[int, int], Value] = {}
    merged: dict[int, dict[int, tuple[int, int]]] = {}
    for (number, column), source in layout.merged.items():
        merged.setdefault(number, {})[column] = source
    for number, read_cells in enumerate(read, 1):
        cells, ranges = list(map(_value, read_cells[:_MOST_COLUMNS])), merged.get(number, {})
        values |= {(number, column): value for column, value in enumerate(cells) if ranges and (number, column) in sources}
        for column, source in ranges.items():
            cells += [None] * (column + 1 - len(cells))
            cells[column] = values.get(source)
        if any(cell is not None for cell in cells):
            spread = frozenset(column for column, source in ranges.items() if source[0] < number)
            yield Row(number, tuple(cells), number in layout.hidden, spread)


def _value(value: Any) -> Value:
    match value:
        case datetime() | time() | bool() | float() | str() | None:
            return trimmed(value)
        case int():
            return float(value)
        case date():
            return datetime(value.year, value.month, value.day)  # noqa: DTZ001  local time of the sheet, as all of it
        case timedelta():
            return value / timedelta(days=1)
    return str(value)
