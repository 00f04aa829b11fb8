"""What a crisis worker finds when searching for a household, by the books and not by what is really so, and how the search is logged."""

from dataclasses import dataclass, field

from services.domain.events import catalog as e
from services.simulator.actors.demand_logging import DemandLog
from services.simulator.actors.waiting_lists import WaitingListActors
from services.simulator.model.context import SimulationContext, WaitingHousehold
from services.simulator.model.households import SimulatedHousehold, unit_suits

_OFFERS = 3


@dataclass(slots=True, eq=False)
class SearchingHousehold:
    """A household a worker searches for: the last search, how many there were, a hotel or a waiting list meanwhile."""

    household: SimulatedHousehold
    search: str | None = None
    tries: int = 0
    unanswered: bool = False
    fallback: str | None = None
    paid_until: int = 0
    waiting: WaitingHousehold | None = None


@dataclass(slots=True)
class FreePlaces:
    """How many units were free, fitting, in an unsafe region and unknown at an instant, and the shelters with a unit that fits."""

    free: int = 0
    fitting: int = 0
    unsafe: int = 0
    unknown: int = 0
    shelters: dict[str, None] = field(default_factory=dict)


def find_places(context: SimulationContext, household: SimulatedHousehold) -> FreePlaces:
    """Return what is free in the whole country for a household now."""
    places = FreePlaces()
    for shelter, unit, unknown in context.truth.usable_units(context.now):
        if unknown:
            places.unknown += 1
            continue
        places.free += 1
        registered = context.shelters[shelter].registered
        if unit_suits(household, registered, unit):
            if registered.region in household.unsafe_regions:
                places.unsafe += 1
            else:
                places.fitting += 1
                places.shelters[shelter] = None
    return places


def search(log: DemandLog, case: SearchingHousehold) -> list[str]:
    """Log a search, and return the shelters offered."""
    context, household = log.context, case.household
    places = find_places(context, household)
    offers = context.random.sample(list(places.shelters), min(_OFFERS, len(places.shelters)))
    again_of, case.search = case.search, context.random.uuid()
    case.tries += 1
    data = e.SearchMade(
        search=case.search,
        region=household.region,
        adults=household.adults,
        children=household.children,
        need=household.need,
        exclude_regions=household.unsafe_regions,
        fitting_units=places.fitting,
        offers=len(offers),
        view=context.positions(),
        again_of=again_of,
    )
    log.log_search(data)
    return offers


def end_search(log: DemandLog, case: SearchingHousehold, outcome: str) -> None:
    """Log how a search ended; one in twenty is never logged as ended."""
    if case.search and log.context.random.happens(0.95):
        log.enter_end(case.household.region, e.SearchEnded(search=case.search, outcome=outcome))


def end_waiting(log: DemandLog, waiting_lists: WaitingListActors, case: SearchingHousehold) -> None:
    """Log that a household with a place no longer waits, nor lives in a hotel."""
    if case.waiting:
        waiting_lists.leave(case.waiting, "placed")
    if case.fallback:
        log.enter_end(case.household.region, e.FallbackEnded(fallback=case.fallback, outcome="placed"))
