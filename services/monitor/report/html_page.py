"""Writes the report: one HTML page that loads nothing from the network, works without a script and prints on A4."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, Literal

from jinja2 import Environment, FunctionLoader, StrictUndefined

from services.adapters.regions import RegionRow
from services.monitor.figures.definitions import UNAVAILABLE, Definition
from services.monitor.figures.result import FigureResult
from services.monitor.report import demand_chapters, places_chapters, summary
from services.monitor.report.document_model import Chapter, KeySentence
from services.monitor.report.queries import ReportAnswers
from services.monitor.report.report_cells import TOO_FEW
from services.monitor.report.strict_style import strict_page
from services.monitor.report.translations import (
    UNKNOWN,
    Bilingual,
    figure_name,
    moment,
    rounded,
    source_label,
    source_name,
    unit_name,
    untranslated,
)

ReportLanguage = Literal["nl", "en"]
_TITLES: Final = Bilingual("Monitor veilige opvang", "Monitor of safe places")


@dataclass(frozen=True, slots=True)
class ReportSource:
    """What a result was computed from: how many records, up to when, and how much of the country was heard of."""

    name: str
    period: str
    clock: Bilingual
    heard_of: Bilingual
    records: Bilingual
    offsets: Mapping[str, str]
    fold_version: int


def page(answers: ReportAnswers, regions: Mapping[str, RegionRow], year: int, language: ReportLanguage = "nl") -> str:
    """Return the report of a year as HTML; it opens in a language, and has the other one too."""
    return pages(answers, regions, year, (language,))[language]


def pages(answers: ReportAnswers, regions: Mapping[str, RegionRow], year: int, languages: Sequence[ReportLanguage]) -> dict[str, str]:
    """Return the report of a year as HTML for each language that it opens in; a reader can change it on the page."""
    chapters = [
        places_chapters.places(answers, regions),
        places_chapters.occupancy(answers),
        places_chapters.full(answers),
        demand_chapters.hotels(answers, year),
        demand_chapters.avoidable(answers),
        demand_chapters.waiting(answers, len(regions)),
        places_chapters.staying(answers),
        demand_chapters.need(answers),
    ]
    statements = summary.statements(answers, year, len(regions))
    environment = Environment(
        loader=FunctionLoader(_read), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template, values = environment.get_template("report.html.j2"), _values(answers, statements, chapters, year)
    return {language: strict_page(template.render(language=language, **values)) for language in languages}


def _values(answers: ReportAnswers, statements: Sequence[KeySentence], chapters: Sequence[Chapter], year: int) -> dict[str, Any]:
    return {
        "year": year,
        "titles": _TITLES._asdict(),
        "simulated": answers.year.simulated,
        "protected": answers.year.query.protected,
        "style": _read("report.css"),
        "statements": statements,
        "chapters": chapters,
        "definitions": _definitions(statements, chapters),
        "definition_name": figure_name,
        "source_name": source_name,
        "unit_name": unit_name,
        "unavailable": UNAVAILABLE,
        "sources": [_source(name, result) for name, result in answers.by_name.items()],
        "source_labels": {name: source_label(name) for name in answers.by_name},
        "known": _source("year", answers.year),
    }


def _read(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _definitions(statements: Iterable[KeySentence], chapters: Iterable[Chapter]) -> list[Definition]:
    """List the definitions that the report uses, each once, by id."""
    used = [definition for each in statements for definition in each.definitions]
    for chapter in chapters:
        used += [each.definition for each in chapter.numbers]
        used += [definition for plot in chapter.plots for definition in plot.definitions]
    by_id = {definition.figure: definition for definition in used}
    return [by_id[figure] for figure in sorted(by_id)]


def _source(name: str, result: FigureResult) -> ReportSource:
    period, clock = result.query.period, result.shown_clock
    records = sum(offset + 1 for offsets in result.offsets.values() for offset in offsets.values())
    hidden = result.coverage is None and any(row.too_few for figure in result.figures for row in figure.rows)
    return ReportSource(
        name=name,
        period=f"{moment(period.start)} / {moment(period.end)}" if period else "",
        clock=UNKNOWN if clock is None else untranslated(moment(clock)),
        heard_of=rounded(TOO_FEW if hidden else result.coverage, "share"),
        records=rounded(records, "requests"),
        offsets={
            topic: " ".join(f"{partition}:{offset}" for partition, offset in sorted(offsets.items()))
            for topic, offsets in result.shown_offsets.items()
        },
        fold_version=result.fold_version,
    )
