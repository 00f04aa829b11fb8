"""Every figure over again, from its definition: sums over all spans, sweeps over all edges, fractions of whole numbers.

A figure is a list of its parts, the whole first: what part it is, and its value; None is unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from tests.monitor.naive.country import MS, REGIONS, Case, Country, Where, nights, overlap
from tests.monitor.naive.past import FOREVER, Stay

if TYPE_CHECKING:
    from tests.monitor.naive.holds import Hold

Value = int | float | None
Parts = list[tuple[dict[str, str], Value]]
DAY: Final = 86_400 * 10**9
MINUTE: Final = 60 * 10**9
STATES: Final = ("occupied", "closed", "held", "paused", "unknown", "free")
DESTINATIONS: Final = ("home", "own_home", "family", "other_shelter", "assisted_living", "abroad", "unknown")
OUTCOMES: Final = ("held", "fallback", "waiting_list", "elsewhere", "withdrawn", "unknown")
REASONS: Final = ("nothing_free", "nothing_fitting", "unsafe_region", "no_answer", "at_night", "other")
STATUSES: Final = ("refused", "granted", "expired", "declined", "released", "fulfilled", "overtaken")
EVIDENCE: Final = ("fitting_free", "freed_within_2h", "excluded_for_safety", "unfitting_free", "nothing_free", "no_evidence")


@dataclass(frozen=True)
class Ask:
    """One row: a country, a scope, from when to when (ns; an instant is one long)."""

    country: Country
    where: Where
    start: int
    end: int
    household: Any = None

    @property
    def long(self) -> int:
        """How long."""
        return self.end - self.start

    @property
    def known(self) -> bool:
        """Whether a shelter of these regions was registered in that time."""
        return self.registered()[1] > 0

    def registered(self) -> tuple[int, int]:
        """Sum up how long shelters were registered, and count them."""
        spans = [
            (each.name, overlap(span, self.start, self.end))
            for each in self.country.shelters
            for span in each.registered
            if span[2]["region"] in self.where.regions
        ]
        return sum(long for _, long in spans), len({name for name, long in spans if long})

    @property
    def demand_known(self) -> bool:
        """Whether anything of demand was recorded before the end of that time."""
        first = min((record.timestamp for record in self.country.demand), default=None)
        return first is not None and first * MS < self.end and self.long > 0

    @property
    def beds_known(self) -> bool:
        """The same of shelters."""
        first = min((record.timestamp for record in self.country.beds), default=None)
        return first is not None and first * MS < self.end and self.long > 0

    def times(self, *, overflow: bool = False) -> Counter[str]:
        """Sum up how long units were in each state, and `beds` and `persons` of each."""
        found: Counter[str] = Counter()
        for _, _, span in self.country.inside(self.where, overflow=overflow):
            long, (_, declared, state, persons) = overlap(span, self.start, self.end), span[2]
            found[state] += long
            found[f"beds:{state}"] += long * declared["beds"]
            found["persons"] += long * persons
        return found

    def nights(self) -> list[int]:
        """List the nights of that time."""
        return nights(self.start, self.end)


def _mean(total: int, long: int) -> Value:
    return None if long <= 0 else total if long == 1 else float(Fraction(total, long))


def _share(part: int, whole: int) -> Value:
    return float(Fraction(part, whole)) if whole else None


def _all(times: Counter[str], *states: str) -> int:
    return sum(times[state] for state in states or STATES)


def _rank(values: list[int], share: Fraction, unit: int) -> Value:
    """Return the smallest value that so large a share of all do not exceed."""
    return float(Fraction(sorted(values)[ceil(share * len(values)) - 1], unit)) if values else None


def _capacity(ask: Ask, *, overflow: bool = False) -> Parts:
    return [({}, _mean(_all(ask.times(overflow=overflow)), ask.long) if ask.known else None)]


def _beds(ask: Ask) -> Parts:
    return [({}, _mean(sum(ask.times()[f"beds:{state}"] for state in STATES), ask.long) if ask.known else None)]


def _by_state(ask: Ask) -> Parts:
    times = ask.times()
    parts: Parts = [({}, _mean(_all(times), ask.long) if ask.known else None)]
    for state in STATES:
        if state not in ("held", "unknown"):
            parts.append(({"state": state}, _mean(times[state], ask.long) if ask.known else None))
    return parts


def _occupancy(ask: Ask) -> Parts:
    times = ask.times()
    return [({}, _share(times["occupied"], _all(times) - times["closed"]) if ask.known else None)]


def _occupancy_of_capacity(ask: Ask) -> Parts:
    times = ask.times()
    return [({}, _share(times["occupied"], _all(times)) if ask.known else None)]


def _occupancy_of_beds(ask: Ask) -> Parts:
    times = ask.times()
    beds = sum(times[f"beds:{state}"] for state in STATES if state != "closed")
    return [({}, _share(times["persons"], beds) if ask.known else None)]


def _at_four(ask: Ask) -> Parts:
    found: Counter[str] = Counter()
    for night in ask.nights():
        found += Ask(ask.country, ask.where, night, night + 1).times()
    return [({}, _share(found["occupied"], _all(found) - found["closed"]))]


def _with_held(ask: Ask) -> Parts:
    times, held = ask.times(), 0
    spans = ask.country.inside(ask.where)
    for hold in ask.country.holds:
        for shelter, unit, span in spans:
            if (shelter, unit) == (hold.shelter, hold.unit) and span[2][2] in ("free", "paused"):
                held += overlap(span, max(ask.start, hold.start * MS), min(ask.end, hold.end * MS))
    return [({}, _share(times["occupied"] + held, _all(times) - times["closed"]))]


def _full(ask: Ask, *, fitting: bool = False) -> tuple[int, int]:
    """Tell how long there were units and none was free, edge by edge."""
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
    """Say whether a unit takes a household (contract R10) in a shelter that is for it (section 3)."""
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
        return [({}, _share(none, there))]

    return figure


def _shelters(ask: Ask) -> Parts:
    long, count = ask.registered()
    return [({}, _mean(long, ask.long) if count else None)]


def _istanbul(number: Callable[[int, int, int], Value]) -> Callable[[Ask], Parts]:
    def figure(ask: Ask) -> Parts:
        where = Where(ask.where.regions, ("emergency", "crisis", "follow_up"))
        times = Ask(ask.country, where, ask.start, ask.end).times()
        people = sum(REGIONS[region].inhabitants for region in ask.where.regions)
        return [({}, number(_all(times), ask.long, people) if ask.known else None)]

    return figure


def _ended(ask: Ask) -> list[Stay]:
    return [stay for stay in _stays(ask) if ask.start <= stay.end < ask.end]


def _stays(ask: Ask) -> list[Stay]:
    """List the stays of a scope: by what their unit was when they ended, or is now."""
    found = []
    for each in ask.country.shelters:
        for stay in each.stays:
            region, kind = ask.country.place_of(each.name, stay.unit, stay.end)
            inside = region in ask.where.regions and kind in ask.where.kinds
            if inside or (ask.where.everywhere and not (region and kind)):
                found.append(stay)
    return found


def _stays_ended(ask: Ask) -> Parts:
    ended = _ended(ask)
    by = Counter(stay.destination for stay in ended)
    parts: Parts = [({}, len(ended) if ask.known else None)]
    return [*parts, *(({"destination": where}, by[where] if ask.known else None) for where in DESTINATIONS)]


def _length(share: Fraction) -> Callable[[Ask], Parts]:
    return lambda ask: [({}, _rank([stay.end - stay.start for stay in _ended(ask)], share, DAY))]


def _mean_length(ask: Ask) -> Parts:
    longs = [stay.end - stay.start for stay in _ended(ask)]
    return [({}, float(Fraction(sum(longs), len(longs) * DAY)) if longs else None)]


def _curve(ask: Ask) -> list[Fraction]:
    """Work out which part is still there after each day, each day over again from all stays (Kaplan and Meier)."""
    days = []
    for stay in _stays(ask):
        if stay.start < ask.end and stay.end > ask.start:
            first, last = ceil(Fraction(max(stay.start, ask.start) - stay.start, DAY)), (min(stay.end, ask.end) - stay.start) // DAY
            if first <= last:
                days.append((first, last, stay.end < ask.end))
    curve = [Fraction(1)]
    for day in range(728):
        at_risk = sum(first <= day <= last for first, last, _ in days)
        gone = sum(last == day and ended for _, last, ended in days)
        curve.append(curve[-1] * (1 - Fraction(gone, at_risk)) if at_risk else curve[-1])
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
    return [({}, _rank([(hold.accepted - hold.start) * MS for hold in _asked(ask) if hold.accepted is not None], Fraction(1, 2), MINUTE))]


def _hotels(ask: Ask) -> list[tuple[Case, int, bool]]:
    """List the fallbacks in hotels with their nights, and whether nobody said within 14 days how they ended."""
    clock = (ask.country.clock or 0) * MS
    nights_then, found = ask.nights(), []
    for case in ask.country.cases("fallback-started", "fallback-ended"):
        count = sum(case.start <= night < case.end for night in nights_then)
        if count and case.data["accommodation"] in ("hotel", "holiday_park") and case.data["region"] in ask.where.regions:
            found.append((case, count, case.end == FOREVER and clock - case.start >= 14 * DAY))
    return found


def _sum(ask: Ask, numbers: list[int]) -> Value:
    return sum(numbers) if ask.demand_known else None


def _hotel_nights(ask: Ask) -> Parts:
    hotels = [(case, count) for case, count, flagged in _hotels(ask) if not flagged]
    parts: Parts = [({}, _sum(ask, [count for _, count in hotels]))]
    for member, values in (("reason", REASONS), ("accommodation", ("hotel", "holiday_park"))):
        parts += [({member: value}, _sum(ask, [count for case, count in hotels if case.data[member] == value])) for value in values]
    return parts


def _unended(ask: Ask) -> Parts:
    return [({}, _sum(ask, [count for _, count, flagged in _hotels(ask) if flagged]))]


def _persons(*, by_night: bool) -> Callable[[Ask], Parts]:
    def figure(ask: Ask) -> Parts:
        hotels = [(case.data, count if by_night else 1) for case, count, flagged in _hotels(ask) if not (by_night and flagged)]
        adults, children = [d["adults"] * times for d, times in hotels], [d["children"] * times for d, times in hotels]
        return [
            ({}, _sum(ask, adults + children)),
            ({"who": "adults"}, _sum(ask, adults)),
            ({"who": "children"}, _sum(ask, children)),
        ]

    return figure


def _households(ask: Ask) -> Parts:
    return [({}, _sum(ask, [1 for _ in _hotels(ask)]))]


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
    parts: Parts = [({}, _sum(ask, [count for _, count in hotels]))]
    return [*parts, *(({"evidence": name}, _sum(ask, [count for found, count in hotels if found == name])) for name in EVIDENCE)]


def _avoidable(ask: Ask) -> Parts:
    hotels = [
        (case.data["reason"], count)
        for case, count, flagged in _hotels(ask)
        if not flagged and _evidence(ask, case) in ("fitting_free", "freed_within_2h")
    ]
    parts: Parts = [({}, _sum(ask, [count for _, count in hotels]))]
    return [*parts, *(({"reason": reason}, _sum(ask, [count for found, count in hotels if found == reason])) for reason in REASONS)]


def _requests(ask: Ask) -> list[tuple[str, int | None]]:
    """List the requests: how each ended, and after how long in a hold. A later search is followed back to the first."""
    cases = {case.key: case for case in ask.country.cases("search-made", "search-ended")}
    chains: dict[str, list[Case]] = {}
    for case in cases.values():
        first, steps = case, 0
        while first.data.get("again_of") in cases and steps <= len(cases):
            first, steps = cases[first.data["again_of"]], steps + 1
        if first.data.get("again_of") not in cases:
            chains.setdefault(first.key, []).append(case)
    found = []
    for key, chain in chains.items():
        first = cases[key]
        if ask.start <= first.start < ask.end and first.data["region"] in ask.where.regions:
            held = min((case.end for case in chain if case.outcome == "held"), default=None)
            last = max(chain, key=lambda case: (case.start, case.key)).outcome or "open"
            waits = any(case.outcome == "waiting_list" for case in chain)
            outcome = "held" if held is not None else "waiting_list" if waits else last
            found.append((outcome, None if held is None else held - first.start))
    return found


def _outcomes(names: tuple[str, ...]) -> Callable[[Ask], Parts]:
    def figure(ask: Ask) -> Parts:
        by = Counter(outcome for outcome, _ in _requests(ask) if outcome in names)
        parts: Parts = [({}, _sum(ask, [*by.values()]))]
        return [*parts, *(({"outcome": name}, _sum(ask, [by[name]])) for name in names)]

    return figure


_UNMET: Final = ("fallback", "elsewhere", "withdrawn", "unknown")


def _unmet_share(ask: Ask) -> Parts:
    over = [outcome for outcome, _ in _requests(ask) if outcome != "open"]
    return [({}, _share(sum(outcome in _UNMET for outcome in over), len(over)))]


def _within_a_day(ask: Ask) -> Parts:
    every = _requests(ask)
    return [({}, _share(sum(after is not None and after < DAY for _, after in every), len(every)))]


def _time_to_place(share: Fraction) -> Callable[[Ask], Parts]:
    return lambda ask: [({}, _rank([after for _, after in _requests(ask) if after is not None], share, MINUTE))]


def _entries(ask: Ask) -> list[Case]:
    cases = ask.country.cases("waiting-list-joined", "waiting-list-left")
    return [case for case in cases if case.data["region"] in ask.where.regions and case.data["kind"] in ask.where.kinds]


def _waiting(ask: Ask) -> Parts:
    long = sum(overlap((case.start, case.end, None), ask.start, ask.end) for case in _entries(ask))
    return [({}, _mean(long, ask.long) if ask.demand_known else None)]


def _waiting_time(share: Fraction) -> Callable[[Ask], Parts]:
    def figure(ask: Ask) -> Parts:
        took = [case.end - case.start for case in _entries(ask) if case.outcome == "placed" and ask.start <= case.end < ask.end]
        return [({}, _rank(took, share, DAY))]

    return figure


def _regions_waiting(ask: Ask) -> Parts:
    long = 0
    for region in ask.where.regions:
        until = ask.start
        for case in sorted((case for case in _entries(ask) if case.data["region"] == region), key=lambda case: case.start):
            start, end = max(case.start, until), min(case.end, ask.end)
            long += max(0, end - start)
            until = max(until, end)
    return [({}, _share(long, ask.long * len(ask.where.regions)) if ask.demand_known else None)]


HALF, NINE_IN_TEN = Fraction(1, 2), Fraction(9, 10)
FIGURES: Final[dict[str, Callable[[Ask], Parts]]] = {
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
    "istanbul-places": _istanbul(lambda places, long, _: _mean(places, long)),
    "istanbul-norm": _istanbul(lambda _, __, people: float(Fraction(people, 10_000))),
    "istanbul-share": _istanbul(lambda places, long, people: _share(places * 10_000, long * people)),
    "inhabitants-per-place": _istanbul(lambda places, long, people: _share(people * long, places)),
    "stays-ended": _stays_ended,
    "stay-median": _length(HALF),
    "stay-p90": _length(NINE_IN_TEN),
    "stay-mean": _mean_length,
    "stay-survival": _survival,
    "stay-survival-median": _survival_median,
    "holds": _holds,
    "hold-answer-median": _answered,
    "hotel-nights": _hotel_nights,
    "hotel-nights-unended": _unended,
    "hotel-person-nights": _persons(by_night=True),
    "hotel-households": _households,
    "hotel-persons": _persons(by_night=False),
    "hotel-nights-by-evidence": _by_evidence,
    "hotel-nights-avoidable": _avoidable,
    "searches": _outcomes((*OUTCOMES, "open")),
    "unmet-need": _outcomes(_UNMET),
    "unmet-share": _unmet_share,
    "placed-within-a-day": _within_a_day,
    "time-to-place-median": _time_to_place(HALF),
    "time-to-place-p90": _time_to_place(NINE_IN_TEN),
    "waiting": _waiting,
    "waiting-time-median": _waiting_time(HALF),
    "waiting-time-p90": _waiting_time(NINE_IN_TEN),
    "regions-waiting": _regions_waiting,
}
