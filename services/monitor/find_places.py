"""The figures of places: how many there are, and how many are taken, by each way of counting."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, get_args

from services.domain.picture import State
from services.monitor.answer import Value, Weight
from services.monitor.find_full import FULL
from services.monitor.find_norm import NORM
from services.monitor.found import Find, Found, mean, share
from services.monitor.slice import Slice
from services.monitor.unit_times import NOTHING, Time, at_four, held, in_service, registered, times, total, weights

STATES: Final[tuple[State, ...]] = get_args(State)

Formula = Callable[[Mapping[str, Time], int], Value]
"""Makes a number of the times of a cell, by state, and of the length of the time asked about."""


def figure(formula: Formula, units: str = "units_then") -> Find:
    """Make a figure of a formula over times."""

    def find(of: Slice) -> Iterator[Found]:
        found, weight, known = times(of, units), weights(of, units), registered(of)
        for key in of.cells.wanted:
            value = formula(found.get(key, {}), of.length(key[1])) if key in known else None
            yield Found(key, value, weight.get(key, NOTHING))

    return find


def by_state(of: Slice) -> Iterator[Found]:
    """Tell how many units were in each state; held and unknown only in the live view."""
    found, weight, known = times(of), weights(of), registered(of)
    for key in of.cells.wanted:
        states, length, there = found.get(key, {}), of.length(key[1]), key in known
        yield Found(key, mean(total(states), length) if there else None, weight.get(key, NOTHING))
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
        yield Found(key, occupancy(found.get(key, {}), 1), weight.get(key, NOTHING))


def occupancy_with_held(of: Slice) -> Iterator[Found]:
    """Count places that were held as if they were occupied."""
    found, kept, weight = times(of), held(of), weights(of)
    for key in of.cells.wanted:
        states = found.get(key, {})
        taken = states.get("occupied", Time()).units + kept.get(key, 0)
        yield Found(key, share(taken, in_service(states)), weight.get(key, NOTHING))


def occupancy(states: Mapping[str, Time], _: int) -> Value:
    """Divide occupied by there and not closed."""
    return share(states.get("occupied", Time()).units, in_service(states))


def occupancy_of_capacity(states: Mapping[str, Time], _: int) -> Value:
    """Divide occupied by all that is there."""
    return share(states.get("occupied", Time()).units, total(states))


def occupancy_of_beds(states: Mapping[str, Time], _: int) -> Value:
    """Divide persons by beds that are not closed."""
    beds = sum(time.beds for state, time in states.items() if state != "closed")
    return share(sum(time.persons for time in states.values()), beds)


def capacity(states: Mapping[str, Time], length: int) -> Value:
    """Count the units."""
    return mean(total(states), length)


def beds(states: Mapping[str, Time], length: int) -> Value:
    """Count their beds."""
    return mean(sum(time.beds for time in states.values()), length)


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
    **FULL,
    **NORM,
}
