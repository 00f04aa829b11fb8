"""The figures of stays and holds, computed again: every stay ranked and counted, the curve day by day from all of them."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING, Final

from tests.monitor.naive.ask import HALF, MINUTE, NINE_IN_TEN, Ask, Parts, dutch_days, rank
from tests.monitor.naive.country import MS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.monitor.naive.holds import Hold
    from tests.monitor.naive.past import Stay

DESTINATIONS: Final = ("home", "own_home", "family", "other_shelter", "assisted_living", "abroad", "unknown")
STATUSES: Final = ("refused", "granted", "expired", "declined", "released", "fulfilled", "overtaken")


def _ended(ask: Ask) -> list[Stay]:
    return [stay for stay in _stays(ask) if ask.start <= stay.end < ask.end]


def _stays(ask: Ask) -> list[Stay]:
    """List the stays of a scope: by where their shelter was and what their unit last was when they ended, or is now."""
    found = []
    for each in ask.country.shelters:
        for stay in each.stays:
            region, kind = ask.country.place_of(each.name, stay.unit, stay.end)
            if ask.where.has(region, kind):
                found.append(stay)
    return found


def _stays_ended(ask: Ask) -> Parts:
    ended = _ended(ask)
    by = Counter(stay.destination for stay in ended)
    parts: Parts = [({}, len(ended) if ask.known else None)]
    return [*parts, *(({"destination": where}, by[where] if ask.known else None) for where in DESTINATIONS)]


def _length(share: Fraction) -> Callable[[Ask], Parts]:
    return lambda ask: [({}, rank([dutch_days(stay.start, stay.end) for stay in _ended(ask)], share, 1))]


def _mean_length(ask: Ask) -> Parts:
    days = [dutch_days(stay.start, stay.end) for stay in _ended(ask)]
    return [({}, float(sum(days, Fraction(0)) / len(days)) if days else None)]


def _curve(ask: Ask) -> list[Fraction]:
    """Work out which part is still there after each day (Kaplan and Meier), from how many begin and end to be at risk on it."""
    days = []
    for stay in _stays(ask):
        if stay.start < ask.end and stay.end > ask.start:
            first = ceil(dutch_days(stay.start, max(stay.start, ask.start)))
            last = floor(dutch_days(stay.start, min(stay.end, ask.end)))
            if first <= last:
                days.append((first, last, stay.end < ask.end))
    begun, over = Counter(first for first, _, _ in days), Counter(last for _, last, _ in days)
    gone = Counter(last for _, last, ended in days if ended)
    curve, at_risk = [Fraction(1)], 0
    for day in range(728):
        at_risk += begun[day]
        curve.append(curve[-1] * (1 - Fraction(gone[day], at_risk)) if at_risk else curve[-1])
        at_risk -= over[day]
    return curve


def _lived(ask: Ask) -> bool:
    return any(stay.start < ask.end and stay.end > ask.start for stay in _stays(ask))


def _survival(ask: Ask) -> Parts:
    curve, known = _curve(ask), _lived(ask)
    days = (*range(14), *range(14, 730, 7))
    return [({}, 1.0 if known else None), *(({"day": str(day)}, float(curve[day]) if known else None) for day in days)]


def _survival_median(ask: Ask) -> Parts:
    halved = [day for day, part in enumerate(_curve(ask)) if part <= Fraction(1, 2)]
    return [({}, halved[0] if halved and _lived(ask) else None)]


def _asked(ask: Ask) -> list[Hold]:
    region = {each.name: each.registered[-1][2]["region"] for each in ask.country.shelters if each.registered}
    return [
        hold
        for hold in ask.country.holds
        if ask.start <= hold.start * MS < ask.end
        and (region.get(hold.shelter) in ask.where.regions or (hold.shelter not in region and ask.where.everywhere))
    ]


def _holds(ask: Ask) -> Parts:
    holds, clock = _asked(ask), ask.country.clock or 0
    parts: Parts = [({}, len(holds) if ask.beds_known else None)]
    for status in STATUSES:
        such = [hold for hold in holds if hold.seen(clock) == status]
        parts.append(({"outcome": status}, len(such) if ask.beds_known else None))
        because = Counter(hold.reason for hold in such if hold.reason)
        parts += [({"outcome": status, "reason": reason}, because[reason]) for reason in sorted(because)]
    return parts


def _answered(ask: Ask) -> Parts:
    return [({}, rank([(hold.accepted - hold.start) * MS for hold in _asked(ask) if hold.accepted is not None], Fraction(1, 2), MINUTE))]


STAYS: Final[dict[str, Callable[[Ask], Parts]]] = {
    "stays-ended": _stays_ended,
    "stay-median": _length(HALF),
    "stay-p90": _length(NINE_IN_TEN),
    "stay-mean": _mean_length,
    "stay-survival": _survival,
    "stay-survival-median": _survival_median,
    "holds": _holds,
    "hold-answer-median": _answered,
}
