"""Drafts a release from the figures: every cell of the grid with what stands behind it, and of those what may be published."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from services.domain.durations import DAY_MS
from services.monitor.dutch_calendar import local
from services.monitor.dutch_calendar import month as month_of
from services.monitor.dutch_calendar import year as year_of
from services.monitor.figures.result import Ask, FigureResult, FigureRow, Weight
from services.monitor.figures.serialization import sorted_offsets, time
from services.monitor.figures.small_cells.cell_rule import LEAST_ORGANISATIONS, LEAST_SHELTERS
from services.monitor.publication.cell_suppression import ReleasePlan, suppress
from services.monitor.publication.disclosure_rules import LARGEST_SHARE, LEAST, ROUNDING, Cell, merge
from services.monitor.publication.release import FIGURES, NEVER_MORE, CellDocument, ReleaseDocument, ReleaseFigure, RulesDocument
from services.monitor.publication.release_grid import AREAS, NAMES, NATION, PARTS, PROVINCES, Key, periods
from services.monitor.query import Query

_FIGURES: Final = tuple(dict.fromkeys(("shelters", *(each.figure for each in FIGURES.values()))))


def draft(ask: Ask, year: int, until: int, published: Sequence[bytes]) -> bytes | None:
    """Draft the next release of the months of a year that are over at `until` (ms), as JSON; None when no number would be another one.

    `published` are the releases of that year so far, the oldest first.
    """
    earlier = [_cells_of(ReleaseDocument.model_validate_json(release)) for release in published]
    period = year_of(year)
    by_month = ask(Query(figures=_FIGURES, period=period, by=("province", "month")))
    by_year = ask(Query(figures=_FIGURES, period=period, by=("province",), offsets=by_month.offsets))
    months = tuple(month for month in _months(by_month) if month_of(month).end <= until)
    if not months:
        return None
    plan = ReleasePlan(tuple(FIGURES), months, NEVER_MORE)
    cells = suppress(plan, _cells(plan, by_month, by_year), earlier)
    if earlier and earlier[-1] == cells:
        return None
    return _document(year, len(earlier) + 1, by_month, cells).to_json()


def _cells_of(release: ReleaseDocument) -> dict[Key, int | None]:
    return {Key(cell.figure, cell.area, cell.period): cell.value for cell in release.cells}


def _months(result: FigureResult) -> list[str]:
    return sorted({f"{local(row.start):%Y-%m}" for row in result["shelters"].rows[1:]})


def _cells(plan: ReleasePlan, by_month: FigureResult, by_year: FigureResult) -> dict[Key, Cell]:
    """Compute every cell of the grid: provinces from the results, everything larger as their sum."""
    cells: dict[Key, Cell] = {}
    monthly_shelters = {(row.scope.province, f"{local(row.start):%Y-%m}"): row.weight for row in by_month["shelters"].rows[1:]}
    yearly_shelters = {row.scope.province: row.weight for row in by_year["shelters"].rows[1:]}
    for name, figure in FIGURES.items():
        monthly = {(row.scope.province, f"{local(row.start):%Y-%m}"): row for row in _rows(by_month, figure)}
        yearly = {row.scope.province: row for row in _rows(by_year, figure)}
        for province in PROVINCES:
            values = {month: _value(monthly.get((province, month)), figure) for month in plan.months}
            for period in periods(plan.months):
                row = monthly.get((province, period)) if period in values else yearly.get(province)
                value = values[period] if period in values else sum(values.values())
                heard = monthly_shelters.get((province, period)) if period in values else yearly_shelters.get(province)
                cells[Key(name, province, period)] = _cell(value, row, figure, heard or Weight(n=0))
        for area, provinces in (*PARTS.items(), (NATION, PROVINCES)):
            for period in periods(plan.months):
                cells[Key(name, area, period)] = merge(cells, [Key(name, province, period) for province in provinces])
    return {key: cells[key] for key in plan.keys}


def _rows(result: FigureResult, figure: ReleaseFigure) -> Iterator[FigureRow]:
    """Yield the rows of provinces; a part of a whole without a weight of its own has that of the whole."""
    rows = [row for row in result[figure.figure].rows if row.scope.province is not None]
    wholes = {(row.scope, row.start): row for row in rows if not row.part}
    for row in rows:
        if row.part == (figure.part or {}):
            yield replace(row, weight=row.weight or wholes[row.scope, row.start].weight)


def _value(row: FigureRow | None, figure: ReleaseFigure) -> int:
    if row is None or row.value is None:
        return 0
    return round(row.value * (row.end - row.start) / DAY_MS) if figure.days else round(row.value)


def _cell(value: int, row: FigureRow | None, figure: ReleaseFigure, heard: Weight) -> Cell:
    weight = (row.weight if row else None) or Weight(n=0)
    if not figure.of_shelters:
        return Cell(value, weight.n, heard.heard or 0, organisations=heard.organisations or 0)
    share, shelters = (weight.largest or 0) / weight.n if weight.n else 0.0, min(weight.shelters or 0, heard.heard or 0)
    return Cell(value, weight.n, shelters, share, heard.organisations or 0)


def _document(year: int, version: int, result: FigureResult, cells: Mapping[Key, int | None]) -> ReleaseDocument:
    return ReleaseDocument(
        release=str(year),
        version=version,
        simulated=result.simulated,
        known_at=time(result.clock),
        fold_version=result.fold_version,
        offsets=sorted_offsets(result.offsets),
        heard_of=result.coverage,
        rules=RulesDocument(
            least=LEAST,
            least_shelters=LEAST_SHELTERS,
            least_organisations=LEAST_ORGANISATIONS,
            largest_share=LARGEST_SHARE,
            rounded_to=ROUNDING,
        ),
        figures={name: figure.text for name, figure in FIGURES.items()},
        areas={area: NAMES[area] for area in AREAS},
        cells=[CellDocument(figure=key.figure, area=key.area, period=key.period, value=value) for key, value in cells.items()],
    )
