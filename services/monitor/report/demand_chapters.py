"""The chapters of demand: hotels and which of those nights could have been avoided, waiting lists, requests and how they ended."""

from collections.abc import Mapping
from typing import Final

from services.monitor.dutch_calendar import local
from services.monitor.figures.result import Figure, FigureRow, Value
from services.monitor.report import plots
from services.monitor.report.document_model import Chapter, Plot, TableRows, figure_texts, table
from services.monitor.report.queries import ReportAnswers
from services.monitor.report.row_selection import shares, wholes
from services.monitor.report.svg import BLUE, COLOURS, GREEN, GREY, INK, MONTHS, ORANGE, PURPLE, RED, SKY, YELLOW
from services.monitor.report.translations import FORGOTTEN, Bilingual, alt_text, code, label, number, text, untranslated

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


def hotels(answers: ReportAnswers, year: int) -> Chapter:
    """Write how many nights households spent in hotels, month by month and why, beside the year before."""
    nights, before = answers.months["hotel-nights"], answers.before["hotel-nights"]
    persons = shares(answers.year["hotel-persons"], "who")
    return Chapter(
        name="hotels",
        text=text(
            "chapters",
            "hotels",
            "text",
            nights=number(nights.value, "nights"),
            year_before=str(year - 1),
            nights_before=number(before.value, "nights"),
            adults=number(persons.get("adults"), "persons"),
            children=number(persons.get("children"), "persons"),
        ),
        numbers=figure_texts(answers.year, "hotel-nights", "hotel-person-nights", "hotel-households", "hotel-nights-unended"),
        plots=[_nights_by_reason(nights, before, year)],
    )


def _nights_by_reason(nights: Figure, before: Figure, year: int) -> Plot:
    by_month = [shares(nights, "reason", row) for row in wholes(nights)]
    parts = {reason: [month.get(reason, 0) for month in by_month] for reason in REASONS}
    year_before = str(year - 1)
    rows: TableRows = [
        (_month(row), [*((_part(month, reason, nights), "nights") for reason in REASONS), (row.value, "nights"), (earlier, "nights")])
        for row, month, earlier in zip(wholes(nights), by_month, _values(before), strict=True)
    ]
    return Plot(
        name="hotels",
        svg=plots.stacked_months("hotels", alt_text("hotels", nights=number(nights.value, "nights").en), parts, _values(before)),
        legend=[
            *((colour, code(reason)) for colour, reason in zip(COLOURS, REASONS, strict=False)),
            (INK, label("same_month", year=year_before)),
        ],
        definitions=[nights.definition],
        sources=["months", "before"],
        table=table([label("month"), *map(code, REASONS), label("all"), untranslated(year_before)], rows),
    )


def avoidable(answers: ReportAnswers) -> Chapter:
    """Write how many of those nights could have been avoided, and by what evidence."""
    nights, every = answers.year["hotel-nights-avoidable"], answers.year["hotel-nights"]
    written = (number(nights.value, "nights"), number(_share(nights.value, every.value), "share"))
    in_words, share = (FORGOTTEN, FORGOTTEN) if nights.forgotten else written
    evidence = answers.year["hotel-nights-by-evidence"]
    return Chapter(
        name="avoidable",
        text=text("chapters", "avoidable", "text", nights=in_words, share=share),
        numbers=figure_texts(answers.year, "hotel-nights-avoidable"),
        plots=[
            _divided("avoidable", evidence, _EVIDENCE, "evidence", other=nights),
            _avoidable_by_reason(nights, every),
        ],
    )


def _avoidable_by_reason(nights: Figure, every: Figure) -> Plot:
    by_reason, every_by_reason = shares(nights, "reason"), shares(every, "reason")
    bars = {label("all").short: _share(nights.value, every.value)}
    bars |= {code(reason).short: _share(_part(by_reason, reason, nights), every_by_reason.get(reason)) for reason in REASONS}
    rows: TableRows = [
        (code(reason), [(_part(by_reason, reason, nights), "nights"), (_part(every_by_reason, reason, every), "nights")])
        for reason in REASONS
    ]
    return Plot(
        name="avoidable-reasons",
        svg=plots.bars("avoidable-reasons", alt_text("avoidable-reasons"), bars),
        definitions=[nights.definition, every.definition],
        sources=["year"],
        note=text("plots", "avoidable-reasons", "note") if any(row.forgotten for row in nights.rows) else None,
        table=table([label("reason"), label("avoidable"), label("all_nights")], rows),
    )


def waiting(answers: ReportAnswers) -> Chapter:
    """Write how many households wait, for how long, and in how many regions."""
    mean = number(answers.year["waiting"].value, "entries")
    names = {"share": "regions-waiting", "municipalities": "municipalities-waiting", "inhabitants": "inhabitants-waiting"}
    shares = {name: number(answers.year[figure].value, "share") for name, figure in names.items()}
    return Chapter(
        name="waiting",
        text=text("chapters", "waiting", "text", mean=mean, **shares),
        numbers=figure_texts(answers.year, "waiting", "waiting-time-median", "waiting-time-p90", *names.values()),
        plots=[_waiting_by_month(answers.months["waiting"], answers.months["regions-waiting"])],
    )


def _waiting_by_month(entries: Figure, regions: Figure) -> Plot:
    rows: TableRows = [
        (_month(entry), [(entry.value, "entries"), (region.value, "share")])
        for entry, region in zip(wholes(entries), wholes(regions), strict=True)
    ]
    return Plot(
        name="waiting",
        svg=plots.two_months("waiting", alt_text("waiting"), _values(entries), _values(regions)),
        legend=[(BLUE, label("households_mean")), (ORANGE, label("share_of_regions"))],
        definitions=[entries.definition, regions.definition],
        sources=["months"],
        table=table([label("month"), label("households"), label("share_of_regions")], rows),
    )


def need(answers: ReportAnswers) -> Chapter:
    """Write how many requests for a place there were, and how they ended."""
    year = answers.year
    return Chapter(
        name="need",
        text=text(
            "chapters",
            "need",
            "text",
            requests=number(year["searches"].value, "requests"),
            unmet=number(year["unmet-need"].value, "requests"),
            share=number(year["unmet-share"].value, "share"),
            soon=number(year["placed-within-a-day"].value, "share"),
        ),
        numbers=figure_texts(year, "searches", "unmet-need", "placed-within-a-day", "time-to-place-median"),
        plots=[_divided("need", year["searches"], _OUTCOMES, "outcome"), _divided("holds", year["holds"], _HOLDS, "outcome")],
    )


def _divided(name: str, figure: Figure, colours: Mapping[str, str], by: str, *, other: Figure | None = None) -> Plot:
    """Draw a figure as one bar, divided by its parts; `other` is a figure that follows from the same parts."""
    values, unit = shares(figure, by), figure.definition.unit
    parts = {part: _part(values, part, figure) for part in colours}
    rows: TableRows = [(code(part), [(value, unit), (_share(value, figure.value), "share")]) for part, value in parts.items()]
    return Plot(
        name=name,
        svg=plots.divided(name, alt_text(name), [(part, values.get(part), colour) for part, colour in colours.items()]),
        legend=[(colour, code(part)) for part, colour in colours.items()],
        definitions=[figure.definition, *([other.definition] if other else [])],
        sources=["year"],
        table=table([label("what"), label("number"), label("share")], rows),
    )


def _part(values: Mapping[str, Value], name: str, figure: Figure) -> Value:
    """Return a part of a figure: 0 where the figure is known and has no such part, unknown where it is not."""
    return values.get(name, None if figure.value is None else 0)


def _values(figure: Figure) -> list[Value]:
    return [row.value for row in wholes(figure)]


def _month(row: FigureRow) -> Bilingual:
    return untranslated(MONTHS[local(row.start).month - 1])


def _share(part: Value, whole: Value) -> Value:
    return None if part is None or not whole else part / whole
