"""What rows a question asks for: which scopes, which instants or parts of the period. Pure: nothing is looked up but the regions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from services.adapters.instants import NS_PER_MS
from services.adapters.regions import RegionRow
from services.domain.values import KINDS
from services.monitor.columns import NEVER
from services.monitor.days import split
from services.monitor.question import By, Period, Question, Scope, UnanswerableError

# 2262: the last instant whose nanoseconds the tables can hold
_LAST_MS: Final = (NEVER - 1) // NS_PER_MS - 1
NO_REGION: Final = ""
"""Stands for a shelter that is not registered: what happens there is the nation's, and no region's."""
NO_KIND: Final = ""
"""Stands for a unit that is not declared."""


@dataclass(frozen=True, slots=True)
class Time:
    """A part of the time asked about: from `start` to `end` (ms); `a` to `b` in nanoseconds, one of them long for an instant."""

    start: int
    end: int
    a: int
    b: int

    @property
    def length(self) -> int:
        """How many nanoseconds; not above nought when nothing of it has been recorded."""
        return self.b - self.a


@dataclass(frozen=True, slots=True)
class Cells:
    """Scopes and times, and which pairs of them are asked for: the whole first."""

    scopes: tuple[Scope, ...]
    times: tuple[Time, ...]
    wanted: tuple[tuple[int, int], ...]
    regions: Mapping[int, tuple[str, ...]]


def cells_of(question: Question, regions: Mapping[str, RegionRow], horizon: int | None) -> Cells:
    """Lay out a question; what lies behind `horizon` (ms), the last record that is looked at, is cut off. UnanswerableError."""
    check(question, regions)
    scopes = (question.scope, *_scopes(question, regions)) if _places(question.by) else (question.scope,)
    times = _times(question, horizon)
    by_place = range(1, len(scopes)) if len(scopes) > 1 or _places(question.by) else range(1)
    by_time = range(1, len(times)) if _parts(question.by) else range(1)
    rest = product(by_place, by_time) if question.by else ()
    inside = {number: regions_in(scope, regions) for number, scope in enumerate(scopes)}
    return Cells(scopes, tuple(times), ((0, 0), *rest), inside)


def regions_in(scope: Scope, regions: Mapping[str, RegionRow]) -> tuple[str, ...]:
    """List the regions of a scope."""
    if scope.region:
        return (scope.region,)
    return tuple(code for code, row in regions.items() if scope.province in (None, row.province))


def check(question: Question, regions: Mapping[str, RegionRow]) -> None:
    """Say what makes no sense in a question."""
    for wrong in _wrong(question, regions):
        raise UnanswerableError(wrong)


def _wrong(question: Question, regions: Mapping[str, RegionRow]) -> Iterator[str]:
    scope, by, period = question.scope, question.by, question.period
    if period and question.at is not None:
        yield "an instant and a period at once"
    if not period and question.at is None and question.known_at is None:
        yield "no instant, no period and no clock"
    if period and period.start >= period.end:
        yield "the period ends before it begins"
    if any(not 0 <= instant <= _LAST_MS for instant in (*((period.start, period.end) if period else ()), question.at or 0)):
        yield "an instant before 1970 or after 2261"
    if scope.region and (scope.province or scope.region not in regions):
        yield "no such region, or a region and a province at once"
    if scope.province and scope.province not in {row.province for row in regions.values()}:
        yield "no such province"
    if scope.kind and scope.kind not in KINDS:
        yield "no such kind of unit"
    if len(set(by)) < len(by) or {"region", "province"} <= set(by) or {"month", "day"} <= set(by):
        yield "rows by the same twice, by region and province, or by month and day"
    if _parts(by) and not period:
        yield "months and days need a period"


def _places(by: tuple[By, ...]) -> bool:
    return bool({"region", "province", "kind"} & set(by))


def _parts(by: tuple[By, ...]) -> bool:
    return bool({"month", "day"} & set(by))


def _scopes(question: Question, regions: Mapping[str, RegionRow]) -> Iterator[Scope]:
    scope, inside = question.scope, regions_in(question.scope, regions)
    where = [scope]
    if "region" in question.by:
        where = [replace(scope, province=None, region=code) for code in inside]
    elif "province" in question.by:
        where = [replace(scope, province=name, region=None) for name in sorted({regions[code].province for code in inside})]
    kinds = (KINDS if scope.kind is None else (scope.kind,)) if "kind" in question.by else (scope.kind,)
    for place, kind in product(where, kinds):
        yield replace(place, kind=kind)


def _times(question: Question, horizon: int | None) -> list[Time]:
    if question.period is None:
        if question.at is None:
            now = question.known_at or 0
            # What is true when all has happened that was recorded: R1 to R12 without a clock
            return [Time(now, now, NEVER - 1, NEVER)]
        return [Time(question.at, question.at, question.at * NS_PER_MS, question.at * NS_PER_MS + 1)]
    parts = [question.period]
    if "month" in question.by or "day" in question.by:
        parts += split(question.period, "month" if "month" in question.by else "day")
    return [_cut(part, horizon) for part in parts]


def _cut(part: Period, horizon: int | None) -> Time:
    end = max(part.start, min(part.end, part.start if horizon is None else horizon))
    return Time(part.start, end, part.start * NS_PER_MS, end * NS_PER_MS)
