"""The chapters of places: how many there are beside the norm, occupancy, the time all is full, the length of stay."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Final

from services.adapters.regions import PROVINCE_NAMES, RegionRow
from services.monitor.dutch_calendar import local
from services.monitor.figures.definitions import Unit
from services.monitor.figures.result import Figure, FigureResult, FigureRow
from services.monitor.report import plots
from services.monitor.report.document_model import Chapter, LegendEntry, Panel, Plot, Table, TableRows, figure_texts, table
from services.monitor.report.hex_map import region_map
from services.monitor.report.plots import Bar
from services.monitor.report.queries import OCCUPANCY, ReportAnswers
from services.monitor.report.report_cells import TOO_FEW, Cell, cell, height, whole
from services.monitor.report.row_selection import parts, wholes
from services.monitor.report.translations import (
    Bilingual,
    code,
    figure_name,
    label,
    month_name,
    rounded,
    rounded_with_unit,
    text,
    untranslated,
)

# A palette a meaning: of the norm more is better, of the time full more is worse
_MAPS: Final = {"istanbul-share": "norm", "share-full": "full"}
# The days of a survival curve that its table has
_AFTER: Final = (1, 7, 14, 30, 60, 90, 180, 270, 365)


def places(answers: ReportAnswers, regions: Mapping[str, RegionRow]) -> Chapter:
    """Write how many places there are, beside how many the Istanbul Convention asks for, and where."""
    year = answers.year
    return Chapter(
        name="places",
        text=text(
            "chapters",
            "places",
            "text",
            places=rounded_with_unit(whole(year["capacity"]), "units"),
            counted=rounded(whole(year["istanbul-places"]), "units"),
            norm=rounded_with_unit(whole(year["istanbul-norm"]), "units"),
            share=rounded(whole(year["istanbul-share"]), "share"),
            per=rounded(whole(year["inhabitants-per-place"]), "inhabitants"),
        ),
        numbers=figure_texts(year, "capacity", "beds", "istanbul-share", "inhabitants-per-place"),
        plots=[_map(answers.regions, regions)],
    )


def _map(result: FigureResult, regions: Mapping[str, RegionRow]) -> Plot:
    by_province = result.query.by == ("province",)
    provinces = {code: PROVINCE_NAMES.get(code, code) for code in sorted({row.province for row in regions.values()})}
    panels = []
    for figure, palette in _MAPS.items():
        values = _by_place(result[figure])
        by_region = {code: values.get(row.province) for code, row in regions.items()} if by_province else values
        panels.append(region_map(regions.values(), by_region, palette, label(f"map_{palette}")))
    names = provinces if by_province else {code: f"{code} {row.name}" for code, row in regions.items()}
    inhabitants = {place: sum(row.inhabitants for row in regions.values() if place in {row.code, row.province}) for place in names}
    figures = [result[figure] for figure in ("capacity", "occupancy", *_MAPS)]
    columns = [(_by_place(figure), figure.definition.unit) for figure in figures]
    rows: TableRows = [
        (untranslated(name), [(inhabitants[place], "inhabitants"), *((values.get(place), unit) for values, unit in columns)])
        for place, name in names.items()
    ]
    one, all_of_them = ("province", "provinces") if by_province else ("region", "regions")
    return Plot(
        name="map",
        panels=panels,
        beside=True,
        note=text("plots", "map", f"note_{all_of_them}"),
        definitions=[result[figure].definition for figure in _MAPS],
        sources=["regions"],
        table=table([label(one), label("inhabitants"), *(figure_name(each.definition) for each in figures)], rows),
        values={"places": label(f"so_many_{all_of_them}", count=str(len(names)))},
    )


def occupancy(answers: ReportAnswers) -> Chapter:
    """Write how full the places were, day by day, and by each definition."""
    days = [(local(row.start).date(), cell(row)) for row in wholes(answers.days["occupancy"])]
    return Chapter(
        name="occupancy",
        text=text(
            "chapters",
            "occupancy",
            "text",
            rate=rounded(whole(answers.year["occupancy"]), "share"),
            lowest=rounded(lowest(value for _, value in days), "share"),
            highest=rounded(highest(value for _, value in days), "share"),
        ),
        numbers=figure_texts(answers.year, *OCCUPANCY),
        plots=[_through_the_year(answers, days)],
    )


def lowest(cells: Iterable[Cell]) -> Cell:
    """Return the lowest of what is known; without any, what the cells are instead."""
    return _extreme(cells, -1)


def highest(cells: Iterable[Cell]) -> Cell:
    """Return the highest of what is known; without any, what the cells are instead."""
    return _extreme(cells, 1)


def _extreme(cells: Iterable[Cell], sign: int) -> Cell:
    every = list(cells)
    known = [value for each in every if (value := height(each)) is not None]
    return max(known, key=lambda value: sign * value) if known else TOO_FEW if TOO_FEW in every else None


def _through_the_year(answers: ReportAnswers, days: list[tuple[date, Cell]]) -> Plot:
    figure = answers.months["occupancy"]
    months = [(local(row.start).date(), local(row.end - 1).date() + timedelta(days=1), cell(row)) for row in wholes(figure)]
    svg, axis = plots.through_the_year(days, months)
    return Plot(
        name="occupancy",
        panels=[
            Panel(
                svg,
                [LegendEntry("by-day", label("by_day"), line=True), LegendEntry("mean", label("mean_of_month"), line=True)],
                label("axis_runs", low=axis.label(axis.low, "share"), high=axis.label(axis.high, "share")),
            )
        ],
        definitions=[answers.days["occupancy"].definition],
        sources=["days", "months"],
        table=_months(figure, days),
        values={"rate": rounded(whole(answers.year["occupancy"]), "share")},
    )


def _months(figure: Figure, days: list[tuple[date, Cell]]) -> Table:
    def row(month: FigureRow) -> tuple[Bilingual, list[tuple[Cell, Unit]]]:
        number = local(month.start).month
        of_month = [value for day, value in days if day.month == number]
        return month_name(number), [(value, "share") for value in (cell(month), lowest(of_month), highest(of_month))]

    return table([label("month"), label("mean"), label("lowest_day"), label("highest_day")], map(row, wholes(figure)))


def full(answers: ReportAnswers) -> Chapter:
    """Write for how much of the year no place of a kind was free."""
    figure = answers.kinds["share-full"]
    rows = [Bar(_kind(row), height(cell(row)), _time(cell(row)), "full-bar") for row in (figure.rows[0], *wholes(figure))]
    never = whole(figure) == 0
    return Chapter(
        name="full",
        text=text("chapters", "full", "never" if never else "text", rate=rounded(whole(figure), "share")),
        plots=[
            Plot(
                name="full",
                panels=[Panel(plots.bars(rows))],
                definitions=[figure.definition],
                sources=["kinds"],
                table=_kinds([answers.kinds[name] for name in ("capacity", "occupancy", "share-full")]),
            )
        ],
    )


def _time(share: Cell) -> Bilingual:
    """Write a share of time: what never was is not 0.0 %."""
    return label("never") if share == 0 else rounded(share, "share")


def _kinds(figures: list[Figure]) -> Table:
    columns = [label("kind"), *(figure_name(figure.definition) for figure in figures)]
    by_kind = zip(*((figure.rows[0], *wholes(figure)) for figure in figures), strict=True)
    rows: TableRows = [
        (_kind(rows[0]), [(cell(row), figure.definition.unit) for row, figure in zip(rows, figures, strict=True)]) for rows in by_kind
    ]
    return table(columns, rows)


def staying(answers: ReportAnswers) -> Chapter:
    """Write how long people stay, counting those who are still there."""
    year = answers.year
    lengths = {"mean": "stay-mean", "half": "stay-median", "median": "stay-survival-median"}
    return Chapter(
        name="staying",
        text=text(
            "chapters", "staying", "text", **{name: rounded_with_unit(whole(year[figure]), "days") for name, figure in lengths.items()}
        ),
        numbers=figure_texts(year, "stay-median", "stay-mean", "stay-survival-median"),
        plots=[_survival(answers)],
    )


def _survival(answers: ReportAnswers) -> Plot:
    figure = answers.kinds["stay-survival"]
    rows = [figure.rows[0], *wholes(figure)]
    curves = {f"kind-{row.scope.kind or 'all'}": _curve(figure, row) for row in rows}
    shown = {shade: curve for shade, curve in curves.items() if any(height(value) is not None for _, value in curve)}
    kinds = dict(zip(curves, map(_kind, rows), strict=True))
    lines: TableRows = [(kinds[shade], [(_at(curve, day), "share") for day in _AFTER]) for shade, curve in curves.items()]
    return Plot(
        name="staying",
        panels=[
            Panel(plots.survival(shown, label("half"), label("days")), [LegendEntry(shade, kinds[shade], line=True) for shade in shown])
        ],
        definitions=[figure.definition, answers.year["stay-survival-median"].definition],
        sources=["kinds"],
        table=table([label("kind"), *(label("after_days", days=str(day)) for day in _AFTER)], lines),
    )


def _curve(figure: Figure, whole: FigureRow) -> list[tuple[int, Cell]]:
    return [(0, cell(whole))] + [(int(row.part["day"]), cell(row)) for row in parts(figure, whole)]


def _at(curve: list[tuple[int, Cell]], day: int) -> Cell:
    """Return the value of a step curve; beyond its end it is unknown."""
    if curve[0][1] is TOO_FEW:
        return TOO_FEW
    before = [value for at, value in curve if at <= day]
    return before[-1] if before and day <= curve[-1][0] else None


def _kind(row: FigureRow) -> Bilingual:
    return code(row.scope.kind) if row.scope.kind else label("all_kinds")


def _by_place(figure: Figure) -> dict[str, Cell]:
    return {row.scope.region or row.scope.province or "": cell(row) for row in wholes(figure)}
