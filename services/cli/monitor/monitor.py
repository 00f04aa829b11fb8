"""`plek monitor`: the country at a moment, figures of a period, the report of a year, snapshots, releases and SQL."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer

from services.cli.options.api_options import Json
from services.cli.options.choices import format_choices, one_of
from services.cli.options.dataclass_options import expand_dataclass_options
from services.cli.options.instance import Data, World
from services.cli.options.needs import HouseholdOptions
from services.cli.options.region_names import region_option
from services.domain.events.value_types import KINDS
from services.local.user_error import UserError

monitor = typer.Typer(no_args_is_help=True, help="Figures from the log alone, worked out on this machine; each question is recorded.")


def _check_figures(context: typer.Context, parameter: typer.CallbackParam, names: list[str]) -> Any:
    """Return names of figures. Raises UserError for another name."""
    from services.monitor.figures.definitions import DEFINITIONS

    return one_of(DEFINITIONS)(context, parameter, names)


_SPLITS: Final = ("region", "province", "kind", "month", "day")
Year = Annotated[int, typer.Argument(min=1970, max=2999, help="A year of Europe/Amsterdam.")]
When = Annotated[str, typer.Argument(help="On the Dutch clock unless it has an offset: 2023-03-14 (midnight), 2023-03-14T03:00, …+01:00.")]
SnapshotWhen = Annotated[str, typer.Argument(help="A day (its snapshot is that of 04:00), or a moment as 2023-03-14T03:00.")]
Names = Annotated[
    list[str],
    typer.Argument(metavar="FIGURE...", callback=_check_figures, help="By their names: docs/figures.md."),
]
Split = Annotated[
    list[str] | None,
    typer.Option(callback=one_of(_SPLITS), help=f"{format_choices(_SPLITS)}; repeat for more.", show_default=False),
]
Kind = Annotated[
    str | None, typer.Option(callback=one_of(KINDS), help=f"This kind of unit only: {format_choices(KINDS)}.", show_default=False)
]
Household = Annotated[
    str | None,
    typer.Option(metavar="ADULTS+CHILDREN", help="Where a figure needs one: 1+2, and --men to --cot.", show_default=False),
]


@monitor.command()
def at(when: When, world: World = None, data: Data = None) -> None:
    """Show the country as it was at a minute: places by state and kind, and a map of the regions."""
    from services.cli.monitor.moment_table import print_moment
    from services.cli.monitor.periods import parse_moment

    print_moment(data, world, parse_moment(when))


@monitor.command()
@expand_dataclass_options
def figures(  # noqa: PLR0913, PLR0917  each is an option
    names: Names,
    period: Annotated[
        str | None, typer.Option(help="2023, 2023-03, 2023-03-14, or two moments with .. between them.", show_default=False)
    ] = None,
    year: Annotated[str | None, typer.Option(help="The same for a year.", show_default=False)] = None,
    month: Annotated[str | None, typer.Option(help="The same for a month: 2023-03.", show_default=False)] = None,
    first: Annotated[str | None, typer.Option("--from", help="The same from that moment,", show_default=False)] = None,
    last: Annotated[str | None, typer.Option("--to", help="up to this one.", show_default=False)] = None,
    when: Annotated[str | None, typer.Option("--at", help="What was true at that moment.", show_default=False)] = None,
    known_at: Annotated[str | None, typer.Option(help="By what had been recorded then.", show_default="all there is")] = None,
    by: Split = None,
    region: Annotated[str | None, region_option(help="This region only, such as Breda.", show_default=False)] = None,
    kind: Kind = None,
    household: Household = None,
    world: World = None,
    data: Data = None,
    *,
    needs: HouseholdOptions,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="For programs: as rows that stand alone.")] = False,
    reader: Annotated[
        str | None,
        typer.Option("--for", callback=one_of(("excel",)), help="excel: CSV as a Dutch Excel opens it.", show_default=False),
    ] = None,
) -> None:
    """Print figures as a table; as JSON and CSV with the versions of their definitions and the offsets they come from."""
    from services.cli.monitor.figure_tables import print_figures
    from services.cli.monitor.periods import parse_moment, period_of
    from services.monitor.query import NATION, Query, Scope

    if household is None and needs != HouseholdOptions():
        raise UserError("Of which household? --household ADULTS+CHILDREN, such as 1+2", code=2)
    query = Query(
        figures=tuple(dict.fromkeys(names)),
        at=None if when is None else parse_moment(when),
        period=period_of(period, year, month, first, last),
        as_known_at=None if known_at is None else parse_moment(known_at),
        scope=Scope(region=region, kind=kind) if region or kind else NATION,
        by=tuple(dict.fromkeys(by or ())),  # type: ignore[arg-type]  # the callback has checked them
        household=None if household is None else needs.to_figure_household(household),
    )
    print_figures(data, world, query, "excel" if reader else "csv" if as_csv else "json" if as_json else "table")


@monitor.command()
def report(
    year: Year,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to write it.", show_default="monitor-YEAR.html")] = None,
    language: Annotated[Literal["nl", "en"], typer.Option(help="In which it opens: it has both.")] = "nl",
    world: World = None,
    data: Data = None,
) -> None:
    """Write the report of a year: one HTML page in Dutch and English that needs nothing else, and prints well."""
    from services.cli.monitor.year_report import write_report

    write_report(data, world, year, language, out or Path(f"monitor-{year}.html"))


@monitor.command()
def press(
    year: Year = 2023,
    world: World = None,
    before: Annotated[str | None, typer.Option(metavar="WORLD", help="The year before, if it is a world of its own.")] = None,
    data: Data = None,
) -> None:
    """Print a year beside the press release of 2025. For a simulated country that shows how it was calibrated, and no more."""
    from services.cli.monitor.year_report import print_press_comparison

    print_press_comparison(data, world, before or world, year)


@monitor.command()
def snapshot(
    when: SnapshotWhen,
    world: World = None,
    data: Data = None,
    *,
    publish: Annotated[bool, typer.Option("--publish", help="Publish it, for every analyst and for ever.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Publish it without asking.")] = False,
    as_json: Json = False,
) -> None:
    """Print the snapshot of a day or a moment: what an analyst may see of it. Published it never changes."""
    from services.cli.monitor.periods import parse_snapshot_moment
    from services.cli.monitor.publications import print_snapshot

    print_snapshot(data, world, parse_snapshot_moment(when), publish=publish, sure=yes, as_json=as_json)


@monitor.command()
def release(
    year: Year,
    world: World = None,
    data: Data = None,
    *,
    publish: Annotated[bool, typer.Option("--publish", help="Publish it, for anyone and for ever.")] = False,
) -> None:
    """Print what a release of a year would have, or publish it; numbers that would reveal something about a person are hidden."""
    from services.cli.monitor.publications import print_release

    print_release(data, world, year, publish=publish)


@monitor.command()
def sql(
    question: Annotated[
        str | None, typer.Argument(metavar="SQL", help="One question; without it, each line that is typed.", show_default=False)
    ] = None,
    world: World = None,
    data: Data = None,
) -> None:
    """Ask in SQL, as an operator: all there is, shelters too. Recorded in the audit log; SHOW TABLES lists what is in it."""
    from services.cli.monitor.sql_console import answer_questions

    answer_questions(data, world, question)
