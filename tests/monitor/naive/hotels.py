"""The figures of hotels, computed again from every night of every fallback, with its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.monitor.naive.ask import MINUTE, Ask, Parts, dutch_days, total
from tests.monitor.naive.country import MS, Case
from tests.monitor.naive.past import FOREVER
from tests.monitor.naive.places import fits

if TYPE_CHECKING:
    from collections.abc import Callable

REASONS: Final = ("nothing_free", "nothing_fitting", "unsafe_region", "no_answer", "at_night", "other")
EVIDENCE: Final = ("fitting_free", "freed_within_2h", "excluded_for_safety", "unfitting_free", "nothing_free", "no_evidence")


def _hotels(ask: Ask) -> list[tuple[Case, int, bool]]:
    """List the fallbacks in hotels with their nights, and whether no end was logged within 14 days."""
    clock = (ask.country.clock or 0) * MS
    nights_then, found = ask.nights(), []
    for case in ask.country.cases("fallback-started", "fallback-ended"):
        count = sum(case.start <= night < case.end for night in nights_then)
        if count and case.data["accommodation"] in ("hotel", "holiday_park") and case.data["region"] in ask.where.regions:
            found.append((case, count, case.end == FOREVER and clock >= case.start and dutch_days(case.start, clock) >= 14))
    return found


def _hotel_nights(ask: Ask) -> Parts:
    hotels = [(case, count) for case, count, flagged in _hotels(ask) if not flagged]
    parts: Parts = [({}, total(ask, [count for _, count in hotels]))]
    for member, values in (("reason", REASONS), ("accommodation", ("hotel", "holiday_park"))):
        parts += [({member: value}, total(ask, [count for case, count in hotels if case.data[member] == value])) for value in values]
    return parts


def _unended(ask: Ask) -> Parts:
    return [({}, total(ask, [count for _, count, flagged in _hotels(ask) if flagged]))]


def _persons(*, by_night: bool) -> Callable[[Ask], Parts]:
    def figure(ask: Ask) -> Parts:
        hotels = [(case.data, count if by_night else 1) for case, count, flagged in _hotels(ask) if not (by_night and flagged)]
        adults, children = [d["adults"] * times for d, times in hotels], [d["children"] * times for d, times in hotels]
        return [
            ({}, total(ask, adults + children)),
            ({"who": "adults"}, total(ask, adults)),
            ({"who": "children"}, total(ask, children)),
        ]

    return figure


def _households(ask: Ask) -> Parts:
    return [({}, total(ask, [1 for _ in _hotels(ask)]))]


def _evidence(ask: Ask, case: Case) -> str:
    seen = case.data["evidence"]
    if seen["status"] != "complete":
        return "no_evidence"
    if seen["fitting_nationally"]:
        return "fitting_free"
    if seen["fitting_excluded_for_safety"]:
        return "excluded_for_safety"
    free = {(shelter, unit, span[1]) for shelter, unit, span in ask.country.units if span[2][2] == "free"}
    for shelter, unit, (start, _, (registered, declared, state, _)) in ask.country.units:
        soon = case.start < start <= case.start + 2 * 60 * MINUTE
        if (
            soon
            and state == "free"
            and not declared["overflow"]
            and (shelter, unit, start) not in free
            and fits(registered, declared, case.data)
        ):
            return "freed_within_2h"
    return "unfitting_free" if seen["free_nationally"] else "nothing_free"


def _by_evidence(ask: Ask) -> Parts:
    hotels = [(_evidence(ask, case), count) for case, count, flagged in _hotels(ask) if not flagged]
    parts: Parts = [({}, total(ask, [count for _, count in hotels]))]
    return [*parts, *(({"evidence": name}, total(ask, [count for found, count in hotels if found == name])) for name in EVIDENCE)]


def _avoidable(ask: Ask) -> Parts:
    hotels = [
        (case.data["reason"], count)
        for case, count, flagged in _hotels(ask)
        if not flagged and _evidence(ask, case) in ("fitting_free", "freed_within_2h")
    ]
    parts: Parts = [({}, total(ask, [count for _, count in hotels]))]
    return [*parts, *(({"reason": reason}, total(ask, [count for found, count in hotels if found == reason])) for reason in REASONS)]


HOTELS: Final[dict[str, Callable[[Ask], Parts]]] = {
    "hotel-nights": _hotel_nights,
    "hotel-nights-unended": _unended,
    "hotel-person-nights": _persons(by_night=True),
    "hotel-households": _households,
    "hotel-persons": _persons(by_night=False),
    "hotel-nights-by-evidence": _by_evidence,
    "hotel-nights-avoidable": _avoidable,
}
