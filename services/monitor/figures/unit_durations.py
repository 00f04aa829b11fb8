"""How long the units asked about were in each state, and how many there were by shelter: what every figure of places is made of."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final, NamedTuple

from services.domain.durations import DAY_NS, NS_PER_MS
from services.monitor.figures.query_context import Key, QueryContext
from services.monitor.figures.result import Weight
from services.monitor.sql_files import statements

# Design, section 5: of a shelter that is silent for longer it is not known that it still is one
_HEARD_WITHIN: Final = 30 * DAY_NS
_NO_UNITS: Final = Weight(n=0, shelters=0, largest=0)
_SQL: Final = statements(__name__)


class UnitDuration(NamedTuple):
    """The time (ns) of units in one state; the same times their beds, and times the persons in them."""

    units: int = 0
    beds: int = 0
    persons: int = 0


Times = defaultdict[Key, dict[str, UnitDuration]]
"""By cell and time, then by state."""


def state_times(context: QueryContext, *, overflow: bool = False) -> Times:
    """Return how long units were in each state: those of overflow, or the others."""
    times: Times = defaultdict(dict)
    for cell, idx, state, *sums in context.rows(_SQL["state_times"], overflow=overflow):
        times[cell, idx][state] = UnitDuration(*map(int, sums))
    return times


def states_at_four(context: QueryContext) -> Times:
    """Return how many units were in each state, added up over the 04:00 of every night of the time."""
    counts: Times = defaultdict(dict)
    for cell, idx, state, *sums in context.rows(_SQL["states_at_four"]):
        counts[cell, idx][state] = UnitDuration(*map(int, sums))
    return counts


def held_times(context: QueryContext) -> dict[Key, int]:
    """Return how long (ns) units were held, by the clock of the log, while neither occupied nor closed."""
    if context.live:
        return {key: states.get("held", UnitDuration()).units for key, states in state_times(context).items()}
    return {(cell, idx): int(time) for cell, idx, time in context.rows(_SQL["held_times"], ns_per_ms=NS_PER_MS)}


def weights(context: QueryContext, *, overflow: bool = False) -> defaultdict[Key, Weight]:
    """Count the units that there were, by shelter: those of overflow, or the others."""
    counts = context.by_cell(_SQL["units_by_shelter"], overflow=overflow)
    by_key = {key: Weight(n=int(n), shelters=shelters, largest=largest) for key, (n, shelters, largest) in counts.items()}
    return defaultdict(lambda: _NO_UNITS, by_key)


def registered_times(context: QueryContext) -> dict[Key, tuple[int, int]]:
    """Return how long (ns) shelters were registered, and how many were; the kinds of their units play no part."""
    return {key: (int(time), count) for key, (time, count) in context.by_cell(_SQL["registered_times"]).items()}


def heard_shelters(context: QueryContext) -> dict[Key, tuple[int, int]]:
    """Count the registered shelters that were heard of within 30 days before the end of each time, and their organisations."""
    return context.by_cell(_SQL["heard_shelters"], ns_per_ms=NS_PER_MS, within=_HEARD_WITHIN)


def total(states: Mapping[str, UnitDuration]) -> int:
    """Return the time of all units."""
    return sum(time.units for time in states.values())


def occupied(states: Mapping[str, UnitDuration]) -> int:
    """Return the time of the occupied units."""
    return states.get("occupied", UnitDuration()).units


def in_service(states: Mapping[str, UnitDuration]) -> int:
    """Return the time of the units that were not closed."""
    return total(states) - states.get("closed", UnitDuration()).units
