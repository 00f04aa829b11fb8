"""The country at one moment, as a table and a map of hexagons for the terminal."""

from collections.abc import Iterator, Mapping
from typing import Final

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.adapters.regions import RegionRow
from services.monitor.answer import Answer, Value
from services.monitor.days import local
from services.monitor.question import By, Question
from services.monitor.report.rows import shares, wholes
from services.monitor.report.words import number

FIGURES: Final = ("capacity", "units-by-state", "occupancy", "waiting")
_STATES: Final = ("occupied", "closed", "held", "paused", "unknown", "free")
_KINDS: Final = ("emergency", "crisis", "follow_up", "assisted")
# From what share occupied on, and how it is drawn: the number says it, the colour helps
_SHADES: Final = ((0.995, "white on red3"), (0.97, "black on orange1"), (0.9, "black on khaki1"), (0.0, "black on dark_sea_green2"))
_WIDE: Final = 6


def question(at: int, *by: By) -> Question:
    """Ask for a moment."""
    return Question(figures=FIGURES, at=at, by=by)


def drawn(nation: Answer, kinds: Answer, regions: Answer, known: Mapping[str, RegionRow], at: int) -> Group:
    """Draw it: first of when, and how much of the country had been heard of."""
    return Group(*_parts(nation, kinds, regions, known, at))


def _parts(nation: Answer, kinds: Answer, regions: Answer, known: Mapping[str, RegionRow], at: int) -> Iterator[RenderableType]:
    told = "Simulated: this country was made up. " if nation.simulated else ""
    heard = number(nation.heard_of, "share").en
    yield Text(f"{told}As it was on {local(at):%A %-d %B %Y, %H:%M} (Europe/Amsterdam); {heard} of shelters heard of", style="bold")
    known_at = "nothing" if nation.clock is None else f"{local(nation.clock):%Y-%m-%d %H:%M}"
    yield Text(f"Worked out from all that was logged up to {known_at}, late entries and corrections too\n", style="dim")
    yield Columns([_table(nation, kinds), _map(regions, known)], padding=(0, 4))


def _table(nation: Answer, kinds: Answer) -> Table:
    shown = Table(box=None, pad_edge=False)
    for heading in ("", "places", *_STATES, "rate", "waiting"):
        shown.add_column(heading, justify="left" if not heading else "right")
    _add(shown, "Nation", nation, None)
    for kind in _KINDS:
        _add(shown, kind.replace("_", "-"), kinds, kind)
    return shown


def _add(shown: Table, name: str, found: Answer, kind: str | None) -> None:
    rows = {each.definition.id: next((row for row in each.rows if not row.of and row.scope.kind == kind), None) for each in found.figures}
    states = shares(found["units-by-state"], "state", rows["units-by-state"]) if rows["units-by-state"] else {}
    values: dict[str, Value] = {figure: row.value if row else None for figure, row in rows.items()}
    counts = (number(states.get(state, None if values["capacity"] is None else 0), "units").en for state in _STATES)
    rate, waiting = number(values["occupancy"], "share").en, number(values["waiting"], "entries").en
    shown.add_row(name, number(values["capacity"], "units").en, *counts, rate, waiting, style="bold" if kind is None else None)


def _map(regions: Answer, known: Mapping[str, RegionRow]) -> Text:
    """Draw every region where its tile stands: its code, and what share of its places was occupied."""
    shares_of = {row.scope.region: row.value for row in wholes(regions["occupancy"])}
    drawn_map = Text("Share of places occupied, by region\n\n", style="dim")
    rows = range(min(row.row for row in known.values()), max(row.row for row in known.values()) + 1)
    first = min(row.column for row in known.values())
    for row in rows:
        for line in (True, False):
            at = 0
            for region in sorted((each for each in known.values() if each.row == row), key=lambda each: each.column):
                begins = (region.column - first) * (_WIDE + 1) + row % 2 * (_WIDE + 1) // 2
                drawn_map.append(" " * (begins - at))
                share = shares_of.get(region.code)
                drawn_map.append(f"{region.code if line else _percent(share):^{_WIDE}}", style=_shade(share))
                at = begins + _WIDE
            drawn_map.append("\n")
    return drawn_map


def _percent(share: Value) -> str:
    return "?" if share is None else f"{share:.0%}"


def _shade(share: Value) -> str:
    return "dim reverse" if share is None else next(style for least, style in _SHADES if share >= least)
