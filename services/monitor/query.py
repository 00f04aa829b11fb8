"""A query to the monitor: which figures, of when, of where, by what had been recorded. It holds no clock: asked again, it means the same.

Three ways to state the time (contract R14), all in milliseconds since 1970:
- `at`: what was true at that instant;  - `period`: what was true from an instant to another;
- neither, but `as_known_at`: the live view as it was shown at that clock, with what was held and what was unknown.
With `as_known_at` beside one of the first two, only the records up to that clock are read: what was then thought to be true.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from services.domain.events.catalog import Need

Topic = Literal["beds", "demand"]
Offsets = Mapping[Topic, Mapping[int, int]]
"""Of each topic and partition the last offset that is read; a partition without a record has none."""

By = Literal["region", "province", "kind", "month", "day"]
"""The rows there are beside the one of the whole scope. Months and days are those of Europe/Amsterdam."""


class UnanswerableError(Exception):
    """A query that makes no sense; the message is one clear line that repeats no value of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The nation, or one province or region, and of it all kinds of unit or one. Codes of the region file, kinds of section 3."""

    province: str | None = None
    region: str | None = None
    kind: str | None = None


NATION = Scope()


@dataclass(frozen=True, slots=True)
class Period:
    """From an instant, included, to another, excluded."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """The household that needs a place, for the figures that depend on it; as a search has it."""

    adults: int
    children: int
    need: Need
    exclude_regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked. With `offsets`, as an earlier result named them, only the records up to those are read; else all there are.

    `by` asks for more rows: of each region, of each month, or with several of each month of each region. Regions and provinces do not
    go together, nor do months and days; months and days need a period. A `protected` query gets no number of a small cell: an analyst's.
    """

    figures: tuple[str, ...]
    at: int | None = None
    period: Period | None = None
    as_known_at: int | None = None
    offsets: Offsets | None = None
    scope: Scope = NATION
    by: tuple[By, ...] = ()
    household: Household | None = None
    protected: bool = False
