"""A simulated year, or some on end, written into an empty world of its own, with the times its country logged it at."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import typer

from services.adapters.clock import seconds
from services.adapters.worlds import kind_of
from services.commands.bar import Advance, bar
from services.commands.by_kafka import Record
from services.commands.history import History, settings_for
from services.commands.outcome import INTERRUPTED, Outcome
from services.commands.target import reaching
from services.local.trouble import Trouble
from services.simulator.country import Country
from services.simulator.hours import DAY, start_of_year


def write_world(data: Path | None, name: str, seed: int, years: range) -> None:
    """Write a country into a world. Raises Trouble where it is no world for one, or is not empty: two countries in one are none."""
    if kind_of(name) != "simulated":
        raise Trouble("A simulated country goes into a world that says so, such as sim-2023", code=2)
    history, outcome, began = History.of(settings_for(data, name)), Outcome(), seconds()
    try:
        with bar("Writing", days_of(years)) as advance, reaching():
            asyncio.run(_write(history, seed, years, advance, outcome))
    except KeyboardInterrupt:
        typer.echo(f"Stopped: half a country is in {name}, {outcome.accepted:,} events. `plek world remove {name}` removes it")
        raise typer.Exit(INTERRUPTED) from None
    told = f"{outcome.accepted:,} events of {named(years)} in {name}, {seconds() - began:.1f} s: simulated, seed {seed}"
    typer.echo(f"{told}. Look at it with `plek up --world {name}`")


async def _write(history: History, seed: int, years: range, advance: Advance, outcome: Outcome) -> None:
    await history.begin()
    if there := await history.size():
        name = history.settings.prefix
        raise Trouble(f"{name} has {there:,} events already: `plek world remove {name}` empties it, or choose another name", code=2)
    await history.append(records(history, seed, years, advance), lambda _: None, outcome)


def records(history: History, seed: int, years: range, advance: Advance) -> Iterator[Record]:
    """Let years pass, and yield the record of each event; `advance` hears of every day."""
    start = start_of_year(years.start)
    country = Country(seed, start, regions=history.settings.regions, partitions=history.settings.partitions)
    for day in range(start, start_of_year(years.stop), DAY):
        for logged in country.until(day + DAY - 1):
            yield history.record(logged.event, logged.at)
        advance(1)


def days_of(years: range) -> int:
    """Count the days of some years."""
    return (start_of_year(years.stop) - start_of_year(years.start)) // DAY


def named(years: range) -> str:
    """Name some years on end."""
    return str(years.start) if len(years) == 1 else f"{years.start} to {years.stop - 1}"
