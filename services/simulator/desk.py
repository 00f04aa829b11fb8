"""A shelter's desk: what happened is entered, soon or hours later, or when the shelter sends again; sometimes in the wrong unit.

The laws of this file: entries about one stay are made in the order in which things happened, and while a wrong one stands uncorrected
nothing else is entered about that stay. So what people mean is never in doubt, however late it comes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from services.adapters.instants import NS_PER_MS
from services.domain import events as e
from services.simulator.hours import HOUR, MINUTE, by_day
from services.simulator.places import Flat, Shelter, Stay
from services.simulator.world import COORDINATOR, Logged, World, source_of

Said = tuple[int, int]
"""When something happened and when it was logged, by the log's clock."""


@dataclass(slots=True)
class Desk:
    """Enters things for every shelter."""

    world: World

    def say(self, shelter: Shelter, data: e.BedData, *, coordinator: bool = False) -> Logged:
        """Log a fact now, for the shelter or (of one that does not send) by its coordinator."""
        world = self.world
        source = COORDINATOR if coordinator else source_of(shelter.id, 1 + world.chance.hit(0.3))
        logged = world.say(source, shelter.id, data)
        if not coordinator:
            world.truth.heard(shelter.id, logged.at)
        return logged

    def delay(self) -> int:
        """Draw how long after it happened something is entered."""
        chance = self.world.chance
        return chance.between(HOUR, 14 * HOUR) if chance.hit(self.world.parameters.late) else chance.about(8 * MINUTE, 2)

    def enter(self, shelter: Shelter, act: Callable[[], None], stay: Stay | None = None) -> None:
        """Have something entered that happens now."""
        at = self.world.agenda.now + self.delay()
        if stay is not None:
            at = stay.entries_until = max(at, stay.entries_until + MINUTE)
        self.world.agenda.at(at, partial(self._when_it_sends, shelter, act))

    def _when_it_sends(self, shelter: Shelter, act: Callable[[], None]) -> None:
        if shelter.silent:
            shelter.unsent.append(act)
        else:
            act()

    def catch_up(self, shelter: Shelter) -> None:
        """Enter all that was not sent, in order, in one go."""
        while shelter.unsent:
            shelter.unsent.pop(0)()

    def said(self, happened: int, logged: Logged) -> Said:
        """Say when something happened, in the words of the log."""
        return self.world.scale.logged(happened), logged.at

    def instant(self, happened: int) -> int:
        """Write when something happened or is expected, as events have it."""
        return self.world.scale.logged(happened) * NS_PER_MS

    def admission(self, shelter: Shelter, flat: Flat, stay: Stay, hold: str | None = None) -> None:
        """Have an admission entered, now and then in the wrong unit."""
        self.enter(shelter, partial(self._admission, shelter, flat.id, stay, hold), stay)

    def _admission(self, shelter: Shelter, unit: str, stay: Stay, hold: str | None) -> None:
        careful = shelter.unsent or stay.entries_until > self.world.agenda.now
        if careful or not self.world.chance.hit(self.world.parameters.wrong_unit):
            self.admit(shelter, unit, stay, hold)
            return
        # Now and then a unit that does not exist
        mistaken = "u99" if self.world.chance.hit(0.1) else self.world.chance.pick(list(shelter.flats))
        logged = self.admit(shelter, mistaken, stay, hold)
        self._mend(shelter, stay, partial(self._right_unit, shelter, unit, stay, hold, logged))

    def admit(self, shelter: Shelter, unit: str, stay: Stay, hold: str | None = None, *, coordinator: bool = False) -> Logged:
        """Log an admission now."""
        people, happened = stay.household, stay.since
        data = e.Admission(
            shelter=shelter.id,
            unit=unit,
            stay=stay.id,
            adults=people.adults,
            children=people.children,
            hold=hold,
            occurred_at=self.instant(happened),
        )
        logged = self.say(shelter, data, coordinator=coordinator)
        self.world.truth.came(shelter.id, stay.id, unit, self.said(happened, logged), hold)
        return logged

    def _right_unit(self, shelter: Shelter, unit: str, stay: Stay, hold: str | None, wrong: Logged) -> None:
        corrected = self.say(shelter, _correction(shelter, wrong, "wrong_unit"))
        self.world.truth.never_came(shelter.id, stay.id, corrected.at)
        self.admit(shelter, unit, stay, hold)

    def discharge(self, shelter: Shelter, stay: Stay, *, ready: bool) -> None:
        """Have it entered that a household has left, now and then of another household."""
        act = partial(self._discharge, shelter, stay, self.world.agenda.now, ready=ready)
        self.enter(shelter, act, stay)

    def _discharge(self, shelter: Shelter, stay: Stay, happened: int, *, ready: bool) -> None:
        others = self._settled(shelter)
        if not (others and self.world.chance.hit(self.world.parameters.wrong_household)):
            self.leave(shelter, stay, happened, ready=ready)
            return
        other = self.world.chance.pick(others)
        logged = self.leave(shelter, other, happened, ready=True)
        self._mend(shelter, other, partial(self._right_household, shelter, (stay, other), happened, logged, ready=ready))

    def leave(self, shelter: Shelter, stay: Stay, happened: int, *, ready: bool) -> Logged:
        """Log a discharge now."""
        destination = self.world.chance.weighted(_DESTINATIONS)
        data = e.Discharge(shelter=shelter.id, stay=stay.id, destination=destination, unit_ready=ready, occurred_at=self.instant(happened))
        logged = self.say(shelter, data)
        self.world.truth.left(shelter.id, stay.id, self.said(happened, logged), ready=ready)
        return logged

    def _right_household(self, shelter: Shelter, who: tuple[Stay, Stay], happened: int, wrong: Logged, *, ready: bool) -> None:
        gone, here = who
        corrected = self.say(shelter, _correction(shelter, wrong, "mistake"))
        self.world.truth.never_left(shelter.id, here.id, corrected.at)
        self.leave(shelter, gone, happened, ready=ready)

    def _settled(self, shelter: Shelter) -> list[Stay]:
        """List the stays about which nothing is still to be entered."""
        inside = [flat.inside for flat in shelter.flats.values() if flat.inside]
        return [] if shelter.unsent else [stay for stay in inside if stay.entries_until < self.world.agenda.now]

    def _mend(self, shelter: Shelter, stay: Stay, act: Callable[[], None]) -> None:
        """Have a mistake corrected when somebody notices."""
        chance, now = self.world.chance, self.world.agenda.now
        stay.entries_until = by_day(now + chance.between(10 * MINUTE, 20 * HOUR), chance.between(0, HOUR))
        self.world.agenda.at(stay.entries_until, partial(self._when_it_sends, shelter, act))

    def shut(self, shelter: Shelter, flat: Flat, reason: str, until: int | None = None) -> None:
        """Have it entered that a unit can't be used from now."""
        self.enter(shelter, partial(self.log_shut, shelter, flat, reason, self.world.agenda.now, until))

    def log_shut(self, shelter: Shelter, flat: Flat, reason: str, happened: int, until: int | None = None) -> None:
        """Log now that a unit can't be used."""
        expected = None if until is None else self.instant(until)
        logged = self.say(
            shelter,
            e.UnitClosed(shelter=shelter.id, unit=flat.id, reason=reason, expected_until=expected, occurred_at=self.instant(happened)),
        )
        self.world.truth.shut(shelter.id, flat.id, self.said(happened, logged), shut=True)

    def opened(self, shelter: Shelter, flat: Flat) -> None:
        """Have it entered that a unit can be used again from now."""
        self.enter(shelter, partial(self._opened, shelter, flat, self.world.agenda.now))

    def _opened(self, shelter: Shelter, flat: Flat, happened: int) -> None:
        logged = self.say(shelter, e.UnitReopened(shelter=shelter.id, unit=flat.id, occurred_at=self.instant(happened)))
        self.world.truth.shut(shelter.id, flat.id, self.said(happened, logged), shut=False)


_DESTINATIONS = {
    "home": 0.12,
    "own_home": 0.3,
    "family": 0.15,
    "other_shelter": 0.16,
    "assisted_living": 0.12,
    "abroad": 0.03,
    "unknown": 0.12,
}


def _correction(shelter: Shelter, wrong: Logged, reason: str) -> e.Correction:
    return e.Correction(shelter=shelter.id, corrects=e.Named(source=wrong.event.source, id=wrong.event.id), reason=reason)
