"""The figures of requests and waiting lists, computed again: each chain from its first search, each list region by region."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from tests.monitor.naive.ask import DAY, HALF, MINUTE, NINE_IN_TEN, Ask, Parts, dutch_days, mean, rank, share, total
from tests.monitor.naive.country import REGIONS, Case, overlap

if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction

OUTCOMES: Final = ("held", "fallback", "waiting_list", "elsewhere", "withdrawn", "unknown")


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
        parts: Parts = [({}, total(ask, [*by.values()]))]
        return [*parts, *(({"outcome": name}, total(ask, [by[name]])) for name in names)]

    return figure


_UNMET: Final = ("fallback", "elsewhere", "withdrawn", "unknown")


def _unmet_share(ask: Ask) -> Parts:
    over = [outcome for outcome, _ in _requests(ask) if outcome != "open"]
    return [({}, share(sum(outcome in _UNMET for outcome in over), len(over)))]


def _within_a_day(ask: Ask) -> Parts:
    every = _requests(ask)
    return [({}, share(sum(after is not None and after < DAY for _, after in every), len(every)))]


def _time_to_place(share: Fraction) -> Callable[[Ask], Parts]:
    return lambda ask: [({}, rank([after for _, after in _requests(ask) if after is not None], share, MINUTE))]


def _entries(ask: Ask) -> list[Case]:
    cases = ask.country.cases("waiting-list-joined", "waiting-list-left")
    return [case for case in cases if case.data["region"] in ask.where.regions and case.data["kind"] in ask.where.kinds]


def _waiting(ask: Ask) -> Parts:
    long = sum(overlap((case.start, case.end, None), ask.start, ask.end) for case in _entries(ask))
    return [({}, mean(long, ask.long) if ask.demand_known else None)]


def _waiting_time(share: Fraction) -> Callable[[Ask], Parts]:
    def figure(ask: Ask) -> Parts:
        took = [dutch_days(case.start, case.end) for case in _entries(ask) if case.outcome == "placed" and ask.start <= case.end < ask.end]
        return [({}, rank(took, share, 1))]

    return figure


def _time_waiting(ask: Ask, region: str) -> int:
    """Sum up how long a region had an open entry."""
    until, long = ask.start, 0
    for case in sorted((case for case in _entries(ask) if case.data["region"] == region), key=lambda case: case.start):
        start, end = max(case.start, until), min(case.end, ask.end)
        long += max(0, end - start)
        until = max(until, end)
    return long


def _share_waiting(size: Callable[[str], int]) -> Callable[[Ask], Parts]:
    def figure(ask: Ask) -> Parts:
        waiting = sum(_time_waiting(ask, region) * size(region) for region in ask.where.regions)
        whole = ask.long * sum(map(size, ask.where.regions))
        return [({}, share(waiting, whole) if ask.demand_known else None)]

    return figure


DEMAND: Final[dict[str, Callable[[Ask], Parts]]] = {
    "searches": _outcomes((*OUTCOMES, "open")),
    "unmet-need": _outcomes(_UNMET),
    "unmet-share": _unmet_share,
    "placed-within-a-day": _within_a_day,
    "time-to-place-median": _time_to_place(HALF),
    "time-to-place-p90": _time_to_place(NINE_IN_TEN),
    "waiting": _waiting,
    "waiting-time-median": _waiting_time(HALF),
    "waiting-time-p90": _waiting_time(NINE_IN_TEN),
    "regions-waiting": _share_waiting(lambda _: 1),
    "municipalities-waiting": _share_waiting(lambda region: REGIONS[region].municipalities or 0),
    "inhabitants-waiting": _share_waiting(lambda region: REGIONS[region].inhabitants),
}
