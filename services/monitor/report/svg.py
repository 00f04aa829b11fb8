"""Drawings as inline SVG, without a library: as wide as their place on the page, with letters of one size at every width.

What lies across is in shares of the width (0 to 1), what lies down in pixels, so a drawing is not shrunk on a telephone but drawn narrower.
Text stands in it in both languages and the page shows one; colours are classes, which the page has in each theme (`report.css`).
Nothing is loaded, and the same numbers give the same bytes.
"""

from collections.abc import Sequence
from html import escape
from typing import Literal

from services.monitor.report.translations import Bilingual

Anchor = Literal["start", "middle", "end"]
Point = tuple[float, float]
# Of the box of a line, which is stretched to the drawing: so many steps are finer than any screen
_FINE = 10_000


def drawing(height: float, marks: Sequence[str], *, axis: bool = False) -> str:
    """Return marks as a drawing of a height in pixels; one with an axis has room on its left for the numbers of the axis.

    Readers of screens get the words and the table beside it instead.
    """
    shown = "drawing axis" if axis else "drawing"
    return f'<svg class="{shown}" width="100%" height="{height:g}" aria-hidden="true" focusable="false">{"".join(marks)}</svg>'


def rectangle(across: tuple[float, float], top: float, height: float, shade: str) -> str:
    """Return a rectangle from one place across to another."""
    left, right = across
    return f'<rect x="{_percent(left)}" y="{top:.4g}" width="{_percent(right - left)}" height="{height:.4g}" class="{shade}"/>'


def rule(across: tuple[float, float], down: float, shade: str = "rule") -> str:
    """Return a level line."""
    left, right = across
    return f'<line x1="{_percent(left)}" x2="{_percent(right)}" y1="{down:.4g}" y2="{down:.4g}" class="{shade}"/>'


def words(across: float, down: float, text: Bilingual, shade: str = "label", anchor: Anchor = "start", *, aside: float = 0) -> str:
    """Return words; `aside` moves them by so many pixels."""
    moved = f' dx="{aside:g}"' if aside else ""
    return in_each_language(f'x="{_percent(across)}" y="{down:.4g}"{moved} text-anchor="{anchor}"', text, shade)


def in_each_language(place: str, text: Bilingual, shade: str) -> str:
    """Return a text in each language, of which the page shows one; once where both are the same."""
    if text.nl == text.en:
        return f'<text {place} class="{shade}">{escape(text.nl)}</text>'
    return "".join(
        f'<text {place} class="{shade} {language}" lang="{language}">{escape(written)}</text>'
        for language, written in (("nl", text.nl), ("en", text.en))
    )


def line(points: Sequence[Point], top: float, height: float, shade: str, *, steps: bool = False) -> str:
    """Return a line through points (across, and up from 0 to 1) in a band of the drawing; as `steps`, each height holds until the next."""
    places = [(round(across * _FINE), round((1 - up) * _FINE)) for across, up in points]
    join = "H{} V{}" if steps else "L{} {}"
    path = f"M{places[0][0]} {places[0][1]}" + "".join(join.format(*place) for place in places[1:])
    return (
        f'<svg y="{top:g}" width="100%" height="{height:g}" viewBox="0 0 {_FINE} {_FINE}" preserveAspectRatio="none">'
        f'<path d="{path}" class="line {shade}"/></svg>'
    )


def _percent(share: float) -> str:
    return f"{share * 100:.4g}%"
