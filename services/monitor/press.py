"""The press release of 2025, measured back: its numbers beside those of a year. What they mean stands in the definitions.

Of a simulated country this says how it was calibrated, and nothing of the real one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from services.monitor.answer import Answer, Ask
from services.monitor.days import DAY_MS
from services.monitor.days import year as year_of
from services.monitor.question import NATION, Question, Scope
from services.monitor.report.rows import shares
from services.monitor.report.words import number, with_unit

_YEAR: Final = (
    *("capacity", "inhabitants-per-place", "istanbul-norm", "istanbul-share", "occupancy", "regions-waiting"),
    *("hotel-nights", "hotel-persons"),
)
# The guideline after the Istanbul Convention: one place to so many inhabitants
_NORM: Final = 10_000
_HOTELS: Final = ("hotel-nights", "hotel-persons")


@dataclass(frozen=True, slots=True)
class Line:
    """One number of the press release (or of parliament), and what the figures give."""

    what: str
    figure: str
    measured: str
    known: str


def measured(ask: Ask, before: Ask, year: int) -> list[Line]:
    """Measure a year, and the hotels of the one before."""
    of, follow_up = _of(ask, year, _YEAR), _of(ask, year, ("stay-mean",), Scope(kind="follow_up"))
    return list(_lines(of, follow_up, _of(before, year - 1, _HOTELS), year))


def _of(ask: Ask, year: int, figures: tuple[str, ...], scope: Scope = NATION) -> Answer:
    """Ask for figures of a year; all of them are unknown where the log begins later than its first day: a part of a year is none."""
    period = year_of(year)
    found = ask(Question(figures=figures, period=period, scope=scope))
    if ask(Question(figures=("capacity",), at=period.start + DAY_MS))["capacity"].value:
        return found
    return replace(found, figures=tuple(replace(each, rows=(replace(each.rows[0], value=None),)) for each in found.figures))


def _lines(of: Answer, follow_up: Answer, earlier: Answer, year: int) -> Iterator[Line]:
    inhabitants = _inhabitants(of)
    yield Line("places (units, without overflow)", "capacity", _told(of, "capacity"), "about 1,000")
    yield Line("inhabitants per place, all kinds", "capacity", inhabitants, "17,500; the norm: 10,000")
    yield Line("the same without assisted living", "inhabitants-per-place", _told(of, "inhabitants-per-place"), "not told apart")
    yield Line("share of the Istanbul norm", "istanbul-share", _told(of, "istanbul-share"), "57 % (10,000 / 17,500)")
    yield Line("occupancy rate", "occupancy", _told(of, "occupancy"), "nearly without a break")
    yield Line("regions with somebody waiting", "regions-waiting", _told(of, "regions-waiting"), "about 40 % of municipalities")
    yield Line(f"hotel nights in {year}", "hotel-nights", _told(of, "hotel-nights"), "over 3,000 (2023)")
    yield Line(f"hotel nights in {year - 1}", "hotel-nights", _told(earlier, "hotel-nights"), "far fewer (2022)")
    yield Line("adults in hotels", "hotel-persons", _who(of, "adults"), "about 190 (2023)")
    yield Line("children with them", "hotel-persons", _who(of, "children"), "not told")
    yield Line("mean stay in follow-up shelter", "stay-mean", with_unit(follow_up["stay-mean"].value, "days").en, "259 days (parliament)")


def _told(answer: Answer, figure: str) -> str:
    found = answer[figure]
    return number(found.value, found.definition.unit).en


def _who(answer: Answer, who: str) -> str:
    return number(shares(answer["hotel-persons"], "who").get(who), "persons").en


def _inhabitants(answer: Answer) -> str:
    """Divide by all places: the press release does not say whether it leaves any out."""
    places, norm = answer["capacity"].value, answer["istanbul-norm"].value
    return number(round(norm * _NORM / places) if places and norm else None, "inhabitants").en
