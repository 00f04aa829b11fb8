"""The figures of places: how many there are, and how many are taken, by each way of counting."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, get_args

from services.domain.beds.shelter_snapshot import State
from services.monitor.figures.arithmetic import Calculator, FigureValue, mean, share
from services.monitor.figures.definitions import check_calculators
from services.monitor.figures.query_context import QueryContext
from services.monitor.figures.result import Value, Weight
from services.monitor.figures.unit_durations import (
    UnitDuration,
    heard_shelters,
    held_times,
    in_service,
    occupied,
    registered_times,
    state_times,
    states_at_four,
    total,
    weights,
)

_STATES: Final[tuple[State, ...]] = get_args(State)

Formula = Callable[[Mapping[str, UnitDuration], int], Value]
"""Computes a number from the times of a cell, by state, and the length (ns) of the time asked about."""


def _figure(formula: Formula, *, overflow: bool = False) -> Calculator:
    """Make a calculator of a formula over times."""

    def calculate(context: QueryContext) -> Iterator[FigureValue]:
        times, weight, known = state_times(context, overflow=overflow), weights(context, overflow=overflow), registered_times(context)
        for key in context.wanted:
            yield FigureValue(key, formula(times[key], context.length(key)) if key in known else None, weight[key])

    return calculate


def _by_state(context: QueryContext) -> Iterator[FigureValue]:
    """Count the units in each state; held and unknown only in the live view."""
    times, weight, known = state_times(context), weights(context), registered_times(context)
    states = [state for state in _STATES if context.live or state not in ("held", "unknown")]
    for key in context.wanted:
        length, is_known = context.length(key), key in known
        yield FigureValue(key, mean(total(times[key]), length) if is_known else None, weight[key])
        for state in states:
            units = times[key].get(state, UnitDuration()).units
            yield FigureValue(key, mean(units, length) if is_known else None, None, {"state": state})


def _shelters(context: QueryContext) -> Iterator[FigureValue]:
    """Count the registered shelters."""
    times, heard_of = registered_times(context), heard_shelters(context)
    for key in context.wanted:
        time, count = times.get(key, (0, 0))
        heard, organisations = heard_of.get(key, (0, 0))
        weight = Weight(n=count, shelters=count, largest=min(count, 1), heard=heard, organisations=organisations)
        yield FigureValue(key, mean(time, context.length(key)) if count else None, weight)


def _occupancy_at_four(context: QueryContext) -> Iterator[FigureValue]:
    """Divide the places occupied at each 04:00 by those that were there and not closed."""
    counts, weight = states_at_four(context), weights(context)
    for key in context.wanted:
        yield FigureValue(key, _occupancy(counts[key], 1), weight[key])


def _occupancy_with_held(context: QueryContext) -> Iterator[FigureValue]:
    """Count the places that were held as occupied."""
    times, held, weight = state_times(context), held_times(context), weights(context)
    for key in context.wanted:
        yield FigureValue(key, share(occupied(times[key]) + held.get(key, 0), in_service(times[key])), weight[key])


def _occupancy(states: Mapping[str, UnitDuration], _: int) -> Value:
    return share(occupied(states), in_service(states))


def _occupancy_of_beds(states: Mapping[str, UnitDuration], _: int) -> Value:
    beds = sum(time.beds for state, time in states.items() if state != "closed")
    return share(sum(time.persons for time in states.values()), beds)


def _capacity(states: Mapping[str, UnitDuration], length: int) -> Value:
    return mean(total(states), length)


PLACES: Final[dict[str, Calculator]] = check_calculators(
    __name__,
    {
        "capacity": _figure(_capacity),
        "beds": _figure(lambda states, length: mean(sum(time.beds for time in states.values()), length)),
        "overflow": _figure(_capacity, overflow=True),
        "units-by-state": _by_state,
        "shelters": _shelters,
        "occupancy": _figure(_occupancy),
        "occupancy-of-capacity": _figure(lambda states, _: share(occupied(states), total(states))),
        "occupancy-at-four": _occupancy_at_four,
        "occupancy-with-held": _occupancy_with_held,
        "occupancy-of-beds": _figure(_occupancy_of_beds),
    },
)
