"""The chapters of what is asked for and not found: hotels and which of those nights could have been avoided, waiting lists, the need."""

from collections.abc import Mapping
from typing import Final

from services.monitor.answer import Figure, Row, Value
from services.monitor.days import local
from services.monitor.report import plots
from services.monitor.report.asking import Asked
from services.monitor.report.chapters import Chapter, Plot, Table, table, told
from services.monitor.report.drawing import BLUE, COLOURS, GREEN, GREY, INK, MONTHS, ORANGE, PURPLE, RED, SKY, YELLOW
from services.monitor.report.rows import shares, wholes
from services.monitor.report.words import Both, code, number

REASONS: Final = ("nothing_free", "nothing_fitting", "unsafe_region", "no_answer", "at_night", "other")
# What could have been a place has a warm colour
_EVIDENCE: Final = {
    "fitting_free": RED,
    "freed_within_2h": ORANGE,
    "excluded_for_safety": PURPLE,
    "unfitting_free": SKY,
    "nothing_free": BLUE,
    "no_evidence": GREY,
}
_OUTCOMES: Final = {
    "held": GREEN,
    "waiting_list": SKY,
    "fallback": RED,
    "elsewhere": PURPLE,
    "withdrawn": YELLOW,
    "unknown": GREY,
    "open": "#c9d0d6",
}
_HOLDS: Final = {
    "fulfilled": GREEN,
    "granted": SKY,
    "expired": YELLOW,
    "declined": RED,
    "released": PURPLE,
    "overtaken": ORANGE,
    "refused": GREY,
}
_MONTH, _REASON, _ALL = Both("maand", "month"), Both("reden", "reason"), Both("alle", "all")
_WHAT, _NIGHTS = Both("wat", "what"), Both("nachten", "nights")


def hotels(asked: Asked, year: int) -> Chapter:
    """Tell how many nights households were put up, month by month and why, beside the year before."""
    nights, before = asked.months["hotel-nights"], asked.before["hotel-nights"]
    total, earlier = number(nights.value, "nights"), number(before.value, "nights")
    persons = shares(asked.year["hotel-persons"], "who")
    adults, children = (number(persons.get(who), "persons") for who in ("adults", "children"))
    by_month = [shares(nights, "reason", row) for row in wholes(nights)]
    parts = {reason: [month.get(reason, 0) for month in by_month] for reason in REASONS}
    return Chapter(
        name="hotels",
        title=Both("Hotels en vakantieparken", "Hotels and holiday parks"),
        text=Both(
            f"Huishoudens sliepen {total.nl} nachten in een hotel of vakantiepark; in {year - 1} waren het er {earlier.nl}. Het ging om "
            f"{adults.nl} volwassenen met {children.nl} kinderen.",
            f"Households slept {total.en} nights in a hotel or holiday park; in {year - 1} it was {earlier.en}. They were {adults.en} "
            f"adults with {children.en} children.",
        ),
        told=[
            told(asked.year, name, "year") for name in ("hotel-nights", "hotel-person-nights", "hotel-households", "hotel-nights-unended")
        ],
        plots=[
            Plot(
                name="hotels",
                title=Both("Nachten per maand, naar reden", "Nights by month, by reason"),
                svg=plots.stacked_months(
                    "hotels", f"Twelve stacked bars, {total.en} nights in all; the numbers are in the table", parts, _values(before)
                ),
                legend=[
                    *((colour, code(reason)) for colour, reason in zip(COLOURS, REASONS, strict=False)),
                    (INK, Both(f"zelfde maand in {year - 1}", f"same month in {year - 1}")),
                ],
                definitions=[nights.definition],
                of=["months", "before"],
                table=_by_month(nights, before, by_month, year),
            )
        ],
    )


def avoidable(asked: Asked) -> Chapter:
    """Tell how many of those nights need not have been, and on what evidence that rests."""
    nights, evidence = asked.year["hotel-nights-avoidable"], asked.year["hotel-nights-by-evidence"]
    every = asked.year["hotel-nights"]
    total, of_all = number(nights.value, "nights"), number(_share(nights.value, every.value), "share")
    found, could = shares(evidence, "evidence"), shares(nights, "reason")
    all_by_reason = shares(every, "reason")
    return Chapter(
        name="avoidable",
        title=Both("Vermijdbare nachten", "Avoidable nights"),
        text=Both(
            f"Bij elk besluit voor een hotel is vastgelegd wat er op dat moment vrij was. Daarmee waren {total.nl} nachten vermijdbaar, "
            f"{of_all.nl} van alle: er was een passende, niet uitgesloten plaats, of die kwam binnen twee uur vrij.",
            f"With every decision for a hotel it is logged what was free at that moment. By that, {total.en} nights were avoidable, "
            f"{of_all.en} of all: there was a fitting place that was not excluded, or one became free within two hours.",
        ),
        told=[told(asked.year, "hotel-nights-avoidable", "year")],
        plots=[
            Plot(
                name="avoidable",
                title=Both("Nachten naar wat er vrij was", "Nights by what was free"),
                svg=plots.divided(
                    "avoidable",
                    "One bar divided by what was free; the numbers are in the table",
                    [(name, found.get(name), colour) for name, colour in _EVIDENCE.items()],
                ),
                legend=[(colour, code(name)) for name, colour in _EVIDENCE.items()],
                definitions=[evidence.definition, nights.definition],
                of=["year"],
                table=_parts_table(found, _EVIDENCE, evidence),
            ),
            Plot(
                name="avoidable-reasons",
                title=Both("Vermijdbaar deel, naar de reden die is opgegeven", "Avoidable share, by the reason that was given"),
                svg=plots.bars(
                    "avoidable-reasons",
                    "A bar for each reason; the numbers are in the table",
                    {_ALL.short: _share(nights.value, every.value)}
                    | {code(reason).short: _share(_or_none_of(could, reason, nights), all_by_reason.get(reason)) for reason in REASONS},
                ),
                definitions=[nights.definition, every.definition],
                of=["year"],
                table=table(
                    [_REASON, Both("vermijdbaar", "avoidable"), Both("alle nachten", "all nights")],
                    [
                        (
                            code(reason),
                            [(_or_none_of(could, reason, nights), "nights"), (_or_none_of(all_by_reason, reason, every), "nights")],
                        )
                        for reason in REASONS
                    ],
                ),
            ),
        ],
    )


def waiting(asked: Asked) -> Chapter:
    """Tell how many wait, for how long, and in how many regions."""
    entries, regions = asked.months["waiting"], asked.months["regions-waiting"]
    mean, share = number(asked.year["waiting"].value, "entries"), number(asked.year["regions-waiting"].value, "share")
    return Chapter(
        name="waiting",
        title=Both("Wachtlijsten", "Waiting lists"),
        text=Both(
            f"Gemiddeld stonden {mean.nl} huishoudens op een wachtlijst, in {share.nl} van de 35 regio's. Het persbericht noemt "
            "gemeenten: dat deel volgt niet uit regio's.",
            f"On average {mean.en} households were on a waiting list, in {share.en} of the 35 regions. The press release speaks of "
            "municipalities: their share does not follow from regions.",
        ),
        told=[told(asked.year, name, "year") for name in ("waiting", "waiting-time-median", "waiting-time-p90", "regions-waiting")],
        plots=[
            Plot(
                name="waiting",
                title=Both("Wachtende huishoudens, en deel van de regio's", "Households waiting, and share of regions"),
                svg=plots.two_months(
                    "waiting", "Two rows of twelve bars; the numbers are in the table", _values(entries), _values(regions)
                ),
                legend=[
                    (BLUE, Both("huishoudens, gemiddeld", "households, mean")),
                    (ORANGE, Both("deel van de regio's", "share of regions")),
                ],
                definitions=[entries.definition, regions.definition],
                of=["months"],
                table=table(
                    [_MONTH, Both("huishoudens", "households"), Both("deel van de regio's", "share of regions")],
                    [
                        (_month(one), [(one.value, "entries"), (other.value, "share")])
                        for one, other in zip(wholes(entries), wholes(regions), strict=True)
                    ],
                ),
            )
        ],
    )


def need(asked: Asked) -> Chapter:
    """Tell how many asked for a place, and what came of it."""
    searches, holds = asked.year["searches"], asked.year["holds"]
    total, unmet = number(searches.value, "requests"), number(asked.year["unmet-need"].value, "requests")
    share, soon = number(asked.year["unmet-share"].value, "share"), number(asked.year["placed-within-a-day"].value, "share")
    return Chapter(
        name="need",
        title=Both("Vraag en uitkomst", "Need and outcome"),
        text=Both(
            f"Crisisdiensten vroegen {total.nl} keer om een plaats; herhaald zoeken voor hetzelfde huishouden telt één keer. "
            f"{unmet.nl} aanvragen ({share.nl}) eindigden zonder plaats en zonder wachtlijst; {soon.nl} had binnen een dag een plaats. "
            "Het zijn aanvragen, geen personen.",
            f"Crisis workers asked {total.en} times for a place; searching again for the same household counts once. "
            f"{unmet.en} requests ({share.en}) ended without a place and without a waiting list; {soon.en} had a place within a day. "
            "These are requests, not persons.",
        ),
        told=[told(asked.year, name, "year") for name in ("searches", "unmet-need", "placed-within-a-day", "time-to-place-median")],
        plots=[
            _divided("need", Both("Aanvragen naar uitkomst", "Requests by outcome"), searches, _OUTCOMES, "outcome"),
            _divided("holds", Both("Vastgehouden plaatsen naar uitkomst", "Holds by outcome"), holds, _HOLDS, "outcome"),
        ],
    )


def _divided(name: str, title: Both, figure: Figure, colours: Mapping[str, str], by: str) -> Plot:
    found = shares(figure, by)
    return Plot(
        name=name,
        title=title,
        svg=plots.divided(
            name,
            "One bar divided by outcome; the numbers are in the table",
            [(each, found.get(each), colour) for each, colour in colours.items()],
        ),
        legend=[(colour, code(each)) for each, colour in colours.items()],
        definitions=[figure.definition],
        of=["year"],
        table=_parts_table(found, colours, figure),
    )


def _parts_table(found: Mapping[str, Value], order: Mapping[str, str], figure: Figure) -> Table:
    unit = figure.definition.unit
    values = {name: _or_none_of(found, name, figure) for name in order}
    rows = [(code(name), [(value, unit), (_share(value, figure.value), "share")]) for name, value in values.items()]
    return table([_WHAT, Both("aantal", "number"), Both("deel", "share")], rows)


def _or_none_of(found: Mapping[str, Value], name: str, figure: Figure) -> Value:
    """Return a part of a figure: 0 where the figure is known and has no such part, unknown where it is not."""
    return found.get(name, None if figure.value is None else 0)


def _by_month(nights: Figure, before: Figure, by_month: list[dict[str, Value]], year: int) -> Table:
    columns = [_MONTH, *(code(reason) for reason in REASONS), _ALL, Both(str(year - 1), str(year - 1))]
    rows = zip(wholes(nights), by_month, _values(before), strict=True)
    return table(
        columns,
        [
            (
                _month(row),
                [*((_or_none_of(month, reason, nights), "nights") for reason in REASONS), (row.value, "nights"), (earlier, "nights")],
            )
            for row, month, earlier in rows
        ],
    )


def _values(figure: Figure) -> list[Value]:
    return [row.value for row in wholes(figure)]


def _month(row: Row) -> Both:
    name = MONTHS[local(row.start).month - 1]
    return Both(name, name)


def _share(part: Value, whole: Value) -> Value:
    return None if part is None or not whole else part / whole
