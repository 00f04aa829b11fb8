"""The values of the rows of the interval tables, and the bitemporal columns that all of them begin with."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import orjson

from services.domain.beds.valid_time import FOREVER
from services.domain.events import catalog as e
from services.monitor.intervals.bitemporal_rows import BitemporalRow, LoggedAt
from services.monitor.intervals.table_schemas import NEVER, Table

RowWriter = Callable[[Table, tuple[Any, ...]], None]
"""Writes a row of a table, in the order of its columns."""


class UnitRow(NamedTuple):
    """What a declared unit was."""

    region: str | None
    kind: str
    overflow: bool
    beds: int
    offer: str
    state: str
    persons: int


class RegistrationRow(NamedTuple):
    """Where a registered shelter was, and of which organisation."""

    region: str
    organisation: str


class StayRow(NamedTuple):
    """How a stay ended, or its unit now."""

    unit: str
    destination: str | None


class HoldRow(NamedTuple):
    """What had become of a request to hold a unit: held from a clock to another (ms)."""

    start: int
    end: int
    unit: str | None
    status: str
    reason: str | None
    accepted: int | None


def bitemporal_columns(partition: int, row: BitemporalRow[Any]) -> Iterator[int]:
    """Yield the columns that every bitemporal table begins with."""
    until = row.until or LoggedAt(NEVER, NEVER)
    yield from (partition, row.since.offset, until.offset, row.since.clock, until.clock)
    # A time that a column can't hold is later than any that can be asked about
    yield from (min(row.span.start, NEVER - 1), NEVER if row.span.end == FOREVER else min(row.span.end, NEVER - 1))


def offer_json(registered: e.ShelterRegistered | None, declared: e.UnitDeclared) -> str:
    """Return as JSON all that decides whether a household fits."""
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
