"""The map: a hexagon for each region, where its tile lies in the region file. It shows order and neighbours, not shape or size."""

from collections.abc import Iterable, Mapping
from html import escape
from itertools import pairwise
from math import cos, pi, sin, sqrt
from typing import Final

from services.adapters.regions import RegionRow
from services.monitor.report.axis import Scale, scale
from services.monitor.report.document_model import LegendEntry, Panel
from services.monitor.report.report_cells import TOO_FEW, Cell, height
from services.monitor.report.svg import in_each_language
from services.monitor.report.translations import Bilingual, rounded

# A hexagon is as wide as a name of ten letters that can be read on a telephone; a little less than touching
_WIDE: Final = 60.0
_DOWN: Final = _WIDE * sqrt(3) / 2
_CORNER: Final = 0.97 * _WIDE / sqrt(3)
# How wide letters are, narrow ones and others, in a font that is wider than most; and how wide a name may be
_NARROW: Final = frozenset("filrtj' ")
_NARROW_WIDE, _USUAL_WIDE = 3.6, 6.4
_FITS: Final = _WIDE - 6
_STEPS: Final = 5
# A value on a mark belongs to the step above it, whatever binary fractions make of it
_NEARLY: Final = 1e-9
# What people call the two whose official name is wider than a tile
_SHORT: Final = {"'s-Gravenhage": "Den Haag", "'s-Hertogenbosch": "Den Bosch"}


def region_map(regions: Iterable[RegionRow], values: Mapping[str, Cell], palette: str, title: Bilingual) -> Panel:
    """Draw a share by region in the colours of a palette, with the colours that occur as its legend."""
    tiles = list(regions)
    shown = {region.code: values.get(region.code) for region in tiles}
    known = [value for each in shown.values() if (value := height(each)) is not None]
    axis = scale(known, from_zero=False) if known else None
    shades = {region.code: _shade(shown[region.code], axis, palette) for region in tiles}
    left, right = min(map(_x, tiles)) - _WIDE / 2, max(map(_x, tiles)) + _WIDE / 2
    top, bottom = min(map(_y, tiles)) - _CORNER, max(map(_y, tiles)) + _CORNER
    box = f"{left:g} {top:.1f} {right - left:g} {bottom - top:.1f}"
    marks = "".join(_tile(region, shown[region.code], shades[region.code]) for region in tiles)
    svg = f'<svg class="map" viewBox="{box}" aria-hidden="true" focusable="false">{marks}</svg>'
    return Panel(svg, _legend(axis, palette, set(shades.values())), title)


def _x(region: RegionRow) -> float:
    """Every other row lies half a tile to the right."""
    return (region.column + region.row % 2 / 2) * _WIDE


def _y(region: RegionRow) -> float:
    return region.row * _DOWN


def _tile(region: RegionRow, value: Cell, shade: str) -> str:
    x, y = _x(region), _y(region)
    corners = " ".join(f"{x + _CORNER * cos(pi / 3 * at + pi / 6):.1f},{y + _CORNER * sin(pi / 3 * at + pi / 6):.1f}" for at in range(6))
    name = _SHORT.get(region.name, region.name)
    # A longer name is set closer, so that it stays on its tile
    wide = sum(_NARROW_WIDE if letter in _NARROW else _USUAL_WIDE for letter in name)
    fitted = f' textLength="{_FITS:g}" lengthAdjust="spacingAndGlyphs"' if wide > _FITS else ""
    number = rounded(value, "share")
    place = f'x="{x:g}" y="{y + 13:.1f}"'
    return (
        f'<polygon points="{corners}" class="tile {shade}"/>'
        f'<text x="{x:g}" y="{y - 2:.1f}" class="tile-name {shade}"{fitted}>{escape(name)}</text>'
        f"{in_each_language(place, number, f'tile-value {shade}')}"
    )


def _shade(value: Cell, axis: Scale | None, palette: str) -> str:
    if value is TOO_FEW:
        return "few"
    level = height(value)
    if level is None or axis is None:
        return "unknown"
    return f"{palette}{_colours(axis)[min(int((level - axis.low) / axis.step + _NEARLY), axis.steps - 1)]}"


def _colours(axis: Scale) -> list[int]:
    """List which of the five colours the steps of an axis have: fewer steps lie as far apart as they can."""
    steps = axis.steps
    return [round(number * (_STEPS - 1) / max(1, steps - 1)) for number in range(steps)]


def _legend(axis: Scale | None, palette: str, used: set[str]) -> list[LegendEntry]:
    found: list[LegendEntry] = []
    if axis is not None:
        for number, (low, high) in zip(_colours(axis), pairwise(axis.marks), strict=True):
            ends = axis.label(low, "share"), axis.label(high, "share")
            text = Bilingual(f"{ends[0].nl} tot {ends[1].nl}", f"{ends[0].en} to {ends[1].en}")
            found.append(LegendEntry(f"{palette}{number}", text))
    if "few" in used:
        found.append(LegendEntry("few", rounded(TOO_FEW, "share")))
    if "unknown" in used:
        found.append(LegendEntry("unknown", rounded(None, "share")))
    return found
