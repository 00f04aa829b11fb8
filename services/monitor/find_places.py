"""The figures of places: how many there are, how many are taken, when none was free, and how far that is from the Istanbul norm."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from services.domain.picture import State
from services.monitor.answer import Value, Weight
from services.monitor.cells import NS_PER_MS
from services.monitor.fitting import fits
from services.monitor.found import NS_PER_MINUTE, Find, Found, mean, share
from services.monitor.question import UnanswerableError
from services.monitor.slice import TEXT, Key, Slice

STATES: Final[tuple[State, ...]] = State.__args__  # type: ignore[attr-defined]
_PER_PLACE: Final = 10_000
_NOT_FOR_THE_NORM: Final = "assisted"


class Time(NamedTuple):
    """Nanoseconds of units in one state, times their beds, and times the persons in them."""

    units: int = 0
    beds: int = 0
    persons: int = 0


Times = dict[Key, dict[str, Time]]

# How long a unit was so within the time asked about; whole numbers too large for 64 bits are summed as such
_LONG: Final = 'least("end", b) - greatest(start, a)'
_DURING: Final = 'start < b AND "end" > a'


def times(of: Slice, units: str = "units_then") -> Times:
    """Sum up how long units were in each state."""
    found: Times = defaultdict(dict)
    for cell, idx, state, *sums in of.rows(
        f"SELECT cell, idx, state, sum({_LONG}), sum(({_LONG})::HUGEINT * beds), sum(({_LONG})::HUGEINT * persons) "  # noqa: S608  ours
        f"FROM {units} JOIN cells USING (region, kind) JOIN wanted USING (cell) WHERE {_DURING} GROUP BY ALL"
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
            WHERE {_DURING} GROUP BY ALL)
        GROUP BY ALL
    """  # noqa: S608  names of ours
    return {key: Weight(n=int(n), shelters=shelters, largest=largest) for key, (n, shelters, largest) in of.by_cell(sql).items()}


def registered(of: Slice) -> dict[Key, tuple[int, int]]:
    """Sum up how long shelters were registered (ns), and count them. No kind of unit plays a part."""
    sql = f"""
        SELECT cell, idx, sum({_LONG}), count(DISTINCT shelter)
        FROM shelters_known JOIN areas USING (region) JOIN wanted USING (cell) WHERE {_DURING} GROUP BY ALL
    """  # noqa: S608  names of ours
    return {key: (int(long), count) for key, (long, count) in of.by_cell(sql).items()}


def full(of: Slice, free: str = "state = 'free'") -> dict[Key, tuple[int, int]]:
    """Tell how long (ns) there were units, and how long none of them was free."""
    sql = f"""
        WITH edges AS (
            SELECT cell, idx, greatest(start, a) AS t, 1 AS there, ({free})::INT AS free
            FROM units_then JOIN cells USING (region, kind) JOIN wanted USING (cell) WHERE {_DURING}
            UNION ALL
            SELECT cell, idx, least("end", b), -1, -(({free})::INT)
            FROM units_then JOIN cells USING (region, kind) JOIN wanted USING (cell) WHERE {_DURING}
        ), at_once AS (SELECT cell, idx, t, sum(there) AS there, sum(free) AS free FROM edges GROUP BY ALL),
        running AS (
            SELECT cell, idx, lead(t) OVER later - t AS long, sum(there) OVER later AS there, sum(free) OVER later AS free
            FROM at_once WINDOW later AS (PARTITION BY cell, idx ORDER BY t)
        )
        SELECT cell, idx, sum(long) FILTER (there > 0), coalesce(sum(long) FILTER (there > 0 AND free = 0), 0) FROM running GROUP BY ALL
    """  # noqa: S608  names of ours
    return {key: (int(there), int(none)) for key, (there, none) in of.by_cell(sql).items()}


Formula = Callable[[Mapping[str, Time], int], Value]
"""Makes a number of the times of a cell, by state, and of the length of the time asked about."""


def figure(formula: Formula, units: str = "units_then") -> Find:
    """Make a figure of a formula over times."""

    def find(of: Slice) -> Iterator[Found]:
        found, weight, known = times(of, units), weights(of, units), registered(of)
        for key in of.cells.wanted:
            value = formula(found.get(key, {}), of.length(key[1])) if key in known else None
            yield Found(key, value, weight.get(key, _NOTHING))

    return find


def by_state(of: Slice) -> Iterator[Found]:
    """Tell how many units were in each state; held and unknown only in the live view."""
    found, weight, known = times(of), weights(of), registered(of)
    for key in of.cells.wanted:
        states, length, there = found.get(key, {}), of.length(key[1]), key in known
        yield Found(key, mean(_units(states), length) if there else None, weight.get(key, _NOTHING))
        for state in STATES:
            if of.live or state not in ("held", "unknown"):
                yield Found(key, mean(states.get(state, Time()).units, length) if there else None, None, {"state": state})


def shelters(of: Slice) -> Iterator[Found]:
    """Count registered shelters."""
    found = registered(of)
    for key in of.cells.wanted:
        long, count = found.get(key, (0, 0))
        yield Found(key, mean(long, of.length(key[1])) if count else None, Weight(n=count, shelters=count, largest=min(count, 1)))


def occupancy_at_four(of: Slice) -> Iterator[Found]:
    """Divide the places occupied at each 04:00 by those that were there and not closed."""
    found, weight = at_four(of), weights(of)
    for key in of.cells.wanted:
        yield Found(key, occupancy(found.get(key, {}), 1), weight.get(key, _NOTHING))


def occupancy_with_held(of: Slice) -> Iterator[Found]:
    """Count places that were held as if they were occupied."""
    found, kept, weight = times(of), held(of), weights(of)
    for key in of.cells.wanted:
        states = found.get(key, {})
        taken = states.get("occupied", Time()).units + kept.get(key, 0)
        yield Found(key, share(taken, _open(states)), weight.get(key, _NOTHING))


def time_full(of: Slice) -> Iterator[Found]:
    """Tell how many minutes none was free."""
    return _minutes(of, full(of))


def share_full(of: Slice) -> Iterator[Found]:
    """Tell which part of the time none was free."""
    return _share(of, full(of))


def time_none_fitting(of: Slice) -> Iterator[Found]:
    """Tell how many minutes none was free that takes the household."""
    return _minutes(of, full(of, _fitting(of)))


def share_none_fitting(of: Slice) -> Iterator[Found]:
    """Tell which part of the time none was free that takes the household."""
    return _share(of, full(of, _fitting(of)))


def occupancy(states: Mapping[str, Time], _: int) -> Value:
    """Divide occupied by there and not closed."""
    return share(states.get("occupied", Time()).units, _open(states))


def occupancy_of_capacity(states: Mapping[str, Time], _: int) -> Value:
    """Divide occupied by all that is there."""
    return share(states.get("occupied", Time()).units, _units(states))


def occupancy_of_beds(states: Mapping[str, Time], _: int) -> Value:
    """Divide persons by beds that are not closed."""
    beds = sum(time.beds for state, time in states.items() if state != "closed")
    return share(sum(time.persons for time in states.values()), beds)


def capacity(states: Mapping[str, Time], length: int) -> Value:
    """Count the units."""
    return mean(_units(states), length)


def beds(states: Mapping[str, Time], length: int) -> Value:
    """Count their beds."""
    return mean(sum(time.beds for time in states.values()), length)


def for_the_norm(of: Slice) -> dict[Key, int]:
    """Sum up how long there were units that the Istanbul norm counts."""
    sql = f"""
        SELECT cell, idx, sum({_LONG}) FROM units_then JOIN areas USING (region) JOIN wanted USING (cell)
        WHERE {_DURING} AND kind <> '{_NOT_FOR_THE_NORM}' GROUP BY ALL
    """  # noqa: S608  names of ours
    found = {key: int(long) for key, (long,) in of.by_cell(sql).items()}
    return {key: found.get(key, 0) for key in registered(of)}


def norm(per: Callable[[int, int, int], Value]) -> Find:
    """Make a figure of the norm: of the time of its places (ns), the length of the time and the inhabitants."""

    def find(of: Slice) -> Iterator[Found]:
        places, weight = for_the_norm(of), weights(of)
        for key in of.cells.wanted:
            people = sum(of.store.regions[region].inhabitants for region in of.cells.regions[key[0]])
            yield Found(key, per(places[key], of.length(key[1]), people) if key in places else None, weight.get(key, _NOTHING))

    return find


def asked_for(people: int) -> Value:
    """Tell how many places the norm asks for; whole where it comes out even."""
    return people / _PER_PLACE


_NOTHING: Final = Weight(n=0, shelters=0, largest=0)


def _units(states: Mapping[str, Time]) -> int:
    return sum(time.units for time in states.values())


def _open(states: Mapping[str, Time]) -> int:
    return sum(time.units for state, time in states.items() if state != "closed")


def _minutes(of: Slice, found: dict[Key, tuple[int, int]]) -> Iterator[Found]:
    weight = weights(of)
    for key in of.cells.wanted:
        there, none = found.get(key, (0, 0))
        yield Found(key, none / NS_PER_MINUTE if there else None, weight.get(key, _NOTHING))


def _share(of: Slice, found: dict[Key, tuple[int, int]]) -> Iterator[Found]:
    weight = weights(of)
    for key in of.cells.wanted:
        there, none = found.get(key, (0, 0))
        yield Found(key, share(none, there), weight.get(key, _NOTHING))


def _fitting(of: Slice) -> str:
    """Put the offers that take the household in a table, and say how a unit that is free and fits is told."""
    household = of.question.household
    if household is None:
        raise UnanswerableError("this figure needs a household")
    offers = [offer for (offer,) in of.rows("SELECT DISTINCT offer FROM units_then WHERE state = 'free'")]
    of.put("fitting", {"offer": TEXT}, ((offer,) for offer in fits(offers, household)))
    return "state = 'free' AND offer IN (SELECT offer FROM fitting)"


PLACES: Final[dict[str, Find]] = {
    "capacity": figure(capacity),
    "beds": figure(beds),
    "overflow": figure(capacity, "overflow_then"),
    "units-by-state": by_state,
    "shelters": shelters,
    "occupancy": figure(occupancy),
    "occupancy-of-capacity": figure(occupancy_of_capacity),
    "occupancy-at-four": occupancy_at_four,
    "occupancy-with-held": occupancy_with_held,
    "occupancy-of-beds": figure(occupancy_of_beds),
    "minutes-full": time_full,
    "share-full": share_full,
    "minutes-none-fitting": time_none_fitting,
    "share-none-fitting": share_none_fitting,
    "istanbul-places": norm(lambda places, length, _: mean(places, length)),
    "istanbul-norm": norm(lambda _, __, people: asked_for(people)),
    "istanbul-share": norm(lambda places, length, people: share(places * _PER_PLACE, length * people)),
    "inhabitants-per-place": norm(lambda places, length, people: share(people * length, places)),
}
