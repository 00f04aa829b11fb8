"""What honest workers lose with each variant of what an offer says: refusals, broken glass, minutes from the first search to a hold."""

import asyncio
from collections.abc import Iterator, Mapping
from statistics import mean, median

from services.simulator.model.calendar import DAY
from services.simulator.model.context import LoggedEvent
from services.simulator.model.parameters import Parameters
from services.simulator.simulation import Simulation
from tests.attack.attack import FIRST_DAY
from tests.attack.month import START
from tests.attack.variants import VARIANTS
from tests.attack.watch import Watched, watch
from tests.attack.workers import Worked, asked, work

Months = dict[str, Worked]
"""Of each variant what the workers did."""
_WEEK = 7


def worked(seed: int, days: int, load: float = 1.0) -> Months:
    """Return what the workers of a month do with each variant, with so many times the usual number of households."""
    usual = Parameters()
    found: Months = {variant.name: Worked() for variant in VARIANTS}
    country = Simulation(seed, START, parameters=Parameters(searching_a_day=usual.searching_a_day * load))
    log: list[LoggedEvent] = list(country.until(START + days * DAY))
    for each in asked(log, START + FIRST_DAY * DAY):
        for variant in VARIANTS:
            found[variant.name].join(work(each, variant, seed), f"{seed}-")
    return found


def watched(worked: Worked) -> Watched:
    """Play what the workers did through the limits and alarms of the API."""
    return asyncio.run(watch(worked.acts))


def weeks(seeds: int, days: int) -> float:
    """Return how many weeks so many months are worth, without their first week."""
    return seeds * (days - FIRST_DAY) / _WEEK


def rows(months: Mapping[str, Worked]) -> Iterator[str]:
    """Yield what is lost, a row for each variant."""
    head = f"{'searches':>9}{'refused':>9}{'glass':>7}{'held':>7}{'unsuitable':>12}{'mean min':>10}{'median':>8}{'90 %':>6}{'most':>6}"
    yield f"{'what an offer says':<44}{head}"
    for name, done in months.items():
        searches = sum(act.what in {"search", "refine"} for act in done.acts)
        found, minutes = watched(done), sorted(done.minutes)
        figures = f"{searches:>9}{found.hard:>9}{found.refused:>7}{len(minutes):>7}{done.unsuitable:>12}{mean(minutes):>10.2f}"
        yield f"{name:<44}{figures}{median(minutes):>8.1f}{minutes[int(0.9 * len(minutes))]:>6.1f}{minutes[-1]:>6.1f}"
