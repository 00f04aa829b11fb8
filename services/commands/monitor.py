"""`plek monitor`: the country at a moment, figures of a period, the report of a year, snapshots and releases."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final, TypeVar

import orjson
import typer
from rich.console import Console
from rich.table import Table

from services.adapters.clock import seconds
from services.adapters.log_port import LogUnavailableError
from services.adapters.log_reader import Log
from services.adapters.metrics import Metrics
from services.adapters.producer import Producer
from services.adapters.topics import Topics
from services.adapters.web import keeping
from services.commands import codes, moment, monitor_sql
from services.commands.bar import bar
from services.commands.data import Data, World
from services.commands.needs import Whose
from services.commands.opening import Opened, opened
from services.commands.options import spread
from services.commands.target import reaching
from services.domain.values import KINDS
from services.local.trouble import Trouble
from services.monitor import formats, release, shown, snapshot
from services.monitor.days import ZONE, four_o_clock, instant
from services.monitor.days import month as month_of
from services.monitor.days import year as year_of
from services.monitor.definitions import DEFINITIONS
from services.monitor.press import measured
from services.monitor.publishing import KafkaPublications
from services.monitor.question import NATION, By, Period, Question, Scope
from services.monitor.report.words import UNKNOWN
from services.monitor.shelf import Shelf

group = typer.Typer(no_args_is_help=True, help="Figures from the stream alone, worked out on this machine from what was logged.")
group.command(name="sql")(monitor_sql.run)

Year = Annotated[int, typer.Argument(min=1970, max=2999, help="A year of Europe/Amsterdam.")]
When = Annotated[str, typer.Argument(help="Europe/Amsterdam unless it says otherwise: 2023-03-14T03:00, 2023-03-14 (04:00), …+01:00, …Z.")]
_ACK_S: Final = 10.0
_LOOK_S: Final = 0.05
T = TypeVar("T")


@group.command()
def at(when: When, world: World = None, data: Data = None) -> None:
    """Show the country as it was at a minute: places by state and kind, and a map of the regions."""
    instant_ms = _instant(when)
    with opened(data, world) as of:
        if instant_ms > of.until:
            raise Trouble("That has not come yet, or is not logged yet", code=2)
        nation, kinds = of.ask(moment.question(instant_ms)), of.ask(moment.question(instant_ms, "kind"))
        regions = of.ask(moment.question(instant_ms, "region"))
        Console(highlight=False).print(moment.drawn(nation, kinds, regions, of.regions, instant_ms))


@group.command()
@spread
def figures(  # noqa: PLR0913, PLR0917  each is an option
    names: Annotated[
        list[str],
        typer.Argument(metavar="FIGURE...", callback=codes.among(DEFINITIONS), help="By their names: docs/figures.md."),
    ],
    period: Annotated[str | None, typer.Option(help="2023, 2023-03, or two moments with .. between them.", show_default=False)] = None,
    when: Annotated[str | None, typer.Option("--at", help="What was true at that moment.", show_default=False)] = None,
    known_at: Annotated[str | None, typer.Option(help="By what had been recorded then.", show_default="all there is")] = None,
    by: Annotated[list[str] | None, typer.Option(help="region, province, kind, month, day; repeat for more.", show_default=False)] = None,
    region: Annotated[str | None, typer.Option(help="This region only.", show_default=False)] = None,
    kind: Annotated[
        str | None, typer.Option(callback=codes.among(KINDS), help=f"This kind of unit only: {codes.of(KINDS)}.", show_default=False)
    ] = None,
    household: Annotated[
        str | None,
        typer.Option(metavar="ADULTS+CHILDREN", help="Where a figure needs one: 1+2, and --men to --cot.", show_default=False),
    ] = None,
    world: World = None,
    data: Data = None,
    *,
    whose: Whose,
    as_csv: Annotated[bool, typer.Option("--csv", help="Rows that stand alone, instead of JSON.")] = False,
) -> None:
    """Print figures with their definitions' versions, the offsets they come from, and the share of shelters heard of."""
    if household is None and whose != Whose():
        raise Trouble("Of which household? --household ADULTS+CHILDREN, such as 1+2", code=2)
    asked = Question(
        figures=tuple(dict.fromkeys(names)),
        at=None if when is None else _instant(when),
        period=None if period is None else _period(period),
        known_at=None if known_at is None else _instant(known_at),
        scope=Scope(region=region, kind=kind) if region or kind else NATION,
        by=tuple(dict.fromkeys(_by(each) for each in by or ())),
        household=None if household is None else whose.household(household),
    )
    with opened(data, world) as of:
        codes.check_regions([*([region] if region else []), *(whose.exclude or [])], of.regions)
        document = shown.document(of.ask(asked))
    text = formats.as_csv(shown.rows([document])) if as_csv else orjson.dumps(document, option=orjson.OPT_INDENT_2)
    typer.echo(text.decode().rstrip())


@group.command()
def report(
    year: Year,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to write it.", show_default="monitor-YEAR.html")] = None,
    world: World = None,
    data: Data = None,
) -> None:
    """Write the report of a year: one HTML page in Dutch and English that needs nothing else, and prints well."""
    from services.monitor.report.asking import QUESTIONS, ask_all  # noqa: PLC0415  it takes Matplotlib with it
    from services.monitor.report.page import page  # noqa: PLC0415  the same

    file, began = out or Path(f"monitor-{year}.html"), seconds()
    with opened(data, world) as of:
        with bar("Asking", QUESTIONS) as advance:
            asked = ask_all(of.ask, year, advance)
        with bar("Drawing", None):
            text = page(asked, of.regions, year)
    _write(file, text.encode())
    told = "simulated, " if asked.year.simulated else ""
    typer.echo(f"{file}: {told}{len(text) / 1e3:,.0f} kB, {seconds() - began:.1f} s")


@group.command()
def press(
    year: Year = 2023,
    world: World = None,
    before: Annotated[str | None, typer.Option(metavar="WORLD", help="The year before, if it is a world of its own.")] = None,
    data: Data = None,
) -> None:
    """Print a year beside the press release of 2025. Of a simulated country that is how it was calibrated, and no more."""
    with opened(data, world) as of, opened(data, before or world) as earlier:
        lines = measured(of.ask, earlier.ask, year)
        shown_as = Table(
            "" if of.settings.world == "live" else of.settings.world, str(year), "press release of 2025", box=None, pad_edge=False
        )
    for line in lines:
        shown_as.add_row(line.what, line.measured, line.known)
    Console(highlight=False).print(shown_as)
    if UNKNOWN.en in {line.measured for line in lines}:
        typer.echo("unknown: nothing was logged of it, or the log begins after the first day of that year")


@group.command(name="snapshot")
def snapshot_of(when: When, world: World = None, data: Data = None) -> None:
    """Print the snapshot of a day or a moment, and publish it if it is not out yet. Once out it stays as it is."""
    at_ms = _instant(when)
    with opened(data, world) as of:
        if at_ms > of.until:
            raise Trouble("That has not come yet, or is not logged yet", code=2)
        with bar("Working out", None):
            value = snapshot.taken(of.ask, at_ms)
        out = _with_shelf(of, lambda shelf: shelf.publish(snapshot.key(at_ms), value))
    typer.echo(out.decode())


@group.command(name="release")
def release_of(
    year: Year,
    world: World = None,
    data: Data = None,
    *,
    publish: Annotated[bool, typer.Option("--publish", help="Publish it, for anyone and for ever.")] = False,
) -> None:
    """Print what a release of a year would tell, or publish it; what would give somebody away is hidden."""
    from services.monitor.drafting import drafted  # noqa: PLC0415  it takes the solver with it

    with opened(data, world) as of:
        if publish and of.store.simulated and of.settings.world == "live":
            raise Trouble("A simulated country lives here, under the name of a real one: nothing of it is published as a release", code=2)

        async def make(shelf: KafkaPublications) -> bytes | None:
            await shelf.refresh()
            out = [shelf.get(key) or b"" for key in release.versions(shelf.keys, year)]
            with bar("Hiding", None):
                made = await asyncio.to_thread(drafted, of.ask, year, of.over, out)
            return await shelf.publish(release.key(year, len(out) + 1), made) if made and publish else made

        made = _with_shelf(of, make)
    if made is None:
        raise Trouble("Nothing to release: no month of it is over, or it would tell what the last one told")
    typer.echo(made.decode())


def _with_shelf(of: Opened, work: Callable[[KafkaPublications], Awaitable[T]]) -> T:
    """Do something with what is published; Trouble when Kafka is away."""
    settings, topic = of.settings, Topics(of.settings.prefix).monitor_snapshots

    async def run() -> T:
        producer = Producer(settings.brokers, seconds, Metrics())
        async with Log(settings.brokers, topic) as log, keeping(producer.keep):
            async with asyncio.timeout(_ACK_S):
                while not producer.ready:  # noqa: ASYNC110  it says so to whoever asks, and has no event for it
                    await asyncio.sleep(_LOOK_S)
            return await work(KafkaPublications(log, producer, Shelf(of.source.directory.root / "published")))

    with reaching():
        try:
            return asyncio.run(run())
        except TimeoutError as away:
            raise LogUnavailableError from away


def _instant(when: str) -> int:
    """Read a moment; one without an offset is on the clock of Amsterdam, a day is its four o'clock."""
    try:
        if len(when) == len("2023-03-14"):
            return four_o_clock(date.fromisoformat(when))
        read = datetime.fromisoformat(when)
        return instant(read if read.tzinfo else read.replace(tzinfo=ZONE))
    except (ValueError, OverflowError) as wrong:
        raise Trouble("Not a moment: write it as 2023-03-14T03:00, or 2023-03-14", code=2) from wrong


def _period(text: str) -> Period:
    if re.fullmatch("[0-9]{4}", text, re.ASCII):
        return year_of(int(text))
    if re.fullmatch("[0-9]{4}-(0[1-9]|1[0-2])", text, re.ASCII):
        return month_of(text)
    start, dots, end = text.partition("..")
    if not dots or _instant(start) >= _instant(end):
        raise Trouble("Not a period: write it as 2023, 2023-03, or two moments with .. between them", code=2)
    return Period(_instant(start), _instant(end))


def _by(text: str) -> By:
    match text:
        case "region" | "province" | "kind" | "month" | "day":
            return text
        case _:
            raise Trouble("--by is one of region, province, kind, month, day", code=2)


def _write(file: Path, text: bytes) -> None:
    """Write a file whole, or not at all."""
    half = file.with_name(f"{file.name}.part")
    try:
        half.write_bytes(text)
        half.replace(file)
    except OSError as wrong:
        raise Trouble(f"{file} can't be written: {wrong.strerror}", code=2) from wrong
