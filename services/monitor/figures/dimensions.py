"""The rows that a query asks for: which scopes, and which instants or parts of the period. Pure: the region file is its only input."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from services.adapters.regions import RegionRow
from services.domain.durations import NS_PER_MS
from services.domain.events.value_types import KINDS
from services.monitor.dutch_calendar import split
from services.monitor.intervals.table_schemas import NEVER
from services.monitor.query import Period, Query, Scope, UnanswerableError

# In 2262: a column of the tables can hold no later instant in nanoseconds
_LAST_MS: Final = (NEVER - 1) // NS_PER_MS - 1
NO_REGION: Final = ""
"""Stands for a shelter that is not registered: it counts for the nation, and for no region."""
NO_KIND: Final = ""
"""Stands for a unit that is not declared."""


@dataclass(frozen=True, slots=True)
class TimeSlice:
    """A part of the time asked about: from `start` to `end` (ms), or from `a` to `b` (ns); an instant is 1 ns long."""

    start: int
    end: int
    a: int
    b: int

    @property
    def length(self) -> int:
        """Its length (ns); not above 0 when nothing of it has been recorded."""
        return self.b - self.a


@dataclass(frozen=True, slots=True)
class Dimensions:
    """Scopes and times, and which pairs of them are asked for, the whole first. `regions` are those of each scope."""

    scopes: tuple[Scope, ...]
    times: tuple[TimeSlice, ...]
    wanted: tuple[tuple[int, int], ...]
    regions: Mapping[int, tuple[str, ...]]


def dimensions_of(query: Query, regions: Mapping[str, RegionRow], horizon: int | None) -> Dimensions:
    """Lay out a query, cut off at `horizon` (ms), the clock of the last record that is read. UnanswerableError."""
    for error in _errors(query, regions):
        raise UnanswerableError(error)
    by_place, by_time = bool({"region", "province", "kind"} & set(query.by)), bool({"month", "day"} & set(query.by))
    scopes = (query.scope, *_scopes(query, regions)) if by_place else (query.scope,)
    times = tuple(_times(query, horizon))
    scope_numbers = range(1, len(scopes)) if by_place else range(1)
    time_numbers = range(1, len(times)) if by_time else range(1)
    rows = product(scope_numbers, time_numbers) if query.by else ()
    return Dimensions(scopes, times, ((0, 0), *rows), {number: _regions_in(scope, regions) for number, scope in enumerate(scopes)})


def _regions_in(scope: Scope, regions: Mapping[str, RegionRow]) -> tuple[str, ...]:
    if scope.region:
        return (scope.region,)
    return tuple(code for code, row in regions.items() if scope.province in (None, row.province))


def _errors(query: Query, regions: Mapping[str, RegionRow]) -> Iterator[str]:
    scope, by, period = query.scope, query.by, query.period
    if period and query.at is not None:
        yield "an instant and a period at once"
    if not period and query.at is None and query.as_known_at is None:
        yield "no instant, no period and no clock"
    if period and period.start >= period.end:
        yield "the period ends before it begins"
    if any(not 0 <= instant <= _LAST_MS for instant in (*((period.start, period.end) if period else ()), query.at or 0)):
        yield "an instant before 1970 or after 2261"
    if scope.region and (scope.province or scope.region not in regions):
        yield "no such region, or a region and a province at once"
    if scope.province and scope.province not in {row.province for row in regions.values()}:
        yield "no such province"
    if scope.kind and scope.kind not in KINDS:
        yield "no such kind of unit"
    if len(set(by)) < len(by) or {"region", "province"} <= set(by) or {"month", "day"} <= set(by):
        yield "rows by the same twice, by region and province, or by month and day"
    if {"month", "day"} & set(by) and not period:
        yield "months and days need a period"


def _scopes(query: Query, regions: Mapping[str, RegionRow]) -> Iterator[Scope]:
    scope, inside = query.scope, _regions_in(query.scope, regions)
    places = [scope]
    if "region" in query.by:
        places = [replace(scope, province=None, region=code) for code in inside]
    elif "province" in query.by:
        places = [replace(scope, province=name, region=None) for name in sorted({regions[code].province for code in inside})]
    kinds = (KINDS if scope.kind is None else (scope.kind,)) if "kind" in query.by else (scope.kind,)
    for place, kind in product(places, kinds):
        yield replace(place, kind=kind)


def _times(query: Query, horizon: int | None) -> list[TimeSlice]:
    if query.period is None:
        if query.at is None:
            now = query.as_known_at or 0
            # The live view has no time of its own (R1 to R12): it is what holds once every recorded event has happened
            return [TimeSlice(now, now, NEVER - 1, NEVER)]
        return [TimeSlice(query.at, query.at, query.at * NS_PER_MS, query.at * NS_PER_MS + 1)]
    parts = split(query.period, "month") if "month" in query.by else split(query.period, "day") if "day" in query.by else []
    return [_cut(part, horizon) for part in (query.period, *parts)]


def _cut(part: Period, horizon: int | None) -> TimeSlice:
    end = max(part.start, min(part.end, part.start if horizon is None else horizon))
    return TimeSlice(part.start, end, part.start * NS_PER_MS, end * NS_PER_MS)
