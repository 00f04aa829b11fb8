"""How long the units asked about were in each state, and how many they were by shelter: what every figure of places is made of."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final, NamedTuple

from services.adapters.instants import NS_PER_MS
from services.monitor.answer import Weight
from services.monitor.slice import Key, Slice

NOTHING: Final = Weight(n=0, shelters=0, largest=0)
"""There were no units."""

# How long a unit was so within the time asked about; whole numbers too large for 64 bits are summed as such
LONG: Final = 'least("end", b) - greatest(start, a)'
DURING: Final = 'start < b AND "end" > a'


class Time(NamedTuple):
    """Nanoseconds of units in one state, times their beds, and times the persons in them."""

    units: int = 0
    beds: int = 0
    persons: int = 0


Times = dict[Key, dict[str, Time]]


def times(of: Slice, units: str = "units_then") -> Times:
    """Sum up how long units were in each state."""
    found: Times = defaultdict(dict)
    for cell, idx, state, *sums in of.rows(
        f"SELECT cell, idx, state, sum({LONG}), sum(({LONG})::HUGEINT * beds), sum(({LONG})::HUGEINT * persons) "  # noqa: S608  ours
        f"FROM {units} JOIN cells USING (region, kind) JOIN wanted USING (cell) WHERE {DURING} GROUP BY ALL"
    ):
        found[cell, idx][state] = Time(*map(int, sums))
    return found


def at_four(of: Slice) -> Times:
    """Count units in each state at each 04:00 of the time."""
    found: Times = defaultdict(dict)
    for cell, idx, state, *sums in of.rows(
        "SELECT cell, idx, state, count(*), sum(beds), sum(persons) FROM units_then JOIN cells USING (region, kind) "
        'JOIN wanted USING (cell) JOIN nights USING (idx) WHERE start <= t AND "end" > t GROUP BY ALL'
    ):
        found[cell, idx][state] = Time(*map(int, sums))
    return found


def held(of: Slice) -> dict[Key, int]:
    """Sum up how long units were held, by the clock of the log, while neither lived in nor closed."""
    if of.live:
        return {key: states.get("held", Time()).units for key, states in times(of).items()}
    sql = f"""
        SELECT cell, idx, sum(least(u."end", h."end" * {NS_PER_MS}, b) - greatest(u.start, h.start * {NS_PER_MS}, a))
        FROM units_then u JOIN cells USING (region, kind) JOIN wanted USING (cell)
        JOIN holds_known h ON h.shelter = u.shelter AND h.unit = u.unit
        WHERE u.state IN ('free', 'paused') AND u.start < b AND u."end" > a
        AND h.start * {NS_PER_MS} < least(u."end", b) AND h."end" * {NS_PER_MS} > greatest(u.start, a)
        GROUP BY ALL
    """  # noqa: S608  a number of ours
    return {(cell, idx): int(total) for cell, idx, total in of.rows(sql)}


def weights(of: Slice, units: str = "units_then") -> dict[Key, Weight]:
    """Count the units that there were, by shelter."""
    sql = f"""
        SELECT cell, idx, sum(n), count(*), max(n) FROM (
            SELECT cell, idx, shelter, count(DISTINCT unit) AS n FROM {units} JOIN cells USING (region, kind) JOIN wanted USING (cell)
            WHERE {DURING} GROUP BY ALL)
        GROUP BY ALL
    """  # noqa: S608  names of ours
    return {key: Weight(n=int(n), shelters=shelters, largest=largest) for key, (n, shelters, largest) in of.by_cell(sql).items()}


def registered(of: Slice) -> dict[Key, tuple[int, int]]:
    """Sum up how long shelters were registered (ns), and count them. No kind of unit plays a part."""
    sql = f"""
        SELECT cell, idx, sum({LONG}), count(DISTINCT shelter)
        FROM shelters_known JOIN areas USING (region) JOIN wanted USING (cell) WHERE {DURING} GROUP BY ALL
    """  # noqa: S608  names of ours
    return {key: (int(long), count) for key, (long, count) in of.by_cell(sql).items()}


def total(states: Mapping[str, Time]) -> int:
    """Sum up the time of all units."""
    return sum(time.units for time in states.values())


def in_service(states: Mapping[str, Time]) -> int:
    """Sum up the time of those that were not closed."""
    return sum(time.units for state, time in states.items() if state != "closed")
