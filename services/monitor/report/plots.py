"""The plots of a report, each from plain numbers. What is unknown is a gap, never 0."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from services.monitor.figures.result import Value
from services.monitor.report.svg import BLUE, COLOURS, FAINT, INK, MONTHS, ORANGE, SKY, draw_svg, percent

_NAN = float("nan")
# Of a bar, from which height on its number fits inside it (in shares of the axis)
_FITS = 0.08


def _height(value: Value) -> float:
    return _NAN if value is None else float(value)


def through_the_year(name: str, alt: str, days: Sequence[tuple[date, Value]], months: Sequence[tuple[date, date, Value]]) -> str:
    """Draw a share day by day, with the mean of each month."""

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        axes.plot([day.toordinal() for day, _ in days], [_height(value) for _, value in days], color=SKY, linewidth=1.0)
        for first, last, value in months:
            axes.plot([first.toordinal(), last.toordinal()], [_height(value)] * 2, color=BLUE, linewidth=2.2, solid_capstyle="butt")
        middles = [(first.toordinal() + last.toordinal()) / 2 for first, last, _ in months]
        axes.set_xticks(middles, MONTHS[: len(middles)])
        lowest = min((value for _, value in days if value is not None), default=0)
        axes.set_ylim(max(0.0, int(lowest * 20 - 0.5) / 20), 1.0)
        axes.margins(x=0.005)
        percent(axes)

    return draw_svg(name, alt, 2.5, draw)


def bars(name: str, alt: str, shares: Mapping[str, Value]) -> str:
    """Draw a share of each of some things as a bar from 0 to 100 %, with its number."""

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        labels = list(shares)[::-1]
        values = [_height(shares[label]) for label in labels]
        axes.barh(labels, [1] * len(labels), color="#eef1f4", height=0.62)
        axes.barh(labels, values, color=[INK if label == labels[-1] else BLUE for label in labels], height=0.62)
        for place, value in enumerate(values):
            axes.text(1.012, place, "?" if value != value else f"{value:.1%}", va="center", color=INK, fontweight="bold")  # noqa: PLR0124  not a number
        axes.set_xlim(0, 1.09)
        axes.grid(visible=False)
        axes.spines["bottom"].set_visible(False)
        axes.set_xticks([])
        axes.tick_params(axis="y", labelcolor=INK)

    return draw_svg(name, alt, 0.35 + 0.28 * len(shares), draw)


def stacked_months(name: str, alt: str, parts: Mapping[str, Sequence[Value]], before: Sequence[Value]) -> str:
    """Draw a count month by month, stacked by its parts, its sum above, with a line where the same month of the year before was."""

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        sums = [0.0] * len(MONTHS)
        for colour, values in zip(COLOURS, parts.values(), strict=False):
            heights = [0 if value is None else float(value) for value in values]
            axes.bar(range(len(heights)), heights, bottom=sums[: len(heights)], color=colour, width=0.72, linewidth=0)
            sums = [bottom + height for bottom, height in zip(sums, [*heights, *[0.0] * 12], strict=False)]
        for month, value in enumerate(before):
            axes.plot([month - 0.45, month + 0.45], [_height(value)] * 2, color=INK, linewidth=1.6)
        for month, total in enumerate(sums):
            axes.annotate(f"{total:.0f}", (month, total), (0, 3), textcoords="offset points", ha="center", color=INK, fontweight="bold")
        axes.set_xticks(range(len(MONTHS)), MONTHS)
        axes.margins(x=0.01, y=0.12)

    return draw_svg(name, alt, 2.8, draw)


def two_months(name: str, alt: str, counts: Sequence[Value], shares: Sequence[Value]) -> str:
    """Draw a count and a share month by month, one above the other."""

    def draw(figure: Figure) -> None:
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        _columns(upper, counts, BLUE, "{:.0f}")
        _columns(lower, shares, ORANGE, "{:.0%}")
        percent(lower)
        lower.set_xticks(range(len(MONTHS)), MONTHS)

    return draw_svg(name, alt, 3.0, draw)


def _columns(axes: Axes, values: Sequence[Value], colour: str, form: str) -> None:
    axes.bar(range(len(values)), [_height(value) for value in values], color=colour, width=0.72)
    for month, value in enumerate(values):
        if value is not None:
            axes.annotate(form.format(value), (month, value), (0, 2), textcoords="offset points", ha="center", color=INK, fontsize=7.5)
    axes.margins(x=0.01, y=0.2)


def survival(name: str, alt: str, curves: Mapping[str, Sequence[tuple[int, Value]]]) -> str:
    """Draw which share is still there after so many days, a curve a kind, as steps; each with its label."""

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        last = max((day for curve in curves.values() for day, _ in curve), default=1)
        for colour, (label, curve) in zip(COLOURS, curves.items(), strict=False):
            known = [(day, float(value)) for day, value in curve if value is not None]
            if known:
                days, values = zip(*known, strict=True)
                axes.step(days, values, where="post", color=colour, linewidth=1.8, label=label)
        axes.axhline(0.5, color=FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
        axes.set_ylim(0, 1.02)
        axes.set_xlim(0, max(last, 1))
        axes.set_xlabel("dagen / days")
        percent(axes)

    return draw_svg(name, alt, 2.8, draw)


def divided(name: str, alt: str, parts: Sequence[tuple[str, Value, str]]) -> str:
    """Draw one bar, divided by parts with their colour, each with its share where there is room."""

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        known = [(label, float(value), colour) for label, value, colour in parts if value]
        total = sum(value for _, value, _ in known)
        edges = [sum(value for _, value, _ in known[:count]) for count in range(len(known) + 1)]
        for (left, right), (_, value, colour) in zip(pairwise(edges), known, strict=True):
            axes.barh([0], [right - left], left=left, color=colour, height=0.9, edgecolor="white", linewidth=1.2)
            if total and value / total >= _FITS:
                axes.text((left + right) / 2, 0, f"{value / total:.0%}", ha="center", va="center", color=_ink(colour), fontweight="bold")
        axes.set_xlim(0, max(total, 1))
        axes.set_axis_off()

    return draw_svg(name, alt, 0.55, draw)


def _ink(colour: str) -> str:
    """Return the colour of text, dark or light, that reads better on a colour."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 130 else "white"
