"""The map: a hexagon for each region, where its tile lies in the region file. It shows order and neighbours, not shape or size."""

from collections.abc import Iterable, Mapping, Sequence
from math import cos, pi, sin, sqrt
from typing import Final

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from services.adapters.regions import RegionRow
from services.monitor.figures.result import Value
from services.monitor.report.svg import FAINT, draw_svg

# A little less than touching
_SIZE: Final = 0.96 / sqrt(3)
_ROW: Final = 0.866
_UNKNOWN: Final = "#eceff2"
# From light to dark: it can be read with colour blindness, and in grey
_MAP: Final = "YlGnBu"
_DARK: Final = 0.55


def centre(region: RegionRow) -> tuple[float, float]:
    """Return the centre of a hexagon: every other row lies half a width to the right, the north is above."""
    return region.column + region.row % 2 / 2, -region.row * _ROW


def maps(name: str, alt: str, regions: Iterable[RegionRow], panels: Sequence[tuple[str, Mapping[str, Value]]]) -> str:
    """Draw a map for each share by region, side by side, each with its title and its own scale."""
    tiles = list(regions)

    def draw(figure: Figure) -> None:
        for axes, (title, values) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
            _map(axes, title, tiles, values)

    return draw_svg(name, alt, 4.1, draw)


def _map(axes: Axes, title: str, regions: list[RegionRow], values: Mapping[str, Value]) -> None:
    known = [value for value in values.values() if value is not None]
    scale = Normalize(min(known, default=0), max(known, default=1))
    for region in regions:
        value, (x, y) = values.get(region.code), centre(region)
        share = None if value is None else float(scale(value))
        colour = _UNKNOWN if share is None else to_hex(colormaps[_MAP](0.06 + 0.86 * share))
        axes.add_patch(Polygon([_corner(x, y, corner) for corner in range(6)], facecolor=colour, edgecolor="none"))
        ink = FAINT if share is None else ("white" if share > _DARK else "#16202b")
        axes.text(x, y + 0.11, region.code, ha="center", va="center", fontsize=5.6, color=ink)
        axes.text(x, y - 0.14, "?" if value is None else f"{value:.0%}", ha="center", va="center", fontsize=7, color=ink, fontweight="bold")
    axes.set_title(title, fontsize=8.5, loc="left", pad=8)
    axes.set_aspect("equal")
    axes.autoscale_view()
    axes.set_axis_off()


def _corner(x: float, y: float, corner: int) -> tuple[float, float]:
    angle = pi / 3 * corner + pi / 6
    return x + _SIZE * cos(angle), y + _SIZE * sin(angle)
