"""Drafts a release from the figures: every cell of the grid with what stands behind it, and of those what may be told."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import orjson

from services.monitor.answer import Answer, Ask, Row, Weight
from services.monitor.days import DAY_MS, local
from services.monitor.days import month as month_of
from services.monitor.days import year as year_of
from services.monitor.disclosure import LEAST, LEAST_SHELTERS, ROUNDING, Cell, rest
from services.monitor.grid import AREAS, NAMES, NATION, PARTS, PROVINCES, Key, periods
from services.monitor.hiding import Planned, told
from services.monitor.question import Question
from services.monitor.release import FIGURES, NEVER_MORE, Counted
from services.monitor.shown import offsets, time

_ASKED: Final = tuple(dict.fromkeys(("shelters", *(each.figure for each in FIGURES.values()))))


def drafted(ask: Ask, year: int, until: int, out: Sequence[bytes]) -> bytes | None:
    """Make the release of a year's months that are over at `until` (ms); None when it would tell what the last one told.

    `out` are the releases of that year so far, the oldest first.
    """
    earlier = [orjson.loads(each) for each in out]
    whole = year_of(year)
    by_month = ask(Question(figures=_ASKED, period=whole, by=("province", "month")))
    by_year = ask(Question(figures=_ASKED, period=whole, by=("province",), recorded=by_month.offsets))
    months = tuple(month for month in _months(by_month) if month_of(month).end <= until)
    if not months:
        return None
    planned = Planned(tuple(FIGURES), months, NEVER_MORE)
    cells = told(planned, _cells(planned, by_month, by_year), [_read(each) for each in earlier])
    if earlier and _read(earlier[-1]) == cells:
        return None
    return orjson.dumps(_document(year, len(earlier) + 1, by_month, cells))


def _months(answer: Answer) -> list[str]:
    """List the months of the answer."""
    return sorted({f"{local(row.start):%Y-%m}" for row in answer["shelters"].rows[1:]})


def _cells(planned: Planned, by_month: Answer, by_year: Answer) -> dict[Key, Cell]:
    """Work out every cell of the grid: provinces from the answers, everything larger as their sum."""
    found: dict[Key, Cell] = {}
    for name, counted in FIGURES.items():
        monthly = {(row.scope.province, f"{local(row.start):%Y-%m}"): row for row in _rows(by_month, counted)}
        yearly = {row.scope.province: row for row in _rows(by_year, counted)}
        shelters = {row.scope.province: int(row.value or 0) for row in by_year["shelters"].rows[1:]}
        for province in PROVINCES:
            values = {month: _value(monthly.get((province, month)), counted) for month in planned.months}
            for period in periods(planned.months):
                row = monthly.get((province, period)) if period in values else yearly.get(province)
                value = values[period] if period in values else sum(values.values())
                found[Key(name, province, period)] = _cell(value, row, counted, shelters.get(province, 0))
        for area, inside in (*PARTS.items(), (NATION, PROVINCES)):
            for period in periods(planned.months):
                found[Key(name, area, period)] = rest(found, [Key(name, province, period) for province in inside])
    return {key: found[key] for key in planned.keys}


def _rows(answer: Answer, counted: Counted) -> Iterator[Row]:
    """Find the rows of provinces; behind a part of a whole stands what stands behind the whole, where nothing more is said."""
    rows = [row for row in answer[counted.figure].rows if row.scope.province is not None]
    wholes = {(row.scope, row.start): row for row in rows if not row.of}
    for row in rows:
        if row.of == (counted.part or {}):
            yield replace(row, weight=row.weight or wholes[row.scope, row.start].weight)


def _value(row: Row | None, counted: Counted) -> int:
    if row is None or row.value is None:
        return 0
    return round(row.value * (row.end - row.start) / DAY_MS) if counted.days else round(row.value)


def _cell(value: int, row: Row | None, counted: Counted, shelters: int) -> Cell:
    behind = (row.weight if row else None) or Weight(n=0)
    if not counted.of_shelters:
        return Cell(value, behind.n, shelters)
    return Cell(value, behind.n, behind.shelters or 0, (behind.largest or 0) / behind.n if behind.n else 0.0)


def _read(of: Mapping[str, Any]) -> dict[Key, int | None]:
    return {Key(cell["figure"], cell["area"], cell["period"]): cell["value"] for cell in of["cells"]}


def _document(year: int, version: int, answer: Answer, cells: Mapping[Key, int | None]) -> dict[str, Any]:
    return {
        "release": str(year),
        "version": version,
        "simulated": answer.simulated,
        "known_at": time(answer.clock),
        "fold_version": answer.fold_version,
        "offsets": offsets(answer.offsets),
        "heard_of": answer.heard_of,
        "rules": {"least": LEAST, "least_shelters": LEAST_SHELTERS, "largest_share": 0.5, "rounded_to": ROUNDING},
        "figures": {name: {"name": each.name.en, "definition": each.sentence.en} for name, each in FIGURES.items()},
        "areas": {area: NAMES[area] for area in AREAS},
        "cells": [{"figure": each.figure, "area": each.area, "period": each.period, "value": value} for each, value in cells.items()],
    }
