"""The report of a year as a file, and a year beside the press release."""

from pathlib import Path

import typer

from services.adapters.clock import seconds
from services.cli.monitor.figure_source import open_figures
from services.cli.output.progress import progress_bar
from services.cli.output.tables import plain_table, print_drawing
from services.local.user_error import UserError
from services.monitor.publication.press_comparison import compare
from services.monitor.report.html_page import ReportLanguage, page
from services.monitor.report.queries import QUERY_COUNT, ask_all
from services.monitor.report.translations import UNKNOWN


def write_report(data: Path | None, world: str | None, year: int, language: ReportLanguage, file: Path) -> None:
    """Write the report of a year, whole or not at all; it opens in a language. Raises UserError."""
    began = seconds()
    with open_figures(data, world, "report", str(year)) as source:
        with progress_bar("Asking", QUERY_COUNT) as advance:
            answers = ask_all(source.ask, year, advance)
        with progress_bar("Drawing", None):
            text = page(answers, source.regions, year, language)
    part = file.with_name(f"{file.name}.part")
    try:
        part.write_text(text, "utf-8")
        part.replace(file)
    except OSError as error:
        raise UserError(f"{file} can't be written: {error.strerror}", code=2) from error
    label = "simulated, " if answers.year.simulated else ""
    typer.echo(f"{file}: {label}{len(text) / 1e3:,.0f} kB, {seconds() - began:.1f} s")


def print_press_comparison(data: Path | None, world: str | None, before: str | None, year: int) -> None:
    """Print a year beside the press release of 2025; `before` is the world of the year before. Raises UserError."""
    with open_figures(data, world, "press", str(year)) as source, open_figures(data, before, "press", str(year)) as earlier:
        lines = compare(source.ask, earlier.ask, year)
        label = "" if source.settings.world == "live" else source.settings.world
    table = plain_table(label, str(year), "press release of 2025")
    for line in lines:
        table.add_row(line.what, line.measured, line.known)
    print_drawing(table)
    if UNKNOWN.en in {line.measured for line in lines}:
        typer.echo("unknown: nothing was logged of it, or the log begins after the first day of that year")
