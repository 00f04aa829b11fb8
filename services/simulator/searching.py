"""What a crisis worker sees when she asks where a household can go, by the books and not by what is really so; and how she logs it."""

from dataclasses import dataclass, field

from services.domain import events as e
from services.simulator.households import Household, suits
from services.simulator.lists import Lists
from services.simulator.logbook import Logbook
from services.simulator.world import Waiting, World

_OFFERS = 3


@dataclass(slots=True, eq=False)
class Case:
    """A household a worker searches for: the last search, how many there were, a hotel or a waiting list meanwhile."""

    household: Household
    search: str | None = None
    tries: int = 0
    unanswered: bool = False
    fallback: str | None = None
    nights_until: int = 0
    waiting: Waiting | None = None


@dataclass(slots=True)
class Seen:
    """What was free at an instant, and the shelters with a unit that fits."""

    free: int = 0
    fitting: int = 0
    unsafe: int = 0
    unknown: int = 0
    shelters: dict[str, None] = field(default_factory=dict)


def look(world: World, household: Household) -> Seen:
    """Look at the whole country for a household."""
    seen = Seen()
    for shelter, unit, unknown in world.truth.usable(world.now):
        if unknown:
            seen.unknown += 1
            continue
        seen.free += 1
        registered = world.shelters[shelter].registered
        if suits(household, registered, unit):
            if registered.region in household.unsafe:
                seen.unsafe += 1
            else:
                seen.fitting += 1
                seen.shelters[shelter] = None
    return seen


def search(book: Logbook, case: Case) -> list[str]:
    """Log a search, and return the shelters offered."""
    world, household = book.world, case.household
    seen = look(world, household)
    offers = world.chance.random.sample(list(seen.shelters), min(_OFFERS, len(seen.shelters)))
    again_of, case.search = case.search, world.chance.uuid()
    case.tries += 1
    data = e.SearchMade(
        search=case.search,
        region=household.region,
        adults=household.adults,
        children=household.children,
        need=household.need,
        exclude_regions=household.unsafe,
        fitting_units=seen.fitting,
        offers=len(offers),
        view=world.positions(),
        again_of=again_of,
    )
    book.searched(data)
    return offers


def ended(book: Logbook, case: Case, outcome: str) -> None:
    """Log how a search ended; now and then nobody does."""
    if case.search and book.world.chance.hit(0.95):
        book.ends(case.household.region, e.SearchEnded(search=case.search, outcome=outcome))


def placed(book: Logbook, lists: Lists, case: Case) -> None:
    """Log that a household need no longer wait, nor live in a hotel."""
    if case.waiting:
        lists.leave(case.waiting, "placed")
    if case.fallback:
        book.ends(case.household.region, e.FallbackEnded(fallback=case.fallback, outcome="placed"))
