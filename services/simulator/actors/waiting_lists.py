"""The waiting lists that some regions have. A household waits, is placed, or gives up and perhaps waits again."""

from dataclasses import dataclass
from functools import partial

from services.domain.events import catalog as e
from services.simulator.actors.demand_logging import DemandLog
from services.simulator.model.calendar import DAY, HOUR, YEAR, postponed_to_day
from services.simulator.model.context import SimulationContext, WaitingHousehold
from services.simulator.model.households import SimulatedHousehold, draw_household, has_room

_GIVES_UP = {"withdrawn": 0.5, "elsewhere": 0.35, "unknown": 0.15}
_KINDS = {"follow_up": 0.85, "assisted": 0.15}


@dataclass(slots=True)
class WaitingListActors:
    """Runs the lists in `context.waiting_lists`, one for each region that has one."""

    context: SimulationContext
    log: DemandLog

    def open(self) -> None:
        """Give some regions a list, with those who wait on the first day, and schedule those who join later."""
        random, parameters = self.context.random, self.context.parameters
        regions = sorted(random.sample(sorted(self.context.inhabitants), parameters.regions_with_list))
        for region in regions:
            self.context.waiting_lists[region] = []
            for _ in range(random.between(1, 6)):
                self.join(self._draw_household(region), "follow_up", self.context.queue.now - random.between(DAY, 60 * DAY))
            self._schedule_next(region)

    def join(self, household: SimulatedHousehold, kind: str, since: int | None = None) -> WaitingHousehold:
        """Put a household on the list of its region, now or since an earlier instant."""
        context = self.context
        waiting = WaitingHousehold(context.random.uuid(), household, kind)
        data = e.WaitingListJoined(
            entry=waiting.entry, region=household.region, kind=kind, adults=household.adults, children=household.children
        )
        self.log.enter_start(lambda: data, context.queue.now if since is None else since)
        context.waiting_lists[household.region].append(waiting)
        context.queue.after(HOUR + context.random.gamma(context.parameters.patience_on_list * DAY), partial(self._give_up, waiting))
        return waiting

    def leave(self, waiting: WaitingHousehold, outcome: str) -> None:
        """Take a household off its list, if it is still on it."""
        waiting_list = self.context.waiting_lists[waiting.household.region]
        if waiting in waiting_list:
            waiting_list.remove(waiting)
            self.log.enter_end(waiting.household.region, e.WaitingListLeft(entry=waiting.entry, outcome=outcome))

    def next_for(self, region: str, unit: e.UnitDeclared) -> WaitingHousehold | None:
        """Return the household of this region that has waited longest for such a unit; None where there is none."""
        for waiting in self.context.waiting_lists.get(region, []):
            if waiting.kind == unit.kind and has_room(waiting.household, unit):
                return waiting
        return None

    def _give_up(self, waiting: WaitingHousehold) -> None:
        random, still_waits = self.context.random, waiting in self.context.waiting_lists[waiting.household.region]
        self.leave(waiting, random.choose_by(_GIVES_UP))
        if still_waits and random.happens(self.context.parameters.waits_again):
            self.context.queue.after(random.between(DAY, 30 * DAY), partial(self.join, waiting.household, waiting.kind))

    def _draw_household(self, region: str) -> SimulatedHousehold:
        return draw_household(self.context.random, region, tuple(self.context.inhabitants), ("follow_up",))

    def _schedule_next(self, region: str) -> None:
        random = self.context.random
        at = self.context.queue.now + random.gamma(YEAR / self.context.parameters.joining_list_a_year)
        self.context.queue.at(postponed_to_day(at, random.between(0, 8 * HOUR)), partial(self._join_next, region))

    def _join_next(self, region: str) -> None:
        self.join(self._draw_household(region), self.context.random.choose_by(_KINDS))
        self._schedule_next(region)
