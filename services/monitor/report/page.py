"""Puts a report together: one page that asks nothing of the network, works without a script and prints on A4."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from jinja2 import Environment, FunctionLoader, StrictUndefined

from services.adapters.regions import RegionRow
from services.monitor.answer import Answer
from services.monitor.definition import Definition
from services.monitor.definitions import NOT_TOLD
from services.monitor.report import demand, places
from services.monitor.report.asking import Asked
from services.monitor.report.chapters import Chapter
from services.monitor.report.words import UNKNOWN, Both, moment, number

# The numbers that the press release is about
_FIRST: Final = ("capacity", "occupancy", "hotel-nights", "hotel-nights-avoidable", "istanbul-share", "regions-waiting")


@dataclass(frozen=True, slots=True)
class Source:
    """What an answer was worked out from: how many records of each topic, up to when, and how much of the country was heard of."""

    name: str
    period: str
    clock: str
    heard_of: Both
    records: str
    offsets: Mapping[str, str]
    fold_version: int


def page(asked: Asked, regions: Mapping[str, RegionRow], year: int) -> str:
    """Write the report of a year."""
    chapters = [
        places.places(asked, regions),
        places.occupancy(asked),
        places.full(asked),
        demand.hotels(asked, year),
        demand.avoidable(asked),
        demand.waiting(asked),
        places.staying(asked),
        demand.need(asked),
    ]
    environment = Environment(
        loader=FunctionLoader(_read), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html.j2").render(
        year=year,
        simulated=asked.year.simulated,
        style=_read("report.css"),
        chapters=chapters,
        first=[_card(asked.year, name) for name in _FIRST],
        definitions=_definitions(asked, chapters),
        not_told=[(Both(each.dutch[0], each.english[0]), Both(each.dutch[1], each.english[1])) for each in NOT_TOLD],
        sources=[_source(name, answer) for name, answer in asked.every.items()],
        known=_source("year", asked.year),
    )


def _read(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _card(answer: Answer, name: str) -> tuple[Both, Both, Definition]:
    figure = answer[name]
    definition = figure.definition
    return Both(definition.dutch[0], definition.english[0]), number(figure.value, definition.unit), definition


def _definitions(asked: Asked, chapters: Iterable[Chapter]) -> list[Definition]:
    """List what the report uses, each once, in the order of its names."""
    used = {each.id: each for chapter in chapters for plot in chapter.plots for each in plot.definitions}
    used |= {each.definition.id: each.definition for chapter in chapters for each in chapter.told}
    used |= {name: asked.year[name].definition for name in _FIRST}
    return [used[name] for name in sorted(used)]


def _source(name: str, answer: Answer) -> Source:
    period = answer.question.period
    told = sum(offset + 1 for offsets in answer.offsets.values() for offset in offsets.values())
    return Source(
        name=name,
        period=f"{moment(period.start)} / {moment(period.end)}" if period else "",
        clock=UNKNOWN.short if answer.clock is None else moment(answer.clock),
        heard_of=number(answer.heard_of, "share"),
        records=number(told, "requests").short,
        offsets={
            topic: " ".join(f"{partition}:{offset}" for partition, offset in offsets.items()) for topic, offsets in answer.offsets.items()
        },
        fold_version=answer.fold_version,
    )
