"""Compares a year with the press release of 2025 of VNG and Valente, number by number. What each means stands in its definition.

Of a simulated country this shows how it was calibrated, and nothing about the real one.
"""

from dataclasses import dataclass, replace
from typing import Final

from services.domain.durations import DAY_MS
from services.monitor.dutch_calendar import year as year_of
from services.monitor.figures.result import Ask, FigureResult
from services.monitor.query import NATION, Query, Scope
from services.monitor.report.row_selection import shares
from services.monitor.report.translations import number, with_unit

_HOTELS: Final = ("hotel-nights", "hotel-persons")
_WAITING: Final = ("municipalities-waiting", "regions-waiting", "inhabitants-waiting")
_YEAR: Final = ("capacity", "inhabitants-per-place", "istanbul-norm", "istanbul-share", "occupancy", *_WAITING, *_HOTELS)
# The guideline after the Istanbul Convention: inhabitants to one place
_NORM: Final = 10_000


@dataclass(frozen=True, slots=True)
class PressLine:
    """One number: what the figures give, beside the press release (or parliament)."""

    what: str
    figure: str
    measured: str
    known: str


def compare(ask: Ask, ask_year_before: Ask, year: int) -> list[PressLine]:
    """Return the lines of a year, with the hotels of the year before."""
    result, before = _ask(ask, year, _YEAR), _ask(ask_year_before, year - 1, _HOTELS)
    follow_up = _ask(ask, year, ("stay-mean",), Scope(kind="follow_up"))["stay-mean"]
    persons = {role: number(count, "persons").en for role, count in shares(result["hotel-persons"], "who").items()}
    unknown = number(None, "persons").en
    return [
        _line(result, "places (units, without overflow)", "capacity", "about 1,000"),
        PressLine("inhabitants per place, all kinds", "capacity", _inhabitants_per_unit(result), "17,500; the norm: 10,000"),
        _line(result, "the same without assisted living", "inhabitants-per-place", "not given apart"),
        _line(result, "share of the Istanbul norm", "istanbul-share", "57 % (10,000 / 17,500)"),
        _line(result, "occupancy rate", "occupancy", "nearly without a break"),
        _line(result, "municipalities with a household waiting", "municipalities-waiting", "about 40 %"),
        _line(result, "the same by region", "regions-waiting", "not given"),
        _line(result, "the same by inhabitant", "inhabitants-waiting", "not given"),
        _line(result, f"hotel nights in {year}", "hotel-nights", "over 3,000 (2023)"),
        _line(before, f"hotel nights in {year - 1}", "hotel-nights", "far fewer (2022)"),
        PressLine("adults in hotels", "hotel-persons", persons.get("adults", unknown), "about 190 (2023)"),
        PressLine("children with them", "hotel-persons", persons.get("children", unknown), "not given"),
        PressLine("mean stay in follow-up shelter", "stay-mean", with_unit(follow_up.value, "days").en, "259 days (parliament)"),
    ]


def _ask(ask: Ask, year: int, figures: tuple[str, ...], scope: Scope = NATION) -> FigureResult:
    """Ask for figures of a year; all of them are unknown where the log begins after its first day: a part of a year is no year."""
    period = year_of(year)
    result = ask(Query(figures=figures, period=period, scope=scope))
    if ask(Query(figures=("capacity",), at=period.start + DAY_MS))["capacity"].value:
        return result
    return replace(result, figures=tuple(replace(each, rows=(replace(each.rows[0], value=None),)) for each in result.figures))


def _line(result: FigureResult, what: str, figure: str, known: str) -> PressLine:
    return PressLine(what, figure, number(result[figure].value, result[figure].definition.unit).en, known)


def _inhabitants_per_unit(result: FigureResult) -> str:
    """Divide by the places of all kinds: the press release does not state whether it leaves any out."""
    places, norm = result["capacity"].value, result["istanbul-norm"].value
    return number(round(norm * _NORM / places) if places and norm else None, "inhabitants").en
