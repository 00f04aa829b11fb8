"""The first page: the handful of numbers of a year that matter, each in a sentence that says of how many, with its definitions."""

from collections.abc import Mapping, Sequence
from typing import Final

from services.monitor.report.demand_chapters import ended_requests
from services.monitor.report.document_model import KeySentence
from services.monitor.report.places_chapters import highest, lowest
from services.monitor.report.queries import ReportAnswers
from services.monitor.report.report_cells import Cell, cell, ratio, whole
from services.monitor.report.row_selection import part_of, shares, wholes
from services.monitor.report.translations import Bilingual, rounded, rounded_with_unit, text

_Values = Mapping[str, Bilingual | str]
# By statement the figure of its large number, and the others that its sentence needs
_FIGURES: Final = {
    "places": ("capacity", "istanbul-places", "istanbul-norm", "istanbul-share"),
    "occupancy": ("occupancy",),
    "need": ("unmet-need", "unmet-share", "searches"),
    "hotels": ("hotel-nights", "hotel-households", "hotel-persons"),
    "avoidable": ("hotel-nights-avoidable",),
    "waiting": ("waiting", "waiting-time-median", "regions-waiting"),
}


def statements(answers: ReportAnswers, year: int, regions: int) -> list[KeySentence]:
    """Write them, in the order of the questions: is there room, does everyone find it, and what happens to the others."""
    values = _values(answers, year, regions)
    found = []
    for name, figures in _FIGURES.items():
        first = answers.year[figures[0]]
        value = rounded_with_unit(whole(first), first.definition.unit)
        definitions = [answers.year[figure].definition for figure in figures]
        found.append(KeySentence(name, value, text("summary", name, "text", **values), definitions))
    return found


def _values(answers: ReportAnswers, year: int, regions: int) -> _Values:
    def shown(figure: str) -> Bilingual:
        return rounded(whole(answers.year[figure]), answers.year[figure].definition.unit)

    days: Sequence[Cell] = [cell(row) for row in wholes(answers.days["occupancy"])]
    persons = answers.year["hotel-persons"]
    by_who = shares(persons, "who")
    nights = whole(answers.year["hotel-nights"])
    return {
        "counted": shown("istanbul-places"),
        "norm": shown("istanbul-norm"),
        "norm_share": shown("istanbul-share"),
        "lowest": rounded(lowest(days), "share"),
        "highest": rounded(highest(days), "share"),
        "unmet_share": shown("unmet-share"),
        "ended": rounded(ended_requests(answers.year["searches"]), "requests"),
        "households": rounded_with_unit(whole(answers.year["hotel-households"]), "households"),
        "adults": rounded(part_of(persons, by_who, "adults"), "persons"),
        "children": rounded(part_of(persons, by_who, "children"), "persons"),
        "nights": rounded_with_unit(nights, "nights"),
        "nights_before": rounded(whole(answers.before["hotel-nights"]), "nights"),
        "year_before": str(year - 1),
        "avoidable_share": rounded(ratio(whole(answers.year["hotel-nights-avoidable"]), nights), "share"),
        "waiting_half": rounded_with_unit(whole(answers.year["waiting-time-median"]), "days"),
        "regions_share": shown("regions-waiting"),
        "regions": str(regions),
    }
