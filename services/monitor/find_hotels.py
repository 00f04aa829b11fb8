"""The figures of hotel nights, and of those that need not have been: with the evidence that was logged when it was decided.

A night is an instant 04:00 Europe/Amsterdam inside a fallback in a hotel or holiday park.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from services.adapters.instants import NS_PER_MS
from services.domain.values import FALLBACK_REASONS
from services.monitor.answer import Weight
from services.monitor.columns import NEVER
from services.monitor.fitting import fits, read_need
from services.monitor.found import NS_PER_DAY, Find, Found
from services.monitor.question import Household
from services.monitor.slice import Key, Slice

_PUT_UP: Final = "('hotel', 'holiday_park')"
ACCOMMODATIONS: Final = ("hotel", "holiday_park")
# Design, section 7: one not ended by then was perhaps never logged as ended
_FLAGGED_AFTER: Final = 14 * NS_PER_DAY
# Design, section 7: a place that becomes free so soon could have been waited for
_WAIT: Final = 2 * 3_600_000_000_000
EVIDENCE: Final = ("fitting_free", "freed_within_2h", "excluded_for_safety", "unfitting_free", "nothing_free", "no_evidence")
_AVOIDABLE: Final = EVIDENCE[:2]


class Stayed(NamedTuple):
    """A fallback with nights in the time asked about; `flagged`: no end is known, and it began 14 days ago or earlier."""

    fallback: str
    nights: int
    adults: int
    children: int
    reason: str
    accommodation: str
    flagged: bool


def stayed(of: Slice) -> dict[Key, list[Stayed]]:
    """List the fallbacks with a night in the time."""
    clock = (of.clock or 0) * NS_PER_MS
    found: defaultdict[Key, list[Stayed]] = defaultdict(list)
    for cell, idx, *row in of.rows(
        f"""
        SELECT cell, idx, fallback, count(*), adults, children, reason, accommodation, "end" = {NEVER} AND start <= {clock - _FLAGGED_AFTER}
        FROM fallbacks_known JOIN areas USING (region) JOIN wanted USING (cell) JOIN nights USING (idx)
        WHERE accommodation IN {_PUT_UP} AND start <= t AND "end" > t GROUP BY ALL ORDER BY fallback
        """  # noqa: S608  numbers of ours
    ):
        found[cell, idx].append(Stayed(*row))
    return found


Part = tuple[dict[str, str], Callable[[Stayed], bool]]
"""What a part is called, and which fallbacks belong to it."""


def _nights(parts: Iterable[Part], number: Callable[[Stayed], int] = lambda stayed: stayed.nights) -> Find:
    """Make a figure that sums up something of the fallbacks that are not flagged."""
    listed = tuple(parts)

    def find(of: Slice) -> Iterator[Found]:
        found = stayed(of)
        for key in of.cells.wanted:
            known = of.began("demand", key[1])
            counted = [each for each in found.get(key, []) if not each.flagged]
            yield _sum(key, counted, number, {}, known=known)
            for name, belongs in listed:
                yield _sum(key, [each for each in counted if belongs(each)], number, name, known=known)

    return find


def _sum(key: Key, counted: list[Stayed], number: Callable[[Stayed], int], name: dict[str, str], *, known: bool) -> Found:
    return Found(key, sum(map(number, counted)) if known else None, Weight(n=len(counted)), name)


def unended(of: Slice) -> Iterator[Found]:
    """Count the nights of fallbacks that are flagged."""
    found = stayed(of)
    for key in of.cells.wanted:
        flagged = [each for each in found.get(key, []) if each.flagged]
        yield _sum(key, flagged, lambda each: each.nights, {}, known=of.began("demand", key[1]))


def _persons(number: Callable[[Stayed], int], *, flagged: bool) -> Find:
    """Make a figure of persons, adults and children apart; `number` says how often each counts."""

    def find(of: Slice) -> Iterator[Found]:
        found = stayed(of)
        for key in of.cells.wanted:
            known = of.began("demand", key[1])
            counted = [each for each in found.get(key, []) if flagged or not each.flagged]
            yield _sum(key, counted, lambda each: number(each) * (each.adults + each.children), {}, known=known)
            yield _sum(key, counted, lambda each: number(each) * each.adults, {"who": "adults"}, known=known)
            yield _sum(key, counted, lambda each: number(each) * each.children, {"who": "children"}, known=known)

    return find


def households(of: Slice) -> Iterator[Found]:
    """Count the fallbacks with a night in the time, flagged or not."""
    found = stayed(of)
    for key in of.cells.wanted:
        every = found.get(key, [])
        yield Found(key, len(every) if of.began("demand", key[1]) else None, Weight(n=len(every)))


def evidence(of: Slice) -> dict[str, str]:
    """Say of each fallback what was free when it was decided: the first of EVIDENCE that fits."""
    freed, found = _freed(of), {}
    for fallback, complete, free, fitting, excluded in of.rows(
        f"SELECT fallback, complete, free, fitting, excluded FROM fallbacks_known WHERE accommodation IN {_PUT_UP}"  # noqa: S608  ours
    ):
        found[fallback] = _evidence(complete=complete, free=free, fitting=fitting, excluded=excluded, freed=fallback in freed)
    return found


def _evidence(*, complete: bool, free: int, fitting: int, excluded: int, freed: bool) -> str:
    if not complete:
        return "no_evidence"
    if fitting:
        return "fitting_free"
    if excluded:
        return "excluded_for_safety"
    if freed:
        return "freed_within_2h"
    return "unfitting_free" if free else "nothing_free"


def _freed(of: Slice) -> set[str]:
    """Find the fallbacks in the two hours after which a unit became free, by what was true then, that takes the household."""
    candidates = of.rows(
        f"""
        WITH decided AS (
            SELECT DISTINCT fallback, start, adults, children, need FROM fallbacks_known
            WHERE accommodation IN {_PUT_UP} AND complete AND fitting = 0 AND excluded = 0
        )
        SELECT DISTINCT fallback, adults, children, need, offer FROM decided f JOIN units_known u
        ON u.start > f.start AND u.start <= f.start + {_WAIT}
        WHERE u.state = 'free' AND NOT u.overflow AND u.region IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM units_known b WHERE b.shelter = u.shelter AND b.unit = u.unit AND b."end" = u.start AND b.state = 'free'
        )
        """  # noqa: S608  numbers of ours
    )
    return {
        fallback
        for fallback, adults, children, need, offer in candidates
        if fits([offer], Household(adults=adults, children=children, need=read_need(need)))
    }


def by_evidence(of: Slice) -> Iterator[Found]:
    """Count the nights by what was free."""
    found, seen = stayed(of), evidence(of)
    for key in of.cells.wanted:
        known = of.began("demand", key[1])
        counted = [each for each in found.get(key, []) if not each.flagged]
        yield _sum(key, counted, lambda each: each.nights, {}, known=known)
        for name in EVIDENCE:
            such = [each for each in counted if seen[each.fallback] == name]
            yield _sum(key, such, lambda each: each.nights, {"evidence": name}, known=known)


def avoidable(of: Slice) -> Iterator[Found]:
    """Count the nights that need not have been, by the reason that was given."""
    found, seen = stayed(of), evidence(of)
    for key in of.cells.wanted:
        known = of.began("demand", key[1])
        counted = [each for each in found.get(key, []) if not each.flagged and seen[each.fallback] in _AVOIDABLE]
        yield _sum(key, counted, lambda each: each.nights, {}, known=known)
        for reason in FALLBACK_REASONS:
            such = [each for each in counted if each.reason == reason]
            yield _sum(key, such, lambda each: each.nights, {"reason": reason}, known=known)


def _reason(name: str) -> Part:
    return {"reason": name}, lambda stayed: stayed.reason == name


def _accommodation(name: str) -> Part:
    return {"accommodation": name}, lambda stayed: stayed.accommodation == name


HOTELS: Final[dict[str, Find]] = {
    "hotel-nights": _nights([*map(_reason, FALLBACK_REASONS), *map(_accommodation, ACCOMMODATIONS)]),
    "hotel-nights-unended": unended,
    "hotel-person-nights": _persons(lambda each: each.nights, flagged=False),
    "hotel-households": households,
    "hotel-persons": _persons(lambda _: 1, flagged=True),
    "hotel-nights-by-evidence": by_evidence,
    "hotel-nights-avoidable": avoidable,
}
