"""The verb `bring-in`; the other modules of this folder do the work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from services.cli.options.api_options import ApiOptions, Gateway
from services.cli.options.dataclass_options import expand_dataclass_options
from services.local.user_error import UserError

if TYPE_CHECKING:
    from services.adapters.spreadsheets.cells import Sheet
    from services.adapters.spreadsheets.column_names import Kind
    from services.adapters.spreadsheets.sheet_tables import Choices

File = Annotated[Path | None, typer.Argument(metavar="FILE", help="A spreadsheet: .xlsx or .csv. With --template: where to write it.")]
What = Literal["shelters", "occupancy", "stays"]


@expand_dataclass_options
def bring_in(  # noqa: PLR0913, PLR0917  each is an option
    by: ApiOptions,
    file: File = None,
    columns: Annotated[
        list[str] | None, typer.Option("--map", metavar="COLUMN=FIELD", help="What a column means, such as Kamer=unit; - for nothing.")
    ] = None,
    constants: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="For every row without one, such as shelter=berk.")
    ] = None,
    what: Annotated[What | None, typer.Option(help="What the rows are.", show_default="by the names of the columns")] = None,
    template: Annotated[What | None, typer.Option(help="Write an empty spreadsheet to fill in.")] = None,
    shelter: Annotated[list[str] | None, typer.Option(help="Act for this shelter, where no token says it.")] = None,
    gateway: Gateway = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Send without asking.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Show every line, not the first ones.")] = False,
) -> None:
    """Bring in the shelters, today's occupancy or the stays of the past from a spreadsheet (docs/spreadsheets.md).

    First it shows what will be sent, and what is left out and why, by line. Nothing is sent until you say yes. The same file may be brought
    in again: what Plek has already is not sent twice. Columns with data of persons are not read.
    """
    if template is not None:
        _write_template(template, file)
        return
    if file is None:
        raise UserError("Say which: plek bring-in FILE, or plek bring-in --template stays", code=2)

    from services.cli.bring_in.file_import import FileImport
    from services.cli.output.wrapped_lines import is_terminal, print_lines

    choices = _choices(what, columns or [], constants or [])
    with FileImport.open(by, gateway, shelter) as work:
        plan = work.plan(_sheets(file), choices)
        print_lines(work.preview(plan, every=every))
        if not work.sends(plan):
            return
        if not yes:
            if not is_terminal():
                raise UserError("Nothing was sent: add --yes to send it", code=2)
            typer.confirm("Send this?", abort=True)
        print_lines(work.send(plan))
        if work.refused:
            raise typer.Exit(1)


def _write_template(kind: Kind, file: Path | None) -> None:
    from services.adapters.spreadsheets.empty_spreadsheets import csv_template, xlsx_template

    target = file or Path(f"plek-{kind}.xlsx")
    if target.exists():
        raise UserError(f"{target} exists: name another file", code=2)
    try:
        target.write_bytes(csv_template(kind) if target.suffix == ".csv" else xlsx_template(kind))
    except OSError as error:
        raise UserError(f"{target} can't be written: {error.strerror}", code=2) from error
    typer.echo(f"{target}: fill it in, then type `plek bring-in {target}`")


def _sheets(file: Path) -> list[Sheet]:
    """Return the sheets of a file. Raises UserError."""
    from services.adapters.spreadsheets.cells import FILE_FAULTS, UnreadableFileError
    from services.adapters.spreadsheets.file_reader import LARGEST_BYTES, read_file
    from services.cli.output.progress import progress_bar

    try:
        with progress_bar("Reading", None), file.open("rb") as opened:
            return read_file(opened.read(LARGEST_BYTES + 1))
    except OSError as error:
        raise UserError(f"{file} can't be read: {error.strerror}", code=2) from error
    except UnreadableFileError as error:
        dutch, english = FILE_FAULTS[error.code]
        raise UserError(f"{file}: {dutch} ({english})", code=2) from error


def _choices(what: Kind | None, columns: list[str], constants: list[str]) -> Choices:
    """Return what the options say of columns. Raises UserError for a field that no sheet has."""
    from services.adapters.spreadsheets.column_names import FIELDS, fold
    from services.adapters.spreadsheets.sheet_tables import NOTHING, Choices

    known = FIELDS[what] if what else frozenset().union(*FIELDS.values())
    mapped = {fold(column): field.strip() for column, field in _pairs("--map", columns)}
    fixed: dict[str, Any] = {field.strip(): value.strip() for field, value in _pairs("--set", constants)}
    for name, fields, also in (("--map", mapped.values(), {NOTHING}), ("--set", fixed.keys(), set())):
        if wrong := set(fields) - known - also:
            raise UserError(f"{name}: no field is called {', '.join(sorted(wrong))}; they are {', '.join(sorted(known))}", code=2)
    return Choices(what, mapped, fixed)


def _pairs(name: str, options: list[str]) -> list[tuple[str, str]]:
    pairs = [tuple(option.rpartition("=")[::2]) if name == "--map" else tuple(option.partition("=")[::2]) for option in options]
    if any(not (first and second) for first, second in pairs):
        raise UserError(f"{name} is typed as two parts with = between them", code=2)
    return [(first, second) for first, second in pairs]
