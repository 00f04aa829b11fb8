"""How every plot looks, and how it becomes a piece of the page: SVG with its text as text, the same bytes each time.

Nothing is loaded from anywhere. The colours are those of Okabe and Ito, which people tell apart who see fewer colours.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from io import StringIO
from typing import Any, Final

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

BLUE, ORANGE, GREEN, RED = "#0072b2", "#e69f00", "#009e73", "#d55e00"
SKY, PURPLE, YELLOW, GREY = "#56b4e9", "#cc79a7", "#e8d81a", "#999999"
INK, FAINT, RULE = "#1d2733", "#5b6875", "#d9dee3"
COLOURS: Final = (BLUE, ORANGE, GREEN, PURPLE, SKY, RED, YELLOW, GREY)
MONTHS: Final = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
# The width of the text on a sheet of A4, in inches
WIDTH: Final = 6.9
_NAMELESS: Final = dict.fromkeys(("Creator", "Date", "Format", "Type"))
_LOOKS: Final[Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "plek",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8.0,
    # The text of a browser may be a little wider than what was measured
    "figure.constrained_layout.h_pad": 0.08,
    "figure.constrained_layout.w_pad": 0.06,
    "text.color": INK,
    "axes.edgecolor": RULE,
    "axes.labelcolor": FAINT,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}
_ID: Final = re.compile(r'(\bid="|href="#|url\(#)')


@contextmanager
def looks() -> Iterator[None]:
    """Draw in the looks of the report for as long as this lasts."""
    with rc_context(_LOOKS):
        yield


def drawn(name: str, alt: str, height: float, draw: Callable[[Figure], None]) -> str:
    """Draw a plot and return it as a piece of HTML; `alt` says in words what it shows. `height` is in inches."""
    with looks():
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        draw(figure)
        out = StringIO()
        figure.savefig(out, format="svg", metadata=_NAMELESS)
    return _piece(name, alt, out.getvalue())


def percent(axes: Axes, *, of_y: bool = True) -> None:
    """Write the marks of an axis as percentages."""
    (axes.yaxis if of_y else axes.xaxis).set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))


def _piece(name: str, alt: str, text: str) -> str:
    """Cut a drawing out of its file: ids of its own on the page, as wide as the page, and its words for whoever can't see it."""
    body = text[text.index("<svg") :]
    body = _ID.sub(rf"\1{name}-", body)
    body = re.sub(r' (?:width|height)="[^"]*pt"', "", body, count=2)
    return body.replace("<svg", f'<svg role="img" aria-label="{escape(alt, quote=True)}"', 1).strip()
