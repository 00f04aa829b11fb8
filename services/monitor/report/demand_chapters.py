"""The chapters of demand: hotels and which of those nights could have been avoided, waiting lists, requests and how they ended."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from services.monitor.dutch_calendar import local
from services.monitor.figures.result import Figure, FigureRow
from services.monitor.report import plots
from services.monitor.report.document_model import Chapter, LegendEntry, Panel, Plot, TableRows, figure_texts, table
from services.monitor.report.plots import Bar
from services.monitor.report.queries import ReportAnswers
from services.monitor.report.report_cells import Cell, cell, height, ratio, whole
from services.monitor.report.row_selection import part_of, shares, wholes
from services.monitor.report.translations import Bilingual, code, label, month_name, rounded, rounded_with_unit, text, untranslated

REASONS: Final = ("nothing_free", "nothing_fitting", "unsafe_region", "no_answer", "at_night", "other")
_EVIDENCE: Final = ("fitting_free", "freed_within_2h", "excluded_for_safety", "unfitting_free", "nothing_free", "no_evidence")
_OUTCOMES: Final = ("held", "waiting_list", "fallback", "elsewhere", "withdrawn", "unknown", "open")
_HOLDS: Final = ("fulfilled", "granted", "expired", "declined", "released", "overtaken", "refused")


class MarkedParts(NamedTuple):
    """Parts of a figure that have a colour of their own, and what that and the usual one mean."""

    shade: str
    parts: frozenset[str]
    marked: Bilingual
    others: Bilingual

    @property
    def legend(self) -> Sequence[tuple[str, Bilingual]]:
        """Both colours."""
        return (self.shade, self.marked), ("plain", self.others)


# The two that make a night avoidable (definition of `hotel-nights-avoidable`)
_AVOIDABLE: Final = MarkedParts("avoidable", frozenset({"fitting_free", "freed_within_2h"}), label("avoidable"), label("not_avoidable"))
# Those that leave a need unmet (definition of `unmet-need`)
_UNMET: Final = MarkedParts("unmet", frozenset({"fallback", "elsewhere", "withdrawn", "unknown"}), label("unmet"), label("met"))


def hotels(answers: ReportAnswers, year: int) -> Chapter:
    """Write how many nights households spent in hotels, month by month and why, beside the year before."""
    nights, before = answers.months["hotel-nights"], answers.before["hotel-nights"]
    persons = answers.year["hotel-persons"]
    by_who = shares(persons, "who")
    return Chapter(
        name="hotels",
        text=text(
            "chapters",
            "hotels",
            "text",
            nights=rounded_with_unit(whole(nights), "nights"),
            year_before=str(year - 1),
            nights_before=rounded(whole(before), "nights"),
            households=rounded_with_unit(whole(answers.year["hotel-households"]), "households"),
            adults=rounded(part_of(persons, by_who, "adults"), "persons"),
            children=rounded(part_of(persons, by_who, "children"), "persons"),
        ),
        numbers=figure_texts(answers.year, "hotel-nights", "hotel-person-nights", "hotel-households", "hotel-nights-unended"),
        plots=[_nights_by_reason(nights, before, year)],
    )


def _nights_by_reason(nights: Figure, before: Figure, year: int) -> Plot:
    by_month = [(row, shares(nights, "reason", row)) for row in wholes(nights)]
    of_year = shares(nights, "reason")
    used = [reason for reason in REASONS if part_of(nights, of_year, reason) != 0]
    parts = {f"reason-{reason}": [values.get(reason) for _, values in by_month] for reason in used}
    year_before = str(year - 1)
    earlier = _values(before)
    rows: TableRows = [
        (_month(row), [*((_of_month(row, values, reason), "nights") for reason in used), (cell(row), "nights"), (value, "nights")])
        for (row, values), value in zip(by_month, earlier, strict=True)
    ]
    known_before = any(height(value) is not None for value in earlier)
    return Plot(
        name="hotels",
        panels=[
            Panel(
                plots.stacked_months(parts, _values(nights), earlier),
                [
                    *(LegendEntry(f"reason-{reason}", code(reason)) for reason in used),
                    *([LegendEntry("before", label("same_month", year=year_before), line=True)] if known_before else []),
                ],
            )
        ],
        definitions=[nights.definition],
        sources=["months", "before"],
        table=table([label("month"), *map(code, used), label("all"), untranslated(year_before)], rows),
        values={"nights": rounded_with_unit(whole(nights), "nights")},
    )


def _of_month(row: FigureRow, values: Mapping[str, Cell], reason: str) -> Cell:
    return values.get(reason, cell(row) if height(cell(row)) is None else 0)


def avoidable(answers: ReportAnswers) -> Chapter:
    """Write how many of those nights could have been avoided, and by what evidence."""
    nights, every = answers.year["hotel-nights-avoidable"], answers.year["hotel-nights"]
    evidence = answers.year["hotel-nights-by-evidence"]
    return Chapter(
        name="avoidable",
        text=text(
            "chapters",
            "avoidable",
            "text",
            nights=rounded(whole(nights), "nights"),
            every=rounded_with_unit(whole(every), "nights"),
            share=rounded(ratio(whole(nights), whole(every)), "share"),
        ),
        numbers=figure_texts(answers.year, "hotel-nights-avoidable"),
        plots=[
            _by_part("avoidable", evidence, _EVIDENCE, "evidence", _AVOIDABLE),
            _avoidable_by_reason(nights, every),
        ],
    )


def _avoidable_by_reason(nights: Figure, every: Figure) -> Plot:
    by_reason, every_by_reason = shares(nights, "reason"), shares(every, "reason")
    counts = [(code(reason), part_of(nights, by_reason, reason), part_of(every, every_by_reason, reason)) for reason in REASONS]
    # A reason that was never given has no share of anything
    rows = [(label("all_reasons"), whole(nights), whole(every)), *(row for row in counts if row[2] != 0)]
    bars = [Bar(name, height(ratio(part, of)), _part_of(part, of), "avoidable") for name, part, of in rows]
    lines: TableRows = [(name, [(part, "nights"), (of, "nights"), (ratio(part, of), "share")]) for name, part, of in rows]
    return Plot(
        name="avoidable-reasons",
        panels=[Panel(plots.bars(bars))],
        definitions=[nights.definition, every.definition],
        sources=["year"],
        note=text("plots", "avoidable-reasons", "forgotten" if any(row.forgotten for row in nights.rows) else "note"),
        table=table([label("reason"), label("avoidable"), label("all_nights"), label("share")], lines),
    )


def _part_of(part: Cell, of: Cell) -> Bilingual:
    """Write a part of a whole: so many of so many, and the share."""
    share = ratio(part, of)
    if height(share) is None:
        return rounded(share, "share")
    return label("part_of", part=rounded(part, "nights"), whole=rounded(of, "nights"), share=rounded(share, "share"))


def waiting(answers: ReportAnswers, regions: int) -> Chapter:
    """Write how many households wait, for how long, and in how many of the regions."""
    year = answers.year
    names = {"share": "regions-waiting", "municipalities": "municipalities-waiting", "inhabitants": "inhabitants-waiting"}
    values = {name: rounded(whole(year[figure]), "share") for name, figure in names.items()}
    mean = rounded_with_unit(whole(year["waiting"]), "entries")
    return Chapter(
        name="waiting",
        text=text("chapters", "waiting", "text", mean=mean, regions=str(regions), **values),
        numbers=figure_texts(year, "waiting", "waiting-time-median", "waiting-time-p90", *names.values()),
        plots=[_waiting_by_month(answers.months["waiting"], answers.months["regions-waiting"], regions)],
    )


def _waiting_by_month(entries: Figure, regions: Figure, count: int) -> Plot:
    rows: TableRows = [
        (_month(entry), [(cell(entry), "entries"), (cell(region), "share")])
        for entry, region in zip(wholes(entries), wholes(regions), strict=True)
    ]
    return Plot(
        name="waiting",
        panels=[
            Panel(plots.columns(_values(entries), "entries", "plain"), title=label("households_mean")),
            Panel(plots.columns(_values(regions), "share", "plain"), title=label("share_of_regions", count=str(count))),
        ],
        definitions=[entries.definition, regions.definition],
        sources=["months"],
        table=table([label("month"), label("households"), label("share_of_regions", count=str(count))], rows),
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
            requests=rounded(whole(year["searches"]), "requests"),
            ended=rounded(ended_requests(year["searches"]), "requests"),
            unmet=rounded(whole(year["unmet-need"]), "requests"),
            share=rounded(whole(year["unmet-share"]), "share"),
            soon=rounded(whole(year["placed-within-a-day"]), "share"),
        ),
        numbers=figure_texts(year, "searches", "unmet-need", "unmet-share", "placed-within-a-day", "time-to-place-median"),
        plots=[
            _by_part("need", year["searches"], _OUTCOMES, "outcome", _UNMET),
            _by_part("holds", year["holds"], _HOLDS, "outcome", None),
        ],
    )


def ended_requests(searches: Figure) -> Cell:
    """Return of how many requests it is known how they ended: what the unmet share is a share of."""
    every, still_open = whole(searches), part_of(searches, shares(searches, "outcome"), "open")
    if every is None or height(every) is None or height(still_open) is None:
        return every
    return int((height(every) or 0) - (height(still_open) or 0))


def _by_part(name: str, figure: Figure, order: Sequence[str], by: str, marked: MarkedParts | None) -> Plot:
    """Draw the parts of a figure as bars, each with its number and its share of the whole; a part that is nothing is left out."""
    values, unit, every = shares(figure, by), figure.definition.unit, whole(figure)
    parts = {part: value for part in order if (value := part_of(figure, values, part)) != 0}
    shades = {part: marked.shade if marked and part in marked.parts else "plain" for part in parts}
    names = {part: label("end_unknown") if part == "unknown" else code(part) for part in parts}
    bars = [Bar(names[part], height(ratio(value, every)), _with_share(value, every), shades[part]) for part, value in parts.items()]
    legend = [LegendEntry(shade, text) for shade, text in marked.legend if shade in shades.values()] if marked else []
    rows: TableRows = [(names[part], [(value, unit), (ratio(value, every), "share")]) for part, value in parts.items()]
    return Plot(
        name=name,
        panels=[Panel(plots.bars(bars), legend)],
        definitions=[figure.definition],
        sources=["year"],
        table=table([label("what"), label("number"), label("share")], rows),
        values={"all": rounded_with_unit(every, unit)},
    )


def _with_share(part: Cell, every: Cell) -> Bilingual:
    share = ratio(part, every)
    if height(share) is None:
        return rounded(part, "nights")
    return label("with_share", number=rounded(part, "nights"), share=rounded(share, "share"))


def _values(figure: Figure) -> list[Cell]:
    return [cell(row) for row in wholes(figure)]


def _month(row: FigureRow) -> Bilingual:
    return month_name(local(row.start).month)
