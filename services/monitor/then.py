"""What the rows of the interval tables say was so, and the columns in which all of them say from when to when."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import orjson

from services.domain import events as e
from services.domain.timelines import FOREVER
from services.monitor.columns import NEVER, Table
from services.monitor.ledger import Logged, Row

Put = Callable[[Table, tuple[Any, ...]], None]
"""Takes a row of a table, in the order of its columns."""


class UnitThen(NamedTuple):
    """What a declared unit was."""

    region: str | None
    kind: str
    overflow: bool
    beds: int
    offer: str
    state: str
    persons: int


class StayThen(NamedTuple):
    """How a stay ended, or its unit now."""

    unit: str
    destination: str | None


class HoldThen(NamedTuple):
    """What became of a request by then: held from a clock to another (ms)."""

    start: int
    end: int
    unit: str | None
    status: str
    reason: str | None
    accepted: int | None


def known(partition: int, row: Row[Any]) -> Iterator[int]:
    """Write the columns that every such table begins with."""
    until = row.until or Logged(NEVER, NEVER)
    yield from (partition, row.since.offset, until.offset, row.since.clock, until.clock)
    # A time that these columns can't hold is later than any that can be asked about
    yield from (min(row.span.start, NEVER - 1), NEVER if row.span.end == FOREVER else min(row.span.end, NEVER - 1))


def offer(registered: e.ShelterRegistered | None, declared: e.UnitDeclared) -> str:
    """Write down all that decides whether a household fits."""
    return orjson.dumps(
        {
            "kind": declared.kind,
            "max_adults": declared.max_adults,
            "max_children": declared.max_children,
            "features": declared.features,
            "region": registered and registered.region,
            "security": registered and registered.security,
            "audience": registered and registered.audience,
            "max_son_age": registered and registered.max_son_age,
            "languages": registered and registered.languages,
            "services": registered and registered.services,
        }
    ).decode()
