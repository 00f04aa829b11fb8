"""Writes the report: one HTML page that loads nothing from the network, works without a script and prints on A4."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, Literal

from jinja2 import Environment, FunctionLoader, StrictUndefined

from services.adapters.regions import RegionRow
from services.monitor.figures.definitions import UNAVAILABLE, Definition
from services.monitor.figures.result import FigureResult
from services.monitor.report import demand_chapters, places_chapters
from services.monitor.report.document_model import Chapter, figure_texts
from services.monitor.report.queries import ReportAnswers
from services.monitor.report.strict_style import strict_page
from services.monitor.report.translations import UNKNOWN, Bilingual, moment, number

ReportLanguage = Literal["both", "nl", "en"]
# The numbers of the press release
_KEY_FIGURES: Final = ("capacity", "occupancy", "hotel-nights", "hotel-nights-avoidable", "istanbul-share", "regions-waiting")


@dataclass(frozen=True, slots=True)
class ReportSource:
    """What a result was computed from: how many records, up to when, and how much of the country was heard of."""

    name: str
    period: str
    clock: str
    heard_of: Bilingual
    records: Bilingual
    offsets: Mapping[str, str]
    fold_version: int


def page(answers: ReportAnswers, regions: Mapping[str, RegionRow], year: int) -> str:
    """Return the report of a year as HTML, with both languages side by side."""
    return pages(answers, regions, year, ("both",))["both"]


def pages(answers: ReportAnswers, regions: Mapping[str, RegionRow], year: int, languages: Sequence[ReportLanguage]) -> dict[str, str]:
    """Return the report of a year as HTML for each language that it opens in; a reader can change it on the page."""
    chapters = [
        places_chapters.places(answers, regions),
        places_chapters.occupancy(answers),
        places_chapters.full(answers),
        demand_chapters.hotels(answers, year),
        demand_chapters.avoidable(answers),
        demand_chapters.waiting(answers),
        places_chapters.staying(answers),
        demand_chapters.need(answers),
    ]
    environment = Environment(
        loader=FunctionLoader(_read), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template, values = environment.get_template("report.html.j2"), _values(answers, chapters, year)
    return {language: strict_page(template.render(language=language, **values)) for language in languages}


def _values(answers: ReportAnswers, chapters: Sequence[Chapter], year: int) -> dict[str, Any]:
    return {
        "year": year,
        "simulated": answers.year.simulated,
        "style": _read("report.css"),
        "chapters": chapters,
        "cards": figure_texts(answers.year, *_KEY_FIGURES),
        "definitions": _definitions(answers, chapters),
        "unavailable": UNAVAILABLE,
        "sources": [_source(name, result) for name, result in answers.by_name.items()],
        "known": _source("year", answers.year),
    }


def _read(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _definitions(answers: ReportAnswers, chapters: Iterable[Chapter]) -> list[Definition]:
    """List the definitions that the report uses, each once, by id."""
    used = [answers.year[name].definition for name in _KEY_FIGURES]
    for chapter in chapters:
        used += [each.definition for each in chapter.numbers]
        used += [definition for plot in chapter.plots for definition in plot.definitions]
    by_id = {definition.figure: definition for definition in used}
    return [by_id[figure] for figure in sorted(by_id)]


def _source(name: str, result: FigureResult) -> ReportSource:
    period, clock = result.query.period, result.shown_clock
    records = sum(offset + 1 for offsets in result.offsets.values() for offset in offsets.values())
    return ReportSource(
        name=name,
        period=f"{moment(period.start)} / {moment(period.end)}" if period else "",
        clock=UNKNOWN.short if clock is None else moment(clock),
        heard_of=number(result.coverage, "share"),
        records=number(records, "requests"),
        offsets={
            topic: " ".join(f"{partition}:{offset}" for partition, offset in sorted(offsets.items()))
            for topic, offsets in result.shown_offsets.items()
        },
        fold_version=result.fold_version,
    )
