"""What a report is made of: chapters of text in two languages, plots with their legend, and the table behind each plot."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.monitor.figures.definitions import Definition, Unit
from services.monitor.figures.result import FigureResult
from services.monitor.report.report_cells import Cell, whole
from services.monitor.report.translations import Bilingual, figure_name, rounded, rounded_with_unit, text

TableRows = Iterable[tuple[Bilingual, Sequence[tuple[Cell, Unit]]]]
"""Numbers with their units, each row with its heading."""


@dataclass(frozen=True, slots=True)
class FigureText:
    """One number in large type: its label, and its definition."""

    label: Bilingual
    value: Bilingual
    definition: Definition


@dataclass(frozen=True, slots=True)
class KeySentence:
    """One of the few things to know of a year: a number, a sentence that says of what, and the definitions of its numbers."""

    name: str
    value: Bilingual
    sentence: Bilingual
    definitions: Sequence[Definition]


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a plot, for readers who can't see it or want them to the digit."""

    columns: Sequence[Bilingual]
    rows: Sequence[tuple[Bilingual, Sequence[Bilingual]]]


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A colour, as the class of it in the style sheet, and what it means; a `line` is shown as one."""

    shade: str
    label: Bilingual
    line: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """A drawing, and what its colours mean."""

    svg: str
    legend: Sequence[LegendEntry] = ()
    title: Bilingual | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A plot of one drawing or of some: what defines its numbers, the answers it is drawn from (`sources`), and its table.

    Drawings stand `beside` each other where the page is wide enough. `values` are filled into its title and into what a screen reader
    says, both in `texts.toml`.
    """

    name: str
    panels: Sequence[Panel]
    definitions: Sequence[Definition]
    sources: Sequence[str]
    table: Table
    beside: bool = False
    note: Bilingual | None = None
    values: Mapping[str, Bilingual | str] = field(default_factory=dict)

    @property
    def title(self) -> Bilingual:
        """Its title."""
        return text("plots", self.name, "title", **self.values)

    @property
    def alt(self) -> Bilingual:
        """What a screen reader says instead of the drawing."""
        return text("plots", self.name, "alt", **self.values)


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
        definition, value = result[figure].definition, whole(result[figure])
        write = rounded_with_unit if definition.unit in {"days", "minutes"} else rounded
        texts.append(FigureText(figure_name(definition), write(value, definition.unit), definition))
    return texts


def table(columns: Sequence[Bilingual], rows: TableRows) -> Table:
    """Write numbers into a table: a column has one style of decimals."""
    return Table(columns, [(heading, [rounded(value, unit) for value, unit in values]) for heading, values in rows])
