"""Where the marks of a drawing stand: a map of the regions, bars, and a line. Pure numbers; the templates write words and marks.

What is unknown is a gap, never 0. Measures are those of the drawing's own box, which is scaled to the page.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import cos, floor, log10, pi, sin, sqrt
from typing import Any, Final

from services.adapters.regions import RegionRow

FigureRows = Sequence[Mapping[str, Any]]
"""Rows of a figure, as the monitor answers them."""
# A hexagon is as wide as a name of a dozen letters; a little less than touching
_HEX: Final = 100.0
_ROW: Final = _HEX * sqrt(3) / 2
_CORNER: Final = 0.97 * _HEX / sqrt(3)
# As many steps of colour as a reader distinguishes
_STEPS: Final = 5
# The box of bars and of a line: its letters are large enough on a telephone
WIDTH: Final = 480.0
_BARS_FROM, _BARS_TO, _BAR = 165.0, 400.0, 26.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 66.0, 450.0, 30.0, 210.0
_TICKS: Final = 4
_MOST_DATES: Final = 6


@dataclass(frozen=True, slots=True)
class MapTile:
    """A region on the map; `shade` is the name of its colour: `s0` to `s4`, `few` or `unknown`."""

    region: RegionRow
    x: float
    y: float
    corners: str
    shade: str
    value: float | None


@dataclass(frozen=True, slots=True)
class MapShade:
    """A colour of the map, and the numbers that it stands for."""

    name: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class RegionMap:
    """A map, and what its colours mean."""

    tiles: Sequence[MapTile]
    shades: Sequence[MapShade]
    box: str


@dataclass(frozen=True, slots=True)
class PlotBar:
    """A bar of one row, and where its number is written; `length` is None where the number is unknown."""

    row: Mapping[str, Any]
    y: float
    length: float | None
    number_x: float


@dataclass(frozen=True, slots=True)
class BarPlot:
    """Bars, one below the other."""

    bars: Sequence[PlotBar]
    start: float
    height: float


@dataclass(frozen=True, slots=True)
class LinePoint:
    """A number of one row on a line."""

    row: Mapping[str, Any]
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class LinePlot:
    """A line through time: its pieces (a gap is what is unknown), its points, and the marks of both axes."""

    pieces: Sequence[str]
    points: Sequence[LinePoint]
    heights: Sequence[tuple[float, float]]
    dates: Sequence[tuple[float, str]]


def place_of(row: Mapping[str, Any]) -> str:
    """Return the code of the region or the province that a row is about; empty for the whole."""
    return str(row.get("region") or row.get("province") or "")


def region_map(regions: Iterable[RegionRow], rows: FigureRows) -> RegionMap:
    """Return the map of the numbers of regions, or of their provinces: order and neighbours, neither shape nor size."""
    by_place = {place_of(row): row for row in rows if place_of(row) and not row.get("part")}
    known = [row["value"] for row in by_place.values() if row["value"] is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    tiles = [_tile(region, by_place.get(region.code) or by_place.get(region.province, {}), low, high) for region in regions]
    left, right = min(tile.x for tile in tiles) - _HEX / 2, max(tile.x for tile in tiles) + _HEX / 2
    bottom = max(tile.y for tile in tiles) + _CORNER
    return RegionMap(tiles, _shades(low, high) if known else (), f"{left:g} {-_CORNER:.1f} {right - left:g} {bottom + _CORNER:.1f}")


def _tile(region: RegionRow, row: Mapping[str, Any], low: float, high: float) -> MapTile:
    x, y = (region.column + region.row % 2 / 2) * _HEX, region.row * _ROW
    corners = " ".join(f"{x + _CORNER * cos(pi / 3 * at + pi / 6):.1f},{y + _CORNER * sin(pi / 3 * at + pi / 6):.1f}" for at in range(6))
    value = row.get("value")
    shade = "few" if row.get("too_few") else "unknown" if value is None else f"s{_step(value, low, high)}"
    return MapTile(region, x, y, corners, shade, value)


def _step(value: float, low: float, high: float) -> int:
    return min(_STEPS - 1, int(_STEPS * (value - low) / (high - low))) if high > low else _STEPS // 2


def _shades(low: float, high: float) -> list[MapShade]:
    if high <= low:
        return [MapShade(f"s{_STEPS // 2}", low, high)]
    width = (high - low) / _STEPS
    return [MapShade(f"s{step}", low + step * width, low + (step + 1) * width) for step in range(_STEPS)]


def bar_plot(rows: FigureRows) -> BarPlot:
    """Return a bar for each row, as long as its number; the longest fills the drawing."""
    most = max((row["value"] for row in rows if row["value"] is not None), default=0) or 1
    lengths = [None if row["value"] is None else (_BARS_TO - _BARS_FROM) * max(row["value"], 0) / most for row in rows]
    bars = [
        PlotBar(row, _TOP + number * _BAR, length, _BARS_FROM + (length or 0) + 6)
        for number, (row, length) in enumerate(zip(rows, lengths, strict=True))
    ]
    return BarPlot(bars, _BARS_FROM, _TOP + len(rows) * _BAR + 4)


def line_plot(rows: FigureRows) -> LinePlot:
    """Return a line through the numbers of rows, one after the other; its axis begins at 0."""
    top = _round_up(max((row["value"] for row in rows if row["value"] is not None), default=0))
    step = (_RIGHT - _LEFT) / max(len(rows) - 1, 1)
    across = [_LEFT + number * step for number in range(len(rows))]
    points = [
        None if row["value"] is None else LinePoint(row, round(x, 1), round(_height(row["value"], top), 1))
        for row, x in zip(rows, across, strict=True)
    ]
    pieces = [
        " ".join(f"{point.x:g},{point.y:g}" for point in piece if point)
        for is_known, piece in groupby(points, lambda point: point is not None)
        if is_known
    ]
    every = max(1, -(-len(rows) // _MOST_DATES))
    dates = [(round(x, 1), str(row["start"])) for x, row in list(zip(across, rows, strict=True))[::every]]
    heights = [(round(_height(top * tick / _TICKS, top), 1), top * tick / _TICKS) for tick in range(_TICKS + 1)]
    return LinePlot(pieces, [point for point in points if point], heights, dates)


def _height(value: float, top: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * value / top


def _round_up(value: float) -> float:
    """Return the next number that reads well at the top of an axis: 1, 2, 4 or 8 times a power of ten, but of a share at most 1."""
    if value <= 0:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return next(power * times for times in (1, 2, 4, 8, 10) if power * times >= value)
