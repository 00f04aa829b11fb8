"""The country at one moment: a table, and a map of the regions."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from rich.columns import Columns
from rich.console import Group
from rich.table import Table
from rich.text import Text

from services.adapters.regions import RegionRow
from services.cli.monitor.figure_source import open_figures
from services.cli.output.tables import plain_table, print_drawing
from services.monitor.dutch_calendar import local
from services.monitor.figures.result import FigureResult, Value
from services.monitor.query import By, Query
from services.monitor.report.row_selection import shares, wholes
from services.monitor.report.translations import number

_FIGURES: Final = ("capacity", "units-by-state", "occupancy", "waiting")
_STATES: Final = ("occupied", "closed", "held", "paused", "unknown", "free")
_KINDS: Final = ("emergency", "crisis", "follow_up", "assisted")
# The style from each share of occupied places on: the number says it, the colour helps
_STYLES: Final = ((0.995, "white on red3"), (0.97, "black on orange1"), (0.9, "black on khaki1"), (0.0, "black on dark_sea_green2"))
_TILE_WIDTH: Final = 6


def print_moment(data: Path | None, world: str | None, at_ms: int) -> None:
    """Print the country as it was at an instant (ms). Raises UserError."""
    with open_figures(data, world, "at") as source:
        source.check_logged(at_ms)
        nation, kinds, regions = (source.ask(_query(at_ms, *by)) for by in ((), ("kind",), ("region",)))
        print_drawing(_draw(nation, kinds, regions, source.regions, at_ms))


def _query(at_ms: int, *by: By) -> Query:
    return Query(figures=_FIGURES, at=at_ms, by=by)


def _draw(nation: FigureResult, kinds: FigureResult, regions: FigureResult, tiles: Mapping[str, RegionRow], at_ms: int) -> Group:
    label = "Simulated: this country was made up. " if nation.simulated else ""
    coverage = number(nation.coverage, "share").en
    shown = f"{local(at_ms):%A %-d %B %Y, %H:%M} (Europe/Amsterdam, {local(at_ms):%z})"
    moment = f"{label}As it was on {shown}; {coverage} of shelters heard of"
    clock = "nothing" if nation.clock is None else f"{local(nation.clock):%Y-%m-%d %H:%M}"
    basis = f"Worked out from all that was logged up to {clock}, late entries and corrections too\n"
    columns = Columns([_table(nation, kinds), _map(regions, tiles)], padding=(0, 4))
    return Group(Text(moment, style="bold"), Text(basis, style="dim"), columns)


def _table(nation: FigureResult, kinds: FigureResult) -> Table:
    table = plain_table("")
    for heading in ("places", *_STATES, "rate", "waiting"):
        table.add_column(heading, justify="right")
    table.add_row("Nation", *_cells(nation, None), style="bold")
    for kind in _KINDS:
        table.add_row(kind.replace("_", "-"), *_cells(kinds, kind))
    return table


def _cells(result: FigureResult, kind: str | None) -> list[str]:
    rows = {
        figure.definition.figure: next((row for row in figure.rows if not row.part and row.scope.kind == kind), None)
        for figure in result.figures
    }
    units = rows["units-by-state"]
    states = shares(result["units-by-state"], "state", units) if units else {}
    values: dict[str, Value] = {figure: row.value if row else None for figure, row in rows.items()}
    counts = (number(states.get(state, None if values["capacity"] is None else 0), "units").en for state in _STATES)
    rate, waiting = number(values["occupancy"], "share").en, number(values["waiting"], "entries").en
    return [number(values["capacity"], "units").en, *counts, rate, waiting]


def _map(result: FigureResult, tiles: Mapping[str, RegionRow]) -> Text:
    """Return every region at the place of its tile: its code, and below it the share of its places that was occupied."""
    occupied = {row.scope.region: row.value for row in wholes(result["occupancy"])}
    drawing = Text("Share of places occupied, by region\n\n", style="dim")
    first = min(tile.column for tile in tiles.values())
    for row in range(min(tile.row for tile in tiles.values()), max(tile.row for tile in tiles.values()) + 1):
        for is_code_line in (True, False):
            at = 0
            for tile in sorted((tile for tile in tiles.values() if tile.row == row), key=lambda tile: tile.column):
                begin = (tile.column - first) * (_TILE_WIDTH + 1) + row % 2 * (_TILE_WIDTH + 1) // 2
                drawing.append(" " * (begin - at))
                share = occupied.get(tile.code)
                drawing.append(f"{tile.code if is_code_line else _percent(share):^{_TILE_WIDTH}}", style=_style(share))
                at = begin + _TILE_WIDTH
            drawing.append("\n")
    return drawing


def _percent(share: Value) -> str:
    return "?" if share is None else f"{share:.0%}"


def _style(share: Value) -> str:
    return "dim reverse" if share is None else next(style for least, style in _STYLES if share >= least)
