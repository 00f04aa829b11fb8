"""What a report is made of: chapters of text in two languages, plots with their legend, and the table behind each plot."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.monitor.figures.definitions import Definition, Unit
from services.monitor.figures.result import FigureResult, Value
from services.monitor.report.translations import FORGOTTEN, Bilingual, figure_name, number, text, with_unit

TableRows = Iterable[tuple[Bilingual, Sequence[tuple[Value, Unit]]]]
"""Numbers with their units, each row with its heading."""


@dataclass(frozen=True, slots=True)
class FigureText:
    """One number in large type: its label, and its definition."""

    label: Bilingual
    value: Bilingual
    definition: Definition


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a plot, for readers who can't see it or want them to the digit."""

    columns: Sequence[Bilingual]
    rows: Sequence[tuple[Bilingual, Sequence[Bilingual]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A plot: what its colours mean, what defines its numbers, the answers it is drawn from (`sources`), and its table."""

    name: str
    svg: str
    definitions: Sequence[Definition]
    sources: Sequence[str]
    table: Table
    legend: Sequence[tuple[str, Bilingual]] = ()
    note: Bilingual | None = None

    @property
    def title(self) -> Bilingual:
        """Its title in `texts.toml`."""
        return text("plots", self.name, "title")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One subject."""

    name: str
    text: Bilingual
    numbers: Sequence[FigureText] = ()
    plots: Sequence[Plot]

    @property
    def title(self) -> Bilingual:
        """Its title in `texts.toml`."""
        return text("chapters", self.name, "title")


def figure_texts(result: FigureResult, *figures: str) -> list[FigureText]:
    """Return the numbers of figures for the whole country and period; of a length of time with its unit, which nothing else shows."""
    texts = []
    for figure in figures:
        definition, value = result[figure].definition, result[figure].value
        write = with_unit if definition.unit in {"days", "minutes"} else number
        written = FORGOTTEN if result[figure].forgotten else write(value, definition.unit)
        texts.append(FigureText(figure_name(definition), written, definition))
    return texts


def table(columns: Sequence[Bilingual], rows: TableRows) -> Table:
    """Write numbers into a table."""
    return Table(columns, [(heading, [number(value, unit) for value, unit in values]) for heading, values in rows])
