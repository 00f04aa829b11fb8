"""The cells of a spreadsheet, as every reader of this folder gives them. No value is changed but for the spaces around a text."""

from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Final

Value = str | float | bool | datetime | time | None
"""What a cell holds; None where it is empty. A date without a time is a datetime at midnight, as Excel keeps it."""

# A space that doesn't break, a byte order mark, and what has no width: they come with copied text
_SPACES: Final = " \t\r\n\u00a0\u2007\u202f\u200b\u2060\ufeff"


class UnreadableFileError(Exception):
    """A file that is no spreadsheet of a known form, or is too large: `code` is a key of `FILE_FAULTS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


FILE_FAULTS: Final = {
    "empty": ("het bestand is leeg", "the file is empty"),
    "too-large": ("het bestand is te groot (20 MB, 100.000 regels)", "the file is too large (20 MB, 100,000 lines)"),
    "old-or-locked": (
        "een oud Excel-bestand (.xls) of een met wachtwoord: bewaar het als .xlsx zonder wachtwoord, of als .csv",
        "an old Excel file (.xls) or one with a password: save it as .xlsx without a password, or as .csv",
    ),
    "web-page": (
        "een webpagina met de naam van een spreadsheet: open het in Excel en bewaar het als .xlsx",
        "a web page with the name of a spreadsheet: open it in Excel and save it as .xlsx",
    ),
    "damaged": ("dit is geen heel Excel-bestand: bewaar het opnieuw als .xlsx", "no whole Excel file: save it as .xlsx again"),
    "unsafe": ("het bestand bevat wat er in een Excel-bestand niet hoort", "the file has parts that no Excel file has"),
    "not-text": ("dit is geen Excel-bestand en geen tekst", "neither an Excel file nor text"),
}
"""What is wrong with a file as a whole, in Dutch and in English."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `number` is the one that Excel shows. `spread`: columns with a value of a merged cell above."""

    number: int
    cells: tuple[Value, ...]
    hidden: bool = False
    spread: frozenset[int] = frozenset()

    def cell(self, column: int) -> Value:
        """Return the value in a column; None beyond the last one."""
        return self.cells[column] if column < len(self.cells) else None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a sheet that hold anything. `epoch_1904`: its numbers count days from 1904, as those of an old Mac."""

    name: str
    rows: list[Row] = field(default_factory=list)
    hidden: bool = False
    epoch_1904: bool = False


def trimmed(value: Value) -> Value:
    """Return a value without spaces around it; None for a text of nothing else."""
    return (value.strip(_SPACES) or None) if isinstance(value, str) else value
