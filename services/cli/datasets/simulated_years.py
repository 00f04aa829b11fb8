"""Simulated years: written into an empty world or a file, with the times at which their country logged them, or as a table of figures."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import typer

from services.adapters.clock import seconds
from services.adapters.datasets import dataset_kind
from services.cli.clients.connection import translate_outages
from services.cli.datasets.dataset_writer import DatasetWriter, settings_of_world
from services.cli.events.kafka_sender import SentRecord
from services.cli.events.send_summary import INTERRUPTED, SendSummary
from services.cli.output.progress import Advance, progress_bar
from services.cli.output.tables import plain_table, print_drawing
from services.local.user_error import UserError
from services.simulator.calibration import calibration_table, simulate_figures
from services.simulator.model.calendar import DAY, start_of_year
from services.simulator.recording import recorded_days
from services.simulator.simulation import Simulation


def write_world(data: Path | None, name: str, seed: int, years: range) -> None:
    """Write a country into a world. Raises UserError where the world is not a simulated one, or is not empty."""
    if dataset_kind(name) != "simulated":
        raise UserError("A simulated country goes into a world that says so, such as sim-2023", code=2)
    writer, summary, began = DatasetWriter.open(settings_of_world(data, name)), SendSummary(), seconds()
    try:
        with progress_bar("Writing", _days(years)) as advance, translate_outages():
            asyncio.run(_write(writer, seed, years, advance, summary))
    except KeyboardInterrupt:
        typer.echo(f"Stopped: half a country is in {name}, {summary.accepted:,} events. `plek world remove {name}` removes it")
        raise typer.Exit(INTERRUPTED) from None
    result = f"{summary.accepted:,} events of {_format(years)} in {name}, {seconds() - began:.1f} s: simulated, seed {seed}"
    typer.echo(f"{result}. Look at it with `plek up --world {name}`")


async def _write(writer: DatasetWriter, seed: int, years: range, advance: Advance, summary: SendSummary) -> None:
    await writer.make_topics()
    if present := await writer.count_records():
        name = writer.settings.prefix
        raise UserError(f"{name} has {present:,} events already: `plek world remove {name}` empties it, or choose another name", code=2)
    await writer.append(simulated_records(writer, seed, years, advance), lambda _: None, summary)


def simulated_records(writer: DatasetWriter, seed: int, years: range, advance: Advance) -> Iterator[SentRecord]:
    """Simulate years, and yield the record of each event; `advance` counts the days."""
    start = start_of_year(years.start)
    country = Simulation(seed, start, regions=writer.settings.regions, partitions=writer.settings.partitions)
    for day in range(start, start_of_year(years.stop), DAY):
        for logged in country.until(day + DAY - 1):
            yield writer.record(logged.event, logged.at)
        advance(1)


def write_recording(out: Path, seed: int, years: range) -> None:
    """Write a country into a file, which is there once it is whole. Raises UserError."""
    began, lines, part = seconds(), 0, out.with_name(f"{out.name}.part")
    try:
        with part.open("wb") as file, progress_bar("Writing", _days(years)) as advance:
            for day in recorded_days(seed, years.start, len(years)):
                file.write(day)
                lines += day.count(b"\n")
                advance(1)
        part.replace(out)
    except OSError as error:
        raise UserError(f"{out} can't be written: {error.strerror}", code=2) from error
    finally:
        part.unlink(missing_ok=True)
    size = f"{out.stat().st_size / 1e6:,.0f} MB"
    typer.echo(f"{lines:,} events of {_format(years)}, {size}, {seconds() - began:.1f} s: simulated, seed {seed}")


def print_figures(seed: int, year: int) -> None:
    """Print the figures of a simulated year beside those of the press release."""
    with progress_bar("Simulating", _days(range(year - 1, year + 1))) as advance:
        before, figures = (simulate_figures(seed, number, advance) for number in (year - 1, year))
    table = plain_table("simulated", str(year), "press release of 2025")
    for row in calibration_table(figures, before, year):
        table.add_row(row.what, row.simulated, row.known)
    print_drawing(table)


def _days(years: range) -> int:
    return (start_of_year(years.stop) - start_of_year(years.start)) // DAY


def _format(years: range) -> str:
    return str(years.start) if len(years) == 1 else f"{years.start} to {years.stop - 1}"
