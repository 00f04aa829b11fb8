"""The waiting lists of regions: in some regions there is one. A household waits, is placed, or gives up and perhaps waits again."""

from dataclasses import dataclass
from functools import partial

from services.domain import events as e
from services.simulator import households
from services.simulator.hours import DAY, HOUR, YEAR, by_day
from services.simulator.households import Household
from services.simulator.logbook import Logbook
from services.simulator.world import Waiting, World

_GIVES_UP = {"withdrawn": 0.5, "elsewhere": 0.35, "unknown": 0.15}


@dataclass(slots=True)
class Lists:
    """Runs the lists. `world.lists` has a list for each region that keeps one."""

    book: Logbook

    @property
    def world(self) -> World:
        """The country they are lists of."""
        return self.book.world

    def open(self) -> None:
        """Have regions keep a list, with those who wait on the first day, and more who come."""
        chance, parameters = self.world.chance, self.world.parameters
        regions = sorted(chance.random.sample(sorted(self.world.inhabitants), parameters.regions_with_list))
        for region in regions:
            self.world.lists[region] = []
            for _ in range(chance.between(1, 6)):
                self.join(self._household(region), "follow_up", self.world.agenda.now - chance.between(DAY, 60 * DAY))
            self._later(region)

    def join(self, household: Household, kind: str, since: int | None = None) -> Waiting:
        """Put a household on the list of its region, now or as of long ago."""
        chance, world = self.world.chance, self.world
        waiting = Waiting(chance.uuid(), household, kind)
        data = e.WaitingListJoined(
            entry=waiting.entry, region=household.region, kind=kind, adults=household.adults, children=household.children
        )
        self.book.begins(lambda: data, world.agenda.now if since is None else since)
        world.lists[household.region].append(waiting)
        world.agenda.after(HOUR + chance.about(world.parameters.patience_on_list * DAY), partial(self._gives_up, waiting))
        return waiting

    def leave(self, waiting: Waiting, outcome: str) -> None:
        """Take a household off its list, if it is still on it."""
        waits = self.world.lists[waiting.household.region]
        if waiting in waits:
            waits.remove(waiting)
            self.book.ends(waiting.household.region, e.WaitingListLeft(entry=waiting.entry, outcome=outcome))

    def next_for(self, region: str, kind: str, unit: e.UnitDeclared) -> Waiting | None:
        """Return the one who has waited longest for such a unit in this region."""
        for waiting in self.world.lists.get(region, []):
            people = waiting.household
            if waiting.kind == kind and people.adults <= unit.max_adults and people.children <= unit.max_children:
                return waiting
        return None

    def _gives_up(self, waiting: Waiting) -> None:
        chance, waits = self.world.chance, waiting in self.world.lists[waiting.household.region]
        self.leave(waiting, chance.weighted(_GIVES_UP))
        if waits and chance.hit(self.world.parameters.waits_again):
            self.world.agenda.after(chance.between(DAY, 30 * DAY), partial(self._waits_again, waiting))

    def _waits_again(self, waiting: Waiting) -> None:
        self.join(waiting.household, waiting.kind)

    def _household(self, region: str) -> Household:
        return households.drawn(self.world.chance, region, tuple(self.world.inhabitants), ("follow_up",))

    def _later(self, region: str) -> None:
        chance = self.world.chance
        at = self.world.agenda.now + chance.about(YEAR / self.world.parameters.joining_list_a_year)
        self.world.agenda.at(by_day(at, chance.between(0, 8 * HOUR)), partial(self._next, region))

    def _next(self, region: str) -> None:
        self.join(self._household(region), self.world.chance.weighted({"follow_up": 0.85, "assisted": 0.15}))
        self._later(region)
