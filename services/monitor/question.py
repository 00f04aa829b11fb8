"""A question to the stream: which figures, of when, of where, by what had been recorded. It holds no clock: asked again, it is the same.

Three ways to say when (contract R14), all in milliseconds since 1970:
- `at`: what was true at that instant;  - `period`: what was true from an instant to another;
- neither, but `known_at`: the live view as it was shown at that clock, with what was held and what was unknown.
With `known_at` beside one of the first two, only the records up to that clock are looked at: what was thought true of then, by then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from services.domain.events import Need

Topic = Literal["beds", "demand"]
Offsets = Mapping[Topic, Mapping[int, int]]
"""Of each topic and partition the last offset that is looked at; a partition without a record has none."""

By = Literal["region", "province", "kind", "month", "day"]
"""What rows there are beside the one of the whole scope. Months and days are those of Europe/Amsterdam."""


class UnanswerableError(Exception):
    """A question that makes no sense; the message is one clear line that repeats nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where: the nation, or one province or region, and of it every kind of unit or one. Codes of the region file, kinds of section 3."""

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
    """Who asks for a place, for the figures that depend on it; as a search has it."""

    adults: int
    children: int
    need: Need
    exclude_regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked. `recorded` looks at the records up to those offsets only, as an earlier answer named them; else at all there are.

    `by` asks for more rows: of each region, of each month, or with several of each month of each region. Regions and provinces do not
    go together, nor do months and days; months and days need a period.
    """

    figures: tuple[str, ...]
    at: int | None = None
    period: Period | None = None
    known_at: int | None = None
    recorded: Offsets | None = None
    scope: Scope = NATION
    by: tuple[By, ...] = ()
    household: Household | None = None
