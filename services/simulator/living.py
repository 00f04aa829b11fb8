"""How people live in shelters: they move in, move on, leave; units are cleaned, and filled again by the shelter itself."""

from dataclasses import dataclass
from functools import partial

from services.domain import events as e
from services.simulator import households
from services.simulator.desk import Desk
from services.simulator.hours import DAY, HOUR, by_day
from services.simulator.households import Household, suits
from services.simulator.lists import Lists
from services.simulator.places import Flat, Shelter, Stay
from services.simulator.world import Lived, World

# Long stays end neither at once nor all after the mean: a gamma distribution of this shape
_SHAPE = 2.0
_SHORTEST = 14 * HOUR
# How a unit is left: ready at once, to be cleaned (said with the discharge, or apart), to be repaired
_LEFT = {"ready": 0.24, "cleaning": 0.54, "apart": 0.18, "maintenance": 0.04}
_MOVES_ON = 0.4
_FROM_LIST = 0.8
_LATER = ("follow_up", "assisted")


@dataclass(slots=True)
class Living:
    """Runs the life inside every shelter."""

    world: World
    desk: Desk
    lists: Lists

    def length(self, kind: str) -> int:
        """Draw how long a household stays in a unit of a kind."""
        return max(_SHORTEST, self.world.chance.about(self.world.parameters.mean_stay[kind] * DAY, _SHAPE))

    def begun_before(self, flat: Flat, household: Household) -> Stay:
        """Make a stay that is under way when the country begins: the longer it is, the likelier to be met."""
        chance, now = self.world.chance, self.world.agenda.now
        length = chance.about(self.world.parameters.mean_stay[flat.declared.kind] * DAY * (1 + 1 / _SHAPE), _SHAPE + 1)
        since = now - HOUR - int(length * chance.random.random())
        flat.inside = stay = Stay(chance.uuid(), household, since, since, leaves=since + length + HOUR)
        return stay

    def move_in(self, shelter: Shelter, flat: Flat, household: Household, hold: str | None = None) -> None:
        """Have a household move in now."""
        now = self.world.agenda.now
        flat.inside = stay = Stay(self.world.chance.uuid(), household, now, now)
        self.desk.admission(shelter, flat, stay, hold)
        self.stays_until(shelter, flat, now + self.length(flat.declared.kind))

    def stays_until(self, shelter: Shelter, flat: Flat, leaves: int) -> None:
        """Plan when the household in a unit leaves: by day, unless it is an emergency unit."""
        chance, stay = self.world.chance, flat.inside
        if stay is None:
            return
        stay.plan += 1
        stay.leaves = leaves if flat.declared.kind == "emergency" else by_day(leaves, chance.between(0, 8 * HOUR))
        self.world.agenda.at(stay.leaves, partial(self._leave, shelter, flat, stay, stay.plan))
        if chance.hit(0.4):
            told = stay.leaves - chance.between(2 * DAY, 20 * DAY)
            self.world.agenda.at(told, partial(self._planned, shelter, stay, stay.plan))
        if chance.hit(0.03):
            self.world.agenda.after(chance.between(0, max(1, stay.leaves - self.world.agenda.now)), partial(self._grown, shelter, stay))

    def _planned(self, shelter: Shelter, stay: Stay, plan: int) -> None:
        if stay.plan == plan:
            data = e.DischargePlanned(shelter=shelter.id, stay=stay.id, expected_at=self.desk.instant(stay.leaves))
            self.desk.enter(shelter, partial(self._say, shelter, data), stay)

    def _grown(self, shelter: Shelter, stay: Stay) -> None:
        stay.household = people = stay.household.with_a_child()
        happened = self.desk.instant(self.world.agenda.now)
        data = e.StayChanged(shelter=shelter.id, stay=stay.id, adults=people.adults, children=people.children, occurred_at=happened)
        self.desk.enter(shelter, partial(self._say, shelter, data), stay)

    def _say(self, shelter: Shelter, data: e.BedData) -> None:
        self.desk.say(shelter, data)

    def _leave(self, shelter: Shelter, flat: Flat, stay: Stay, plan: int) -> None:
        if stay.plan != plan:
            return
        left = self.world.chance.weighted(_LEFT)
        self.desk.discharge(shelter, stay, ready=left != "cleaning")
        self._empty(shelter, flat, left)

    def _empty(self, shelter: Shelter, flat: Flat, left: str) -> None:
        """See to a unit that has just become empty."""
        chance, now, stay = self.world.chance, self.world.agenda.now, flat.inside
        if stay is not None:
            self.world.lived.append(Lived(flat.declared.kind, stay.moved_in, now))
        flat.inside = None
        if left == "ready":
            self.ready(shelter, flat)
            return
        repaired = left == "maintenance"
        takes = chance.between(2 * DAY, 20 * DAY) if repaired else chance.between(2 * HOUR, 9 * HOUR)
        done = by_day(now + takes, chance.between(HOUR, 4 * HOUR))
        if left != "cleaning":
            self.desk.shut(shelter, flat, "maintenance" if repaired else "cleaning", done if repaired else None)
        flat.shut = True
        self.world.agenda.at(done, partial(self.reopen, shelter, flat))

    def reopen(self, shelter: Shelter, flat: Flat) -> None:
        """Have a unit that could not be used made ready, and say so."""
        flat.shut = False
        self.desk.opened(shelter, flat)
        self.ready(shelter, flat)

    def ready(self, shelter: Shelter, flat: Flat) -> None:
        """Have the shelter look for a household itself, unless a worker is sooner; an overflow bed waits for an emergency."""
        if flat.declared.overflow:
            return
        flat.turn += 1
        mean = self.world.parameters.refilled_after[flat.declared.kind] * DAY
        self.world.agenda.after(HOUR + self.world.chance.about(mean), partial(self._refill, shelter, flat, flat.turn))

    def _refill(self, shelter: Shelter, flat: Flat, turn: int) -> None:
        chance, now = self.world.chance, self.world.agenda.now
        if flat.turn != turn or not flat.empty:
            return
        again = by_day(now, chance.between(0, 3 * HOUR))
        if again == now and (shelter.paused or (self._promised(shelter, flat) and chance.hit(0.93))):
            again = now + chance.between(HOUR, 6 * HOUR)
        if again > now:
            self.world.agenda.at(again, partial(self._refill, shelter, flat, turn))
        elif flat.declared.kind in _LATER and chance.hit(_MOVES_ON) and (leaving := self._moving_on(shelter, flat)):
            self._move_on(shelter, leaving, flat)
        else:
            self.move_in(shelter, flat, self._next_one(shelter, flat))

    def _promised(self, shelter: Shelter, flat: Flat) -> bool:
        promise = self.world.truth.houses[shelter.id].rooms[flat.id].promise
        return promise is not None and promise.live(self.world.now)

    def _next_one(self, shelter: Shelter, flat: Flat) -> Household:
        """Choose who comes: someone from the waiting list of the region, else someone who rang."""
        chance, kind = self.world.chance, flat.declared.kind
        if chance.hit(_FROM_LIST) and (waiting := self.lists.next_for(shelter.region, kind, flat.declared)):
            self.lists.leave(waiting, "placed")
            return waiting.household
        for _ in range(20):
            household = households.drawn(chance, shelter.region, tuple(self.world.inhabitants), (kind,))
            if suits(household, shelter.registered, flat.declared):
                return household
        return Household(1, 0, shelter.region, household.need)

    def _moving_on(self, shelter: Shelter, flat: Flat) -> Flat | None:
        """Find a household in crisis shelter here that has been there for a while and suits."""
        now, unit = self.world.agenda.now, flat.declared
        for other in shelter.flats.values():
            stay = other.inside
            if other.declared.kind == "crisis" and stay and now - stay.moved_in > 10 * DAY:
                people = stay.household
                if people.adults <= unit.max_adults and people.children <= unit.max_children:
                    return other
        return None

    def _move_on(self, shelter: Shelter, old: Flat, new: Flat) -> None:
        stay = old.inside
        if stay is None:
            return
        happened = self.world.agenda.now
        self.desk.enter(shelter, partial(self._transfer, shelter, stay, new.id, happened), stay)
        self._empty(shelter, old, self.world.chance.weighted({"ready": 0.3, "apart": 0.7}))
        new.inside, stay.moved_in = stay, happened
        self.stays_until(shelter, new, happened + self.length(new.declared.kind))

    def _transfer(self, shelter: Shelter, stay: Stay, unit: str, happened: int) -> None:
        logged = self.desk.say(shelter, e.Transfer(shelter=shelter.id, stay=stay.id, to_unit=unit, occurred_at=self.desk.instant(happened)))
        self.world.truth.moved(shelter.id, stay.id, unit, self.desk.said(happened, logged))
