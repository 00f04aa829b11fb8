"""`plek simulate`: a virtual Netherlands, live through the front door, or years of it written down, or its figures."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from services.adapters.clock import seconds
from services.commands.bar import bar
from services.commands.country import SEED, live_country
from services.commands.data import Data
from services.commands.written import days_of, named, write_world
from services.local.trouble import Trouble
from services.simulator.calibration import figures, table
from services.simulator.tape import days


def run(  # noqa: PLR0913, PLR0917  each is an option
    seed: Annotated[
        int | None, typer.Option(help="The same seed is the same country.", show_default=f"{SEED}, or that of the country that lives here")
    ] = None,
    year: Annotated[int, typer.Option(min=2000, max=2100, help="With --into, --out and --table.")] = 2023,
    years: Annotated[int, typer.Option(min=1, max=10, help="With --into and --out: so many on end, in one country.")] = 1,
    into: Annotated[str | None, typer.Option(metavar="WORLD", help="Write it into a world, such as sim-2023.", show_default=False)] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it as a tape.", show_default=False)] = None,
    speed: Annotated[float, typer.Option(min=1, max=3_600, help="With --live: so many times as fast as life.")] = 60,
    minutes: Annotated[float | None, typer.Option(min=0.01, help="With --live: for how long.", show_default="until Ctrl-C")] = None,
    data: Data = None,
    *,
    live: Annotated[bool, typer.Option("--live", help="Send it to the running instance as it happens.")] = False,
    as_table: Annotated[bool, typer.Option("--table", help="Show the figures of the year beside what is known.")] = False,
) -> None:
    """Simulate about 110 shelters with 1,000 places, those who live and work there, and crisis workers who search.

    With --live the instance must be empty, or the country's own: it then goes on where it stood still. At the end what the instance shows
    is held against what the country knows of itself: exit code 1 if they differ, or if an event was refused. With --into
    the world must be empty; the instance goes on as it is.
    """
    if sum((live, into is not None, out is not None, as_table)) != 1:
        raise Trouble("Say one of --live, --into WORLD, --out FILE and --table", code=2)
    if live:
        live_country(data, seed, speed, None if minutes is None else minutes * 60)
    elif into:
        write_world(data, into, SEED if seed is None else seed, range(year, year + years))
    elif out:
        _write(out, SEED if seed is None else seed, range(year, year + years))
    else:
        _print(SEED if seed is None else seed, year)


def _write(out: Path, seed: int, years: range) -> None:
    """Write a tape; the file is there when all of it is."""
    began, lines, half = seconds(), 0, out.with_name(f"{out.name}.part")
    try:
        with half.open("wb") as file, bar("Writing", days_of(years)) as advance:
            for day in days(seed, years.start, len(years)):
                file.write(day)
                lines += day.count(b"\n")
                advance(1)
        half.replace(out)
    except OSError as wrong:
        raise Trouble(f"{out} can't be written: {wrong.strerror}", code=2) from wrong
    finally:
        half.unlink(missing_ok=True)
    typer.echo(f"{lines:,} events of {named(years)}, {out.stat().st_size / 1e6:,.0f} MB, {seconds() - began:.1f} s: simulated, seed {seed}")


def _print(seed: int, year: int) -> None:
    with bar("Simulating", days_of(range(year - 1, year + 1))) as advance:
        before, of = figures(seed, year - 1, advance), figures(seed, year, advance)
    shown = Table("simulated", str(year), "press release of 2025", box=None, pad_edge=False)
    for row in table(of, before, year):
        shown.add_row(row.what, row.simulated, row.known)
    Console(highlight=False).print(shown)
