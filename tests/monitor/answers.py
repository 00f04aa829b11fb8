"""Results of a country that does not exist: for each query the rows that its definition lists, with made-up numbers by seed.

For pages, tables and files, which must show any result; the numbers of real results are tested elsewhere.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta

from services.adapters.regions import read_regions
from services.monitor.dutch_calendar import local, midnight
from services.monitor.figures.definitions import DEFINITIONS, Definition
from services.monitor.figures.result import Figure, FigureResult, FigureRow, Value, Weight
from services.monitor.query import Offsets, Period, Query, Scope

KINDS = ("emergency", "crisis", "follow_up", "assisted")
PARTS = {
    "reason": ("nothing_free", "nothing_fitting", "unsafe_region", "no_answer", "at_night", "other"),
    "accommodation": ("hotel", "holiday_park"),
    "who": ("adults", "children"),
    "evidence": ("fitting_free", "freed_within_2h", "excluded_for_safety", "unfitting_free", "nothing_free", "no_evidence"),
    "outcome": ("held", "waiting_list", "fallback", "elsewhere", "withdrawn", "unknown", "open"),
    "state": ("occupied", "closed", "held", "paused", "unknown", "free"),
    "destination": ("home", "own_home", "family", "other_shelter"),
    "day": tuple(str(day) for day in range(1, 400)),
}
OFFSETS: Offsets = {"beds": dict.fromkeys(range(12), 17_175), "demand": dict.fromkeys(range(12), 8_359)}


def answer(question: Query, *, simulated: bool = True, known: bool = True) -> FigureResult:
    """Answer a question about it; without `known` nothing is known of anything."""
    start, end = _when(question)
    figures = tuple(_figure(DEFINITIONS[name], question, start, end, known=known) for name in question.figures)
    return FigureResult(
        query=question,
        figures=figures,
        offsets=question.offsets or OFFSETS,
        clock=end if known else None,
        coverage=0.968 if known else None,
        fold_version=1,
        simulated=simulated,
    )


def _when(question: Query) -> tuple[int, int]:
    if question.period:
        return question.period.start, question.period.end
    at = question.at if question.at is not None else question.as_known_at
    assert at is not None
    return at, at


def _figure(definition: Definition, question: Query, start: int, end: int, *, known: bool) -> Figure:
    chance = random.Random(definition.figure)
    rows = [FigureRow(scope=question.scope, start=start, end=end, value=None)]
    if question.by:
        rows += [FigureRow(scope=scope, start=a, end=b, value=None) for scope in _scopes(question) for a, b in _spans(question, start, end)]
    return Figure(definition, tuple(row for of in rows for row in _with_parts(definition, of, chance, known=known)))


def _scopes(question: Query) -> Iterator[Scope]:
    if "region" in question.by:
        yield from (Scope(region=code) for code in read_regions())
    elif "province" in question.by:
        yield from (Scope(province=code) for code in sorted({row.province for row in read_regions().values()}))
    elif "kind" in question.by:
        yield from (Scope(kind=kind) for kind in KINDS)
    else:
        yield question.scope


def _spans(question: Query, start: int, end: int) -> Iterator[tuple[int, int]]:
    if "month" not in question.by and "day" not in question.by:
        yield start, end
        return
    day, last = local(start).date(), local(end - 1).date()
    while day <= last:
        after = day + timedelta(days=1) if "day" in question.by else _next_month(day)
        yield midnight(day), midnight(after)
        day = after


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _with_parts(definition: Definition, of: FigureRow, chance: random.Random, *, known: bool) -> Iterator[FigureRow]:
    if definition.figure == "stay-survival":
        yield FigureRow(scope=of.scope, start=of.start, end=of.end, value=1.0 if known else None)
        mean = {"emergency": 9, "crisis": 50, "follow_up": 250, "assisted": 300}.get(of.scope.kind or "", 150)
        for day in PARTS["day"]:
            yield FigureRow(
                scope=of.scope, start=of.start, end=of.end, part={"day": day}, value=0.5 ** (int(day) / mean) if known else None
            )
        return
    names = [(by, name) for by in definition.parts[:1] for name in PARTS[by]]
    values = [_value(definition, chance, of.end - of.start) for _ in names]
    whole: Value = sum(values) if values else _value(definition, chance, of.end - of.start)
    weight = Weight(n=40, shelters=8, largest=9) if definition.by_kind else Weight(n=40)
    if definition.figure == "shelters":
        weight = Weight(n=8, shelters=8, largest=1, heard=8, organisations=3)
    yield FigureRow(scope=of.scope, start=of.start, end=of.end, value=whole if known else None, weight=weight)
    for (by, name), value in zip(names, values, strict=True):
        yield FigureRow(scope=of.scope, start=of.start, end=of.end, part={by: name}, value=value if known else None)


def _value(definition: Definition, chance: random.Random, span: int) -> int | float:
    if definition.unit == "share":
        return chance.uniform(0.94, 0.99) if definition.figure.startswith("occupancy") else chance.uniform(0.3, 0.6)
    if definition.unit in {"days", "minutes"}:
        return chance.uniform(20, 300)
    return chance.randint(1, 12) * max(1, round(span / (31 * 86_400_000)))


WHOLE_YEAR = Period(midnight(date(2023, 1, 1)), midnight(date(2024, 1, 1)))
