"""The plots of a report, each from plain numbers. What is unknown or hidden is a gap, never 0."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Final, NamedTuple

from services.monitor.figures.definitions import Unit
from services.monitor.report.axis import Scale, scale
from services.monitor.report.report_cells import Cell, height
from services.monitor.report.svg import Point, drawing, line, rectangle, rule, words
from services.monitor.report.translations import Bilingual, month_name, rounded

# In pixels: a number above the highest bar has room, and the months below
_ABOVE, _PLOT, _BELOW = 18.0, 170.0, 22.0
_ROW, _BAR_TOP, _BAR = 40.0, 20.0, 10.0
# Of its twelfth of the width a column leaves as much on either side
_GAP: Final = 0.14
# Twelve numbers of so many characters fit beside each other on the narrowest telephone
_SHORT: Final = 3
# From this share of an axis on the unit is written
_UNIT_FROM: Final = 0.9
MONTHS_A_YEAR: Final = 12


class Bar(NamedTuple):
    """A bar with what it is, its length (0 to 1; None is no bar), and its number in words."""

    name: Bilingual
    length: float | None
    number: Bilingual
    shade: str = "plain"


def through_the_year(days: Sequence[tuple[date, Cell]], months: Sequence[tuple[date, date, Cell]]) -> tuple[str, Scale]:
    """Draw a share day by day, with the mean of each month; the axis has what occurs, and is returned too."""
    heights = [height(value) for _, value in days]
    axis = scale(heights, from_zero=False, at_most=1.0)
    start, count = days[0][0].toordinal(), len(days)
    marks = [*_grid(axis, "share")]
    numbered = enumerate(heights)
    for is_known, piece in groupby(numbered, lambda each: each[1] is not None):
        if is_known:
            points: list[Point] = [((number + 0.5) / count, axis.share(value or 0)) for number, value in piece]
            marks.append(line(points, _ABOVE, _PLOT, "by-day"))
    for first, last, value in months:
        across = (first.toordinal() - start) / count, (last.toordinal() - start) / count
        if (mean := height(value)) is not None:
            marks.append(rule(across, _down(axis, mean), "mean"))
        marks.append(_month((across[0] + across[1]) / 2, first.month))
    return drawing(_ABOVE + _PLOT + _BELOW, marks, axis=True), axis


def bars(rows: Sequence[Bar]) -> str:
    """Draw a bar below each name, beside it its number: both fit at any width."""
    marks: list[str] = []
    for number, bar in enumerate(rows):
        top = number * _ROW
        marks.append(words(0, top + _BAR_TOP - 6, bar.name))
        marks.append(words(1, top + _BAR_TOP - 6, bar.number, "number", "end"))
        marks.append(rectangle((0, 1), top + _BAR_TOP, _BAR, "track"))
        if bar.length:
            marks.append(rectangle((0, min(bar.length, 1.0)), top + _BAR_TOP, _BAR, f"bar {bar.shade}"))
    return drawing(len(rows) * _ROW, marks)


def stacked_months(parts: Mapping[str, Sequence[Cell]], totals: Sequence[Cell], before: Sequence[Cell]) -> str:
    """Draw a count month by month, stacked by its parts (by shade), its sum above, with a line where the year before was."""
    axis = scale([height(value) for value in (*totals, *before)])
    marks = [*_grid(axis, "nights")]
    for month, total in enumerate(totals):
        across, below = _column(month), 0.0
        for shade, values in parts.items():
            if part := height(values[month]):
                top = _down(axis, below + part)
                marks.append(rectangle(across, top, _down(axis, below) - top, f"stack {shade}"))
                below += part
        marks.append(_number(month, axis, total, "nights", at_least=height(before[month]) if month < len(before) else None))
        marks.append(_month(_middle(month), month + 1))
    for month, value in enumerate(before[:MONTHS_A_YEAR]):
        if (level := height(value)) is not None:
            left, right = _column(month)
            marks.append(rule((left - 0.008, right + 0.008), _down(axis, level), "before"))
    return drawing(_ABOVE + _PLOT + _BELOW, marks, axis=True)


def columns(values: Sequence[Cell], unit: Unit, shade: str) -> str:
    """Draw a number month by month, each above its column."""
    axis = scale([height(value) for value in values], at_most=1.0 if unit == "share" else None)
    marks = [*_grid(axis, unit)]
    for month, value in enumerate(values):
        if (level := height(value)) is not None:
            top = _down(axis, level)
            marks.append(rectangle(_column(month), top, _ABOVE + _PLOT - top, f"bar {shade}"))
        marks += [_number(month, axis, value, unit), _month(_middle(month), month + 1)]
    return drawing(_ABOVE + _PLOT + _BELOW, marks, axis=True)


def survival(curves: Mapping[str, Sequence[tuple[int, Cell]]], half: Bilingual, days: Bilingual) -> str:
    """Draw which share is still there after so many days, a curve a shade, as steps, with a line at one half."""
    last = max((day for curve in curves.values() for day, _ in curve), default=1) or 1
    axis = scale([0.0, 1.0])
    marks = [*_grid(axis, "share"), rule((0, 1), _down(axis, 0.5), "half"), words(1, _down(axis, 0.5) - 5, half, "tick", "end")]
    for shade, curve in curves.items():
        known: list[Point] = [(day / last, axis.share(level)) for day, value in curve if (level := height(value)) is not None]
        if known:
            marks.append(line(known, _ABOVE, _PLOT, shade, steps=True))
    across = scale([float(last)])
    # The last of them is where the unit stands
    marks += [
        words(mark / last, _ABOVE + _PLOT + 15, rounded(mark, "days"), "tick", "middle" if mark else "start")
        for mark in across.marks
        if mark < _UNIT_FROM * last
    ]
    marks.append(words(1, _ABOVE + _PLOT + 15, days, "tick", "end"))
    return drawing(_ABOVE + _PLOT + _BELOW, marks, axis=True)


def _grid(axis: Scale, unit: Unit) -> Iterator[str]:
    """Yield a line and a number for each mark of the axis."""
    for mark in axis.marks:
        yield rule((0, 1), _down(axis, mark))
        yield words(0, _down(axis, mark) + 4, axis.label(mark, unit), "tick", "end", aside=-6)


def _down(axis: Scale, value: float) -> float:
    return _ABOVE + _PLOT * (1 - axis.share(value))


def _middle(month: int) -> float:
    return (month + 0.5) / MONTHS_A_YEAR


def _column(month: int) -> tuple[float, float]:
    return (month + _GAP) / MONTHS_A_YEAR, (month + 1 - _GAP) / MONTHS_A_YEAR


def _month(across: float, month: int) -> str:
    return words(across, _ABOVE + _PLOT + 15, month_name(month), "tick", "middle")


def _number(month: int, axis: Scale, value: Cell, unit: Unit, at_least: float | None = None) -> str:
    """Return the number above a column, and above the line of the year before where that would strike it through."""
    level, written = height(value), rounded(value, unit, decimals=0)
    # On a narrow telephone every second long number is left out
    shade = "value second" if month % 2 and len(written.nl) > _SHORT else "value"
    if level is None:
        return words(_middle(month), _ABOVE + _PLOT - 5, written, shade, "middle")
    down = _down(axis, level)
    if at_least is not None and 0 <= down - _down(axis, at_least) <= _ABOVE:
        down = _down(axis, at_least)
    return words(_middle(month), down - 4, written, shade, "middle")
