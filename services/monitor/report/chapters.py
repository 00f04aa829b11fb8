"""What a report is made of: chapters of text in two languages, plots with their legend, and the table behind each plot."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.monitor.answer import Answer, Value
from services.monitor.definition import Definition, Unit
from services.monitor.report.words import Both, number, with_unit


@dataclass(frozen=True, slots=True)
class Told:
    """A number large enough to be seen from afar: what it is, its definition, and the answer it is of."""

    label: Both
    value: Both
    definition: Definition
    of: str


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a plot, for whoever can't see it or wants them to the digit."""

    columns: Sequence[Both]
    rows: Sequence[tuple[Both, Sequence[Both]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A plot with its title, what its colours mean, what it is defined by, the answers it is drawn from, and its table."""

    name: str
    title: Both
    svg: str
    legend: Sequence[tuple[str, Both]] = ()
    note: Both | None = None
    definitions: Sequence[Definition]
    of: Sequence[str]
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One subject."""

    name: str
    title: Both
    text: Both
    told: Sequence[Told] = ()
    plots: Sequence[Plot] = field(default_factory=tuple)


def told(answer: Answer, figure: str, of: str, label: Both | None = None) -> Told:
    """Tell the number of the whole country and period."""
    found = answer[figure]
    definition = found.definition
    return Told(label or Both(definition.dutch[0], definition.english[0]), _short(found.value, definition.unit), definition, of)


def table(columns: Sequence[Both], rows: Iterable[tuple[Both, Sequence[tuple[Value, Unit]]]]) -> Table:
    """Write numbers into a table."""
    return Table(columns, [(label, [number(value, unit) for value, unit in values]) for label, values in rows])


def _short(value: Value, unit: Unit) -> Both:
    """Write a number; of a length of time also in what it is measured, for nothing else says so."""
    return with_unit(value, unit) if unit in {"days", "minutes"} else number(value, unit)
