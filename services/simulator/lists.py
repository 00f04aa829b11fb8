"""The waiting lists of regions: in some regions there is one. A household waits, is placed, or gives up."""

from dataclasses import dataclass
from functools import partial

from services.domain import events as e
from services.simulator import households
from services.simulator.hours import DAY, HOUR, NS_PER_MS, YEAR, by_day
from services.simulator.households import Household
from services.simulator.world import WORKER, Waiting, World

_GIVES_UP = {"withdrawn": 0.5, "elsewhere": 0.35, "unknown": 0.15}


@dataclass(slots=True)
class Lists:
    """Runs the lists. `world.lists` has a list for each region that keeps one."""

    world: World

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
        happened = world.agenda.now if since is None else since
        data = e.WaitingListJoined(
            entry=waiting.entry,
            region=household.region,
            kind=kind,
            adults=household.adults,
            children=household.children,
            occurred_at=world.scale.logged(happened) * NS_PER_MS,
        )
        world.say(WORKER, household.region, data)
        world.lists[household.region].append(waiting)
        world.agenda.after(HOUR + chance.about(world.parameters.patience_on_list * DAY), partial(self._gives_up, waiting))
        return waiting

    def leave(self, waiting: Waiting, outcome: str) -> None:
        """Take a household off its list, if it is still on it."""
        waits = self.world.lists[waiting.household.region]
        if waiting in waits:
            waits.remove(waiting)
            happened = self.world.scale.logged(self.world.agenda.now) * NS_PER_MS
            data = e.WaitingListLeft(entry=waiting.entry, outcome=outcome, occurred_at=happened)
            self.world.say(WORKER, waiting.household.region, data)

    def next_for(self, region: str, kind: str, unit: e.UnitDeclared) -> Waiting | None:
        """Return the one who has waited longest for such a unit in this region."""
        for waiting in self.world.lists.get(region, []):
            people = waiting.household
            if waiting.kind == kind and people.adults <= unit.max_adults and people.children <= unit.max_children:
                return waiting
        return None

    def _gives_up(self, waiting: Waiting) -> None:
        self.leave(waiting, self.world.chance.weighted(_GIVES_UP))

    def _household(self, region: str) -> Household:
        return households.drawn(self.world.chance, region, tuple(self.world.inhabitants), ("follow_up",))

    def _later(self, region: str) -> None:
        chance = self.world.chance
        at = self.world.agenda.now + chance.about(YEAR / self.world.parameters.joining_list_a_year)
        self.world.agenda.at(by_day(at, chance.between(0, 8 * HOUR)), partial(self._next, region))

    def _next(self, region: str) -> None:
        self.join(self._household(region), self.world.chance.weighted({"follow_up": 0.85, "assisted": 0.15}))
        self._later(region)
