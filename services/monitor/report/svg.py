"""The style of every plot, and its conversion to inline SVG: with its text as text, the same bytes each time.

Nothing is loaded from the network. The colours are those of Okabe and Ito: they can be distinguished with colour blindness.
"""

import re
from collections.abc import Callable
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
_WIDTH: Final = 6.9
_NO_METADATA: Final = dict.fromkeys(("Creator", "Date", "Format", "Type"))
_STYLE: Final[Any] = {
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


def draw_svg(name: str, alt: str, height: float, draw: Callable[[Figure], None]) -> str:
    """Draw a plot and return it as inline SVG. `alt` describes it for a screen reader; `height` is in inches."""
    with rc_context(_STYLE):
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        draw(figure)
        out = StringIO()
        figure.savefig(out, format="svg", metadata=_NO_METADATA)
    return _inline(name, alt, out.getvalue())


def percent(axes: Axes) -> None:
    """Write the marks of the vertical axis as percentages."""
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))


def _inline(name: str, alt: str, text: str) -> str:
    """Cut a drawing out of its file: with ids of its own on the page, as wide as the page, and with its description."""
    body = text[text.index("<svg") :]
    body = _ID.sub(rf"\1{name}-", body)
    body = re.sub(r' (?:width|height)="[^"]*pt"', "", body, count=2)
    return body.replace("<svg", f'<svg role="img" aria-label="{escape(alt, quote=True)}"', 1).strip()
