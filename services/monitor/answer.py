"""An answer: numbers with the definition they follow, the offsets they were worked out from, and how much of the country was heard of.

Nothing known is None, which everyone writes as "unknown"; it is never 0. Every number comes from whole numbers by at most one division.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from services.monitor.definition import Definition
from services.monitor.question import NATION, Offsets, Question, Scope

Value = int | float | None
"""Whole where the unit counts something, a fraction where it is a share, a mean or a length of time; None: unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What a number rests on, for whoever must not publish small ones: so many units, stays, households or requests.

    `shelters` and `largest` (how many of them are of the largest shelter) are None where no shelter is part of it.
    """

    n: int
    shelters: int | None = None
    largest: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One number. `start` and `end` (ms) are the part of the period it is about; both are T for an instant.

    `of` says which part of the whole it is, as its definition lists (`{"reason": "at_night"}`); empty for the whole.
    """

    scope: Scope = NATION
    start: int
    end: int
    of: Mapping[str, str] = field(default_factory=dict)
    value: Value
    weight: Weight | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """The numbers of one figure: the whole scope first, then the rows by region, month and so on, each followed by its parts."""

    definition: Definition
    rows: tuple[Row, ...]

    @property
    def value(self) -> Value:
        """The number of the whole scope and period."""
        return self.rows[0].value


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Figures in the order asked for. Asked again with `recorded=offsets`, the same digits come.

    `clock` is the highest clock (ms) of those records, None when there are none. `heard_of` is the share of registered shelters that
    were heard of within the limit (contract R9), at the instant or on average over the period. `simulated` says that the log is of no
    real country: every page must say so.
    """

    question: Question
    figures: tuple[Figure, ...]
    offsets: Offsets
    clock: int | None
    heard_of: float | None
    fold_version: int
    simulated: bool

    def __getitem__(self, figure: str) -> Figure:
        """Return one figure by its name."""
        return next(found for found in self.figures if found.definition.id == figure)


Ask = Callable[[Question], Answer]
"""Answers a question; UnanswerableError when it makes no sense."""
