"""The verbs that make, list and remove data sets beside the real one; the other modules of this folder do the work."""

from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from services.cli.options.api_options import Json
from services.cli.options.instance import Data
from services.local.user_error import UserError

SEED: Final = 7
"""The seed of a simulated country where none is given."""


def simulate(  # noqa: PLR0913, PLR0917  each is an option
    seed: Annotated[
        int | None, typer.Option(help="The same seed is the same country.", show_default=f"{SEED}, or that of the country that lives here")
    ] = None,
    year: Annotated[int, typer.Option(min=2000, max=2100, help="With --into, --out and --table.")] = 2023,
    years: Annotated[int, typer.Option(min=1, max=10, help="With --into and --out: so many in a row, in one country.")] = 1,
    into: Annotated[str | None, typer.Option(metavar="WORLD", help="Write it into a world, such as sim-2023.", show_default=False)] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it as a recording.", show_default=False)] = None,
    speed: Annotated[float, typer.Option(min=1, max=3_600, help="With --live: so many times as fast as life.")] = 60,
    minutes: Annotated[float | None, typer.Option(min=0.01, help="With --live: for how long.", show_default="until Ctrl-C")] = None,
    data: Data = None,
    *,
    live: Annotated[bool, typer.Option("--live", help="Send it to the running instance as it happens.")] = False,
    as_table: Annotated[bool, typer.Option("--table", help="Show the figures of the year beside what is known.")] = False,
) -> None:
    """Simulate about 110 shelters with 1,000 places, the people who live and work there, and crisis workers who search.

    With --live the instance must be empty, or the country's own: it then goes on where it stood still. At the end the view of the instance
    is compared with the ground truth of the country: exit code 1 if they differ, or if an event was refused. With --into
    the world must be empty; the instance goes on as it is.
    """
    if sum((live, into is not None, out is not None, as_table)) != 1:
        raise UserError("Say one of --live, --into WORLD, --out FILE and --table", code=2)

    from services.cli.datasets import live_simulation, simulated_years

    if live:
        live_simulation.simulate_live(data, seed, speed, None if minutes is None else minutes * 60)
        return
    seed, span = SEED if seed is None else seed, range(year, year + years)
    if into:
        simulated_years.write_world(data, into, seed, span)
    elif out:
        simulated_years.write_recording(out, seed, span)
    else:
        simulated_years.print_figures(seed, year)


def import_(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A recording, or events one a line; - for standard input.")],
    world: Annotated[str, typer.Option("--world", metavar="NAME", help="The world it becomes, such as imported-2022.")] = "imported",
    topic: Annotated[
        Literal["beds", "demand"] | None, typer.Option(help="Topic of the lines of a recording.", show_default="by the type of each")
    ] = None,
    data: Data = None,
    *,
    allow_refused: Annotated[bool, typer.Option("--allow-refused", help="Exit code 0 even when lines became dead letters.")] = False,
) -> None:
    """Import history into a world of its own: each line is logged at its `ts`, or without one at the `time` of its event, however old.

    The file is checked to its end before anything is written. Imported again, or after it was stopped, only what is missing is written.
    What breaks a rule becomes a dead letter there, as it would have; exit code 1 then, and each reason with its number.
    """
    from services.cli.datasets.history_import import import_history

    import_history(data, file, world, topic, allow_refused=allow_refused)


def world(
    action: Annotated[Literal["list", "remove"], typer.Argument(help="What to do.")] = "list",
    name: Annotated[str | None, typer.Argument(help="Which world to remove.")] = None,
    data: Data = None,
    *,
    as_json: Json = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
) -> None:
    """List the worlds beside the real country, or remove one: its log, its view and its directory, for good.

    The real country can't be removed. A world that runs has to be ended first, with `plek down --world NAME`.
    """
    from services.cli.datasets.world_list import print_worlds, remove_world

    if action == "list":
        print_worlds(data, as_json=as_json)
    elif name is None:
        raise UserError("Say which: plek world remove NAME", code=2)
    else:
        remove_world(data, name, yes=yes)
