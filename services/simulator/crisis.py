"""Crisis workers: they search, ask for a place to be kept, bring the household there; else a hotel, a waiting list, or search again."""

from dataclasses import dataclass
from functools import partial

from services.domain import events as e
from services.simulator import households
from services.simulator.hotels import Hotels
from services.simulator.hours import DAY, HOUR, MINUTE, by_day, season
from services.simulator.lists import Lists
from services.simulator.living import Living
from services.simulator.logbook import Logbook
from services.simulator.places import Flat, Shelter
from services.simulator.searching import Case, ended, placed, search
from services.simulator.truth import Promise
from services.simulator.world import WORKER, World, source_of

# Violence comes in the evening and at night; by hour of the day, how busy it is
_BUSY = dict.fromkeys(range(24), 1.0) | dict.fromkeys(range(9, 18), 2.0) | dict.fromkeys(range(18, 24), 2.6)
_MOST_TRIES = 4
_DECLINED = {"no_staff": 0.3, "unit_unfit": 0.25, "safety": 0.25, "full": 0.1, "other": 0.1}
_GIVES_UP = {"elsewhere": 0.6, "withdrawn": 0.3, "unknown": 0.1}


@dataclass(frozen=True, slots=True)
class Kept:
    """A place that is kept for a household."""

    case: Case
    shelter: Shelter
    hold: str
    promise: Promise


@dataclass(slots=True)
class Crisis:
    """Runs the workers of every region."""

    book: Logbook
    living: Living
    lists: Lists
    hotels: Hotels

    @property
    def world(self) -> World:
        """The country they work in."""
        return self.book.world

    def day(self) -> None:
        """Let the households of a day come, hour by hour, and then those of the next."""
        world, chance = self.world, self.world.chance
        busy = world.parameters.searching_a_day * season(world.agenda.now, world.parameters.season)
        for _ in range(chance.number(busy)):
            household = households.drawn(chance, chance.weighted(world.inhabitants), tuple(world.inhabitants))
            at = chance.weighted(_BUSY) * HOUR + chance.between(0, HOUR)
            world.agenda.after(at, partial(self._begin, Case(household)))
        world.agenda.after(DAY, self.day)

    def _begin(self, case: Case) -> None:
        """Search, or ask a shelter that one knows without having looked."""
        unseen, chance = self.world.parameters.asks_unseen, self.world.chance
        if unseen and chance.hit(unseen):
            known = [shelter for shelter in self.world.shelters.values() if shelter.region not in case.household.unsafe]
            self._ask(case, chance.pick(known))
        else:
            self._search(case)

    def _search(self, case: Case) -> None:
        offers = search(self.book, case)
        if offers:
            shelter = self.world.shelters[self.world.chance.pick(offers)]
            self._soon(partial(self._ask, case, shelter))
        else:
            self._nothing(case)

    def _soon(self, act: partial[None], minutes: float = 4) -> None:
        self.world.agenda.after(self.world.chance.between(MINUTE / 2, minutes * MINUTE), act)

    def _ask(self, case: Case, shelter: Shelter) -> None:
        world, people = self.world, case.household
        request = e.HoldRequested(
            shelter=shelter.id,
            hold=world.chance.uuid(),
            adults=people.adults,
            children=people.children,
            kinds=people.need.kinds,
            features=people.need.features,
            ttl_seconds=world.scale.seconds(world.parameters.ttl_seconds),
            desk=f"crisis-{people.region.lower()}",
            asked_by=world.chance.uuid().replace("-", ""),
        )
        promise = world.truth.asked(shelter.id, request, world.say(WORKER, shelter.id, request).at)
        if promise.status == "refused":
            self._soon(partial(self._search, case))
            return
        ended(self.book, case, "held")
        self._soon(partial(self._answer, Kept(case, shelter, request.hold, promise)), 25)

    def _answer(self, kept: Kept) -> None:
        """Have the shelter answer, or not."""
        chance, parameters = self.world.chance, self.world.parameters
        if not self._live(kept):
            self._soon(partial(self._search, kept.case))
        elif kept.shelter.silent or chance.hit(1 - parameters.accepts - parameters.declines):
            self._unanswered(kept)
        elif chance.hit(parameters.declines / (parameters.accepts + parameters.declines)):
            self._decline(kept, chance.weighted(_DECLINED))
        else:
            self._accept(kept)

    def _live(self, kept: Kept) -> bool:
        return kept.promise.live(self.world.now)

    def _accept(self, kept: Kept) -> None:
        chance, shelter = self.world.chance, kept.shelter.id
        logged = self.world.say(source_of(shelter, 1), shelter, e.HoldAccepted(shelter=shelter, hold=kept.hold))
        self.world.truth.accepted(shelter, kept.hold, logged.at)
        stays_away = chance.hit(self.world.parameters.stays_away)
        act = self._stays_away if stays_away else self._arrive
        self.world.agenda.after(chance.between(HOUR, 9 * HOUR), partial(act, kept))

    def _decline(self, kept: Kept, reason: str) -> None:
        shelter = kept.shelter.id
        logged = self.world.say(source_of(shelter, 1), shelter, e.HoldDeclined(shelter=shelter, hold=kept.hold, reason=reason))
        self.world.truth.over(shelter, kept.hold, logged.at, "declined")
        self._soon(partial(self._search, kept.case))

    def _unanswered(self, kept: Kept) -> None:
        """Have the worker wait a little longer, or bring the household all the same, or look elsewhere when the time is over."""
        chance, world = self.world.chance, self.world
        kept.case.unanswered = True
        if chance.hit(0.5):
            seconds = world.scale.seconds(world.parameters.ttl_seconds)
            data = e.HoldExtended(shelter=kept.shelter.id, hold=kept.hold, ttl_seconds=seconds)
            world.truth.extended(kept.shelter.id, kept.hold, world.say(WORKER, kept.shelter.id, data).at, seconds * 1_000)
        if chance.hit(0.4):
            world.agenda.after(chance.between(15 * MINUTE, 40 * MINUTE), partial(self._arrive, kept))
        else:
            world.agenda.after(chance.between(HOUR, 2 * HOUR), partial(self._gives_back, kept))

    def _gives_back(self, kept: Kept) -> None:
        self._release(kept)
        self._search(kept.case)

    def _stays_away(self, kept: Kept) -> None:
        """Have a household never come; most workers say so."""
        if self.world.scale.speed > 1 or self.world.chance.hit(0.6):
            self._release(kept)
        if kept.case.fallback:
            self.hotels.end(kept.case)

    def _release(self, kept: Kept) -> None:
        if self._live(kept):
            shelter = kept.shelter.id
            logged = self.world.say(WORKER, shelter, e.HoldReleased(shelter=shelter, hold=kept.hold))
            self.world.truth.over(shelter, kept.hold, logged.at, "released")

    def _arrive(self, kept: Kept) -> None:
        """Bring a household to the door: it is taken in where there really is room."""
        flat = self._room_for(kept)
        if flat:
            self.living.move_in(kept.shelter, flat, kept.case.household, kept.hold)
            placed(self.book, self.lists, kept.case)
        elif self._live(kept) and not kept.shelter.silent:
            self._decline(kept, "full")
        else:
            self._soon(partial(self._search, kept.case))

    def _room_for(self, kept: Kept) -> Flat | None:
        people, unit = kept.case.household, kept.promise.unit
        promised = kept.shelter.flats.get(unit or "")
        if promised and promised.empty:
            return promised
        fitting = [
            flat
            for flat in kept.shelter.empty()
            if flat.declared.kind in people.need.kinds
            and flat.declared.max_adults >= people.adults
            and flat.declared.max_children >= people.children
        ]
        return min(fitting, key=lambda flat: flat.declared.overflow, default=None)

    def _nothing(self, case: Case) -> None:
        """Decide what to do where nothing fits."""
        chance, household = self.world.chance, case.household
        if case.fallback:
            self._from_hotel(case)
        elif self.hotels.paid_for() and self.hotels.wanted(case):
            self.hotels.start(case)
            ended(self.book, case, "fallback")
            case.tries = 0
            self.world.agenda.at(by_day(case.nights_until, chance.between(0, 8 * HOUR)), partial(self._from_hotel, case))
        elif household.region in self.world.lists and chance.hit(0.3):
            case.waiting = self.lists.join(household, "crisis")
            ended(self.book, case, "waiting_list")
        elif case.tries < _MOST_TRIES and chance.hit(0.65):
            self.world.agenda.after(chance.between(HOUR, 16 * HOUR), partial(self._search, case))
        else:
            ended(self.book, case, chance.weighted(_GIVES_UP))

    def _from_hotel(self, case: Case) -> None:
        """Search again for a household in a hotel, until it has gone some other way."""
        if case.tries >= _MOST_TRIES or self.world.chance.hit(0.15):
            self.hotels.end(case)
            return
        at = self.world.agenda.now + (self.world.chance.between(9 * HOUR, 30 * HOUR) if case.tries else MINUTE)
        self.world.agenda.at(at, partial(self._search, case))
