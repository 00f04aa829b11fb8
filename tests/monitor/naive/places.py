"""The figures of places, computed again: sums over all spans of all units, sweeps over all edges."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from tests.monitor.naive.ask import MINUTE, STATES, Ask, Parts, Value, every, mean, share
from tests.monitor.naive.country import MS, REGIONS, Where, overlap

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.monitor.naive.past import Span


def _capacity(ask: Ask, *, overflow: bool = False) -> Parts:
    return [({}, mean(every(ask.times(overflow=overflow)), ask.long) if ask.known else None)]


def _beds(ask: Ask) -> Parts:
    return [({}, mean(sum(ask.times()[f"beds:{state}"] for state in STATES), ask.long) if ask.known else None)]


def _by_state(ask: Ask) -> Parts:
    times = ask.times()
    parts: Parts = [({}, mean(every(times), ask.long) if ask.known else None)]
    for state in STATES:
        if state not in ("held", "unknown"):
            parts.append(({"state": state}, mean(times[state], ask.long) if ask.known else None))
    return parts


def _occupancy(ask: Ask) -> Parts:
    times = ask.times()
    return [({}, share(times["occupied"], every(times) - times["closed"]) if ask.known else None)]


def _occupancy_of_capacity(ask: Ask) -> Parts:
    times = ask.times()
    return [({}, share(times["occupied"], every(times)) if ask.known else None)]


def _occupancy_of_beds(ask: Ask) -> Parts:
    times = ask.times()
    beds = sum(times[f"beds:{state}"] for state in STATES if state != "closed")
    return [({}, share(times["persons"], beds) if ask.known else None)]


def _at_four(ask: Ask) -> Parts:
    found: Counter[str] = Counter()
    for night in ask.nights():
        found += Ask(ask.country, ask.where, night, night + 1).times()
    return [({}, share(found["occupied"], every(found) - found["closed"]))]


def _with_held(ask: Ask) -> Parts:
    times, held = ask.times(), 0
    spans: dict[tuple[str, str], list[Span]] = {}
    for shelter, unit, span in ask.country.inside(ask.where):
        if span[2][2] in ("free", "paused"):
            spans.setdefault((shelter, unit), []).append(span)
    for hold in ask.country.holds:
        for span in spans.get((hold.shelter, hold.unit or ""), []):
            held += overlap(span, max(ask.start, hold.start * MS), min(ask.end, hold.end * MS))
    return [({}, share(times["occupied"] + held, every(times) - times["closed"]))]


def _full(ask: Ask, *, fitting: bool = False) -> tuple[int, int]:
    """Return how long there were units and none was free, edge by edge."""
    edges: Counter[int] = Counter()
    free: Counter[int] = Counter()
    for _, _, span in ask.country.inside(ask.where):
        start, end = max(span[0], ask.start), min(span[1], ask.end)
        if start < end:
            edges[start] += 1
            edges[end] -= 1
            if span[2][2] == "free" and (not fitting or fits(span[2][0], span[2][1], ask.household)):
                free[start] += 1
                free[end] -= 1
    there = none = units = open_ = 0
    instants = sorted(edges)
    for instant, following in zip(instants, [*instants[1:], 0], strict=True):
        units += edges[instant]
        open_ += free[instant]
        there += following - instant if units else 0
        none += following - instant if units and not open_ else 0
    return there, none


def fits(registered: dict[str, Any], declared: dict[str, Any], asks: dict[str, Any]) -> bool:
    """Return whether a unit takes a household (contract R10) in a shelter that is for it (section 3)."""
    need, strict = asks["need"], ("open", "secure", "high_secure")
    son, oldest = need["oldest_son_age"], registered["max_son_age"]
    return (
        declared["max_adults"] >= asks["adults"]
        and declared["max_children"] >= asks["children"]
        and (not need["kinds"] or declared["kind"] in need["kinds"])
        and set(need["features"]) <= set(declared["features"])
        and registered["region"] not in asks.get("exclude_regions", ())
        and (not need["men"] or "men" in registered["audience"])
        and (asks["adults"] <= need["men"] or "women" in registered["audience"])
        and (son is None or oldest is None or son <= oldest)
        and strict.index(registered["security"]) >= strict.index(need["security"])
        and set(need["services"]) <= set(registered["services"])
        and set(need["languages"]) <= set(registered["languages"])
    )


def _minutes(*, fitting: bool) -> Callable[[Ask], Parts]:
    def figure(ask: Ask) -> Parts:
        there, none = _full(ask, fitting=fitting)
        return [({}, float(Fraction(none, MINUTE)) if there else None)]

    return figure


def _share_of_time(*, fitting: bool) -> Callable[[Ask], Parts]:
    def figure(ask: Ask) -> Parts:
        there, none = _full(ask, fitting=fitting)
        return [({}, share(none, there))]

    return figure


def _shelters(ask: Ask) -> Parts:
    long, count = ask.registered()
    return [({}, mean(long, ask.long) if count else None)]


def _istanbul(number: Callable[[int, int, int], Value]) -> Callable[[Ask], Parts]:
    def figure(ask: Ask) -> Parts:
        where = Where(ask.where.regions, ("emergency", "crisis", "follow_up"))
        times = Ask(ask.country, where, ask.start, ask.end).times()
        people = sum(REGIONS[region].inhabitants for region in ask.where.regions)
        return [({}, number(every(times), ask.long, people) if ask.known else None)]

    return figure


def _norm(ask: Ask) -> Parts:
    people = sum(REGIONS[region].inhabitants for region in ask.where.regions)
    return [({}, float(Fraction(people, 10_000)) if ask.beds_known else None)]


PLACES: Final[dict[str, Callable[[Ask], Parts]]] = {
    "capacity": _capacity,
    "beds": _beds,
    "overflow": lambda ask: _capacity(ask, overflow=True),
    "units-by-state": _by_state,
    "shelters": _shelters,
    "occupancy": _occupancy,
    "occupancy-of-capacity": _occupancy_of_capacity,
    "occupancy-at-four": _at_four,
    "occupancy-with-held": _with_held,
    "occupancy-of-beds": _occupancy_of_beds,
    "minutes-full": _minutes(fitting=False),
    "share-full": _share_of_time(fitting=False),
    "minutes-none-fitting": _minutes(fitting=True),
    "share-none-fitting": _share_of_time(fitting=True),
    "istanbul-places": _istanbul(lambda places, long, _: mean(places, long)),
    "istanbul-norm": _norm,
    "istanbul-share": _istanbul(lambda places, long, people: share(places * 10_000, long * people)),
    "inhabitants-per-place": _istanbul(lambda places, long, people: share(people * long, places)),
}
