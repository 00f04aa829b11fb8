"""The chapters of what there is and what is taken: places and the norm, occupancy, the time all is full, the length of stay."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from services.adapters.regions import RegionRow
from services.monitor.answer import Answer, Figure, Row, Value
from services.monitor.days import local
from services.monitor.report import hexagons, plots
from services.monitor.report.asking import OCCUPANCY, Asked
from services.monitor.report.chapters import Chapter, Plot, Table, table, told
from services.monitor.report.drawing import BLUE, COLOURS, MONTHS, SKY
from services.monitor.report.rows import parts, wholes
from services.monitor.report.words import Both, code, number, with_unit

_ALL: Final = Both("alle soorten", "all kinds")
_KIND: Final = Both("soort", "kind")
_MONTH: Final = Both("maand", "month")
# Days of a survival curve that its table has
_AFTER: Final = (1, 7, 14, 30, 60, 90, 180, 270, 365)


def places(asked: Asked, regions: Mapping[str, RegionRow]) -> Chapter:
    """Tell how many places there are, beside how many the Istanbul Convention asks for, and where."""
    year = asked.year
    capacity, share = year["capacity"], year["istanbul-share"]
    have, want = (with_unit(year[name].value, "units") for name in ("istanbul-places", "istanbul-norm"))
    per = number(year["inhabitants-per-place"].value, "inhabitants")
    shown = [(f"{title.short}", _by_region(asked.regions[name])) for name, title in _MAPS.items()]
    return Chapter(
        name="places",
        title=Both("Plaatsen", "Places"),
        text=Both(
            f"Het land had gemiddeld {with_unit(capacity.value, 'units').nl} voor elk één huishouden. Zonder begeleid wonen zijn dat er "
            f"{have.nl.split()[0]}; de norm van het Verdrag van Istanbul vraagt {want.nl}: {number(share.value, 'share').nl} van de norm, "
            f"één plaats op {per.nl} inwoners.",
            f"The country had {with_unit(capacity.value, 'units').en} on average, each for one household. Without assisted living that is "
            f"{have.en.split()[0]}; the norm of the Istanbul Convention asks for {want.en}: {number(share.value, 'share').en} of the norm, "
            f"one place to {per.en} inhabitants.",
        ),
        told=[told(year, name, "year") for name in ("capacity", "beds", "istanbul-share", "inhabitants-per-place")],
        plots=[
            Plot(
                name="map",
                title=Both("De 35 regio's", "The 35 regions"),
                svg=hexagons.maps(
                    "map", "Two maps of hexagons, one for each region; the numbers are in the table", regions.values(), shown
                ),
                note=Both(
                    "Inwoners van regio's zijn een schatting die optelt tot het land. Een zeshoek is een regio, niet haar vorm of grootte.",
                    "Inhabitants of regions are an estimate that adds up to the nation. A hexagon is a region, not its shape or size.",
                ),
                definitions=[asked.regions[name].definition for name in _MAPS],
                of=["regions"],
                table=_region_table(asked.regions, regions),
            )
        ],
    )


_MAPS: Final = {"istanbul-share": Both("deel van de norm", "share of the norm"), "share-full": Both("deel van de tijd vol", "time full")}


def occupancy(asked: Asked) -> Chapter:
    """Tell how full it was, day by day, and under which definition."""
    days = [(local(row.start).date(), row.value) for row in wholes(asked.days["occupancy"])]
    months = [
        (local(row.start).date(), local(row.end - 1).date() + timedelta(days=1), row.value) for row in wholes(asked.months["occupancy"])
    ]
    rate = number(asked.year["occupancy"].value, "share")
    known = [value for _, value in days if value is not None]
    least = number(min(known, default=None), "share")
    return Chapter(
        name="occupancy",
        title=Both("Bezetting", "Occupancy"),
        text=Both(
            f"Van de tijd dat plaatsen er waren en niet gesloten, waren zij {rate.nl} bezet; op de rustigste dag {least.nl}. Wat bezet "
            "heet verschilt per definitie: daarom staan ze hieronder naast elkaar.",
            f"Of the time that places were there and not closed, they were occupied {rate.en}; on the quietest day {least.en}. What is "
            "called occupied differs by definition: so they stand side by side.",
        ),
        told=[told(asked.year, name, "year") for name in OCCUPANCY],
        plots=[
            Plot(
                name="occupancy",
                title=Both(
                    "Bezettingsgraad door het jaar (de as begint niet bij 0)", "Occupancy through the year (the axis does not start at 0)"
                ),
                svg=plots.through_the_year("occupancy", f"A line near {rate.en} all year; its months are in the table", days, months),
                legend=[(SKY, Both("per dag", "by day")), (BLUE, Both("gemiddelde van de maand", "mean of the month"))],
                definitions=[asked.days["occupancy"].definition],
                of=["days", "months"],
                table=_months(asked.months["occupancy"], days),
            )
        ],
    )


def full(asked: Asked) -> Chapter:
    """Tell for how much of the year no place of a kind was free."""
    found = asked.kinds["share-full"]
    shares = {_ALL.short: found.value} | {code(row.scope.kind or "").short: row.value for row in wholes(found)}
    rate = number(found.value, "share")
    return Chapter(
        name="full",
        title=Both("Vol", "Full"),
        text=Both(
            f"Gedurende {rate.nl} van het jaar was in het hele land geen enkele plaats vrij, van welke soort ook.",
            f"For {rate.en} of the year not a single place was free in the whole country, of any kind.",
        ),
        plots=[
            Plot(
                name="full",
                title=Both("Deel van de tijd zonder vrije plaats, naar soort", "Share of time without a free place, by kind"),
                svg=plots.bars("full", "A bar for each kind of place; the numbers are in the table", shares),
                definitions=[found.definition],
                of=["kinds"],
                table=_kinds(asked.kinds, ("capacity", "occupancy", "share-full")),
            )
        ],
    )


def staying(asked: Asked) -> Chapter:
    """Tell how long people stay, with those who are still there."""
    found = asked.kinds["stay-survival"]
    curves = {_ALL.short: _curve(found, found.rows[0])}
    curves |= {code(row.scope.kind or "").short: _curve(found, row) for row in wholes(found)}
    mean, median = (with_unit(asked.year[name].value, "days") for name in ("stay-mean", "stay-survival-median"))
    return Chapter(
        name="staying",
        title=Both("Verblijfsduur", "Length of stay"),
        text=Both(
            f"Verblijven die in het jaar eindigden duurden gemiddeld {mean.nl}. Dat onderschat wie er nog is; met hen meegeteld is de "
            f"helft na {median.nl} vertrokken.",
            f"Stays that ended in the year lasted {mean.en} on average. That leaves out who is still there; with them, half have left "
            f"after {median.en}.",
        ),
        told=[told(asked.year, name, "year") for name in ("stay-median", "stay-mean", "stay-survival-median")],
        plots=[
            Plot(
                name="staying",
                title=Both("Deel dat er na zoveel dagen nog is (Kaplan-Meier)", "Share still there after so many days (Kaplan-Meier)"),
                svg=plots.survival("staying", "Falling steps, a line for each kind of place; some days are in the table", curves),
                legend=[(colour, _both(label)) for colour, label in zip(COLOURS, curves, strict=False)],
                definitions=[found.definition, asked.year["stay-survival-median"].definition],
                of=["kinds"],
                table=table(
                    [_KIND, *(Both(f"{day} d", f"{day} d") for day in _AFTER)],
                    [(_both(label), [(_at(curve, day), "share") for day in _AFTER]) for label, curve in curves.items()],
                ),
            )
        ],
    )


def _both(label: str) -> Both:
    dutch, _, english = label.partition(" / ")
    return Both(dutch, english or dutch)


def _curve(found: Figure, of: Row) -> list[tuple[int, Value]]:
    return [(0, of.value)] + [(int(row.of["day"]), row.value) for row in parts(found, of)]


def _at(curve: list[tuple[int, Value]], day: int) -> Value:
    """Read a curve of steps; beyond its end nobody knows."""
    before = [value for at, value in curve if at <= day]
    return before[-1] if before and day <= curve[-1][0] else None


def _by_region(figure: Figure) -> dict[str, Value]:
    return {row.scope.region or "": row.value for row in wholes(figure)}


def _kinds(answer: Answer, names: tuple[str, ...]) -> Table:
    figures = [answer[name] for name in names]
    columns = [_KIND, *(Both(figure.definition.dutch[0], figure.definition.english[0]) for figure in figures)]
    every = [figure.rows[0] for figure in figures], *zip(*(wholes(figure) for figure in figures), strict=True)
    return table(
        columns,
        [
            (
                code(kind) if (kind := rows[0].scope.kind) else _ALL,
                [(row.value, figure.definition.unit) for row, figure in zip(rows, figures, strict=True)],
            )
            for rows in every
        ],
    )


def _region_table(answer: Answer, regions: Mapping[str, RegionRow]) -> Table:
    names = ("capacity", "occupancy", *_MAPS)
    values = {name: _by_region(answer[name]) for name in names}
    columns = [Both("regio", "region"), Both("inwoners (schatting)", "inhabitants (an estimate)")]
    columns += [Both(answer[name].definition.dutch[0], answer[name].definition.english[0]) for name in names]
    return table(
        columns,
        [
            (
                Both(f"{region} {row.centre}", f"{region} {row.centre}"),
                [(row.inhabitants, "inhabitants"), *((values[name].get(region), answer[name].definition.unit) for name in names)],
            )
            for region, row in regions.items()
        ],
    )


def _months(figure: Figure, days: list[tuple[date, Value]]) -> Table:
    columns = [_MONTH, Both("gemiddeld", "mean"), Both("laagste dag", "lowest day"), Both("hoogste dag", "highest day")]
    rows = []
    for row in wholes(figure):
        month = local(row.start).month
        known = [value for day, value in days if day.month == month and value is not None]
        rows.append(
            (
                Both(MONTHS[month - 1], MONTHS[month - 1]),
                [(value, "share") for value in (row.value, min(known, default=None), max(known, default=None))],
            )
        )
    return table(columns, rows)  # type: ignore[arg-type]  # mypy reads "share" as any text
