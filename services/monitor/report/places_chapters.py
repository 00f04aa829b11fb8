"""The chapters of places: how many there are beside the norm, occupancy, the time all is full, the length of stay."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from services.adapters.regions import RegionRow
from services.monitor.dutch_calendar import local
from services.monitor.figures.definitions import Unit
from services.monitor.figures.result import Figure, FigureResult, FigureRow, Value
from services.monitor.report import hex_map, plots
from services.monitor.report.document_model import Chapter, Plot, Table, TableRows, figure_texts, table
from services.monitor.report.queries import OCCUPANCY, ReportAnswers
from services.monitor.report.row_selection import parts, wholes
from services.monitor.report.svg import BLUE, COLOURS, MONTHS, SKY
from services.monitor.report.translations import Bilingual, alt_text, code, figure_name, label, number, text, untranslated, with_unit

_MAPS: Final = {"istanbul-share": "share_of_norm", "share-full": "time_full"}
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
            places=with_unit(year["capacity"].value, "units"),
            counted=number(year["istanbul-places"].value, "units"),
            norm=with_unit(year["istanbul-norm"].value, "units"),
            share=number(year["istanbul-share"].value, "share"),
            per=number(year["inhabitants-per-place"].value, "inhabitants"),
        ),
        numbers=figure_texts(year, "capacity", "beds", "istanbul-share", "inhabitants-per-place"),
        plots=[_map(answers.regions, regions)],
    )


def _map(result: FigureResult, regions: Mapping[str, RegionRow]) -> Plot:
    panels = [(label(name).short, _by_region(result[figure])) for figure, name in _MAPS.items()]
    figures = [result[figure] for figure in ("capacity", "occupancy", *_MAPS)]
    values = [(_by_region(figure), figure.definition.unit) for figure in figures]
    rows: TableRows = [
        (
            untranslated(f"{code} {region.centre}"),
            [(region.inhabitants, "inhabitants"), *((by_region.get(code), unit) for by_region, unit in values)],
        )
        for code, region in regions.items()
    ]
    columns = [label("region"), label("inhabitants"), *(figure_name(figure.definition) for figure in figures)]
    return Plot(
        name="map",
        svg=hex_map.maps("map", alt_text("map"), regions.values(), panels),
        note=text("plots", "map", "note"),
        definitions=[result[figure].definition for figure in _MAPS],
        sources=["regions"],
        table=table(columns, rows),
    )


def occupancy(answers: ReportAnswers) -> Chapter:
    """Write how full the places were, day by day, and by each definition."""
    days = [(local(row.start).date(), row.value) for row in wholes(answers.days["occupancy"])]
    rate = number(answers.year["occupancy"].value, "share")
    lowest = number(min((value for _, value in days if value is not None), default=None), "share")
    return Chapter(
        name="occupancy",
        text=text("chapters", "occupancy", "text", rate=rate, lowest=lowest),
        numbers=figure_texts(answers.year, *OCCUPANCY),
        plots=[_through_the_year(answers, days, rate.en)],
    )


def _through_the_year(answers: ReportAnswers, days: list[tuple[date, Value]], rate: str) -> Plot:
    figure = answers.months["occupancy"]
    months = [(local(row.start).date(), local(row.end - 1).date() + timedelta(days=1), row.value) for row in wholes(figure)]
    return Plot(
        name="occupancy",
        svg=plots.through_the_year("occupancy", alt_text("occupancy", rate=rate), days, months),
        legend=[(SKY, label("by_day")), (BLUE, label("mean_of_month"))],
        definitions=[answers.days["occupancy"].definition],
        sources=["days", "months"],
        table=_months(figure, days),
    )


def _months(figure: Figure, days: list[tuple[date, Value]]) -> Table:
    def row(month: FigureRow) -> tuple[Bilingual, list[tuple[Value, Unit]]]:
        number = local(month.start).month
        known = [value for day, value in days if day.month == number and value is not None]
        values = (month.value, min(known, default=None), max(known, default=None))
        return untranslated(MONTHS[number - 1]), [(value, "share") for value in values]

    return table([label("month"), label("mean"), label("lowest_day"), label("highest_day")], map(row, wholes(figure)))


def full(answers: ReportAnswers) -> Chapter:
    """Write for how much of the year no place of a kind was free."""
    figure = answers.kinds["share-full"]
    bars = {_kind(row).short: row.value for row in (figure.rows[0], *wholes(figure))}
    return Chapter(
        name="full",
        text=text("chapters", "full", "text", rate=number(figure.value, "share")),
        plots=[
            Plot(
                name="full",
                svg=plots.bars("full", alt_text("full"), bars),
                definitions=[figure.definition],
                sources=["kinds"],
                table=_kinds([answers.kinds[name] for name in ("capacity", "occupancy", "share-full")]),
            )
        ],
    )


def _kinds(figures: list[Figure]) -> Table:
    columns = [label("kind"), *(figure_name(figure.definition) for figure in figures)]
    by_kind = zip(*((figure.rows[0], *wholes(figure)) for figure in figures), strict=True)
    rows: TableRows = [
        (_kind(rows[0]), [(row.value, figure.definition.unit) for row, figure in zip(rows, figures, strict=True)]) for rows in by_kind
    ]
    return table(columns, rows)


def staying(answers: ReportAnswers) -> Chapter:
    """Write how long people stay, counting those who are still there."""
    year = answers.year
    mean, median = with_unit(year["stay-mean"].value, "days"), with_unit(year["stay-survival-median"].value, "days")
    return Chapter(
        name="staying",
        text=text("chapters", "staying", "text", mean=mean, median=median),
        numbers=figure_texts(year, "stay-median", "stay-mean", "stay-survival-median"),
        plots=[_survival(answers)],
    )


def _survival(answers: ReportAnswers) -> Plot:
    figure = answers.kinds["stay-survival"]
    curves = {_kind(row): _curve(figure, row) for row in (figure.rows[0], *wholes(figure))}
    rows: TableRows = [(kind, [(_at(curve, day), "share") for day in _AFTER]) for kind, curve in curves.items()]
    return Plot(
        name="staying",
        svg=plots.survival("staying", alt_text("staying"), {kind.short: curve for kind, curve in curves.items()}),
        legend=list(zip(COLOURS, curves, strict=False)),
        definitions=[figure.definition, answers.year["stay-survival-median"].definition],
        sources=["kinds"],
        table=table([label("kind"), *(untranslated(f"{day} d") for day in _AFTER)], rows),
    )


def _curve(figure: Figure, whole: FigureRow) -> list[tuple[int, Value]]:
    return [(0, whole.value)] + [(int(row.part["day"]), row.value) for row in parts(figure, whole)]


def _at(curve: list[tuple[int, Value]], day: int) -> Value:
    """Return the value of a step curve; beyond its end it is unknown."""
    before = [value for at, value in curve if at <= day]
    return before[-1] if before and day <= curve[-1][0] else None


def _kind(row: FigureRow) -> Bilingual:
    return code(row.scope.kind) if row.scope.kind else label("all_kinds")


def _by_region(figure: Figure) -> dict[str, Value]:
    return {row.scope.region or "": row.value for row in wholes(figure)}
