"""How shelters keep their books and their doors: counts at every shift, days of silence, pauses, closings, units taken out for a while."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from services.domain import events as e
from services.simulator.desk import Desk
from services.simulator.hours import DAY, HOUR, MINUTE, YEAR, start_of_day
from services.simulator.living import Living
from services.simulator.places import Flat, Shelter
from services.simulator.world import COORDINATOR, World

_SHIFTS = (7 * HOUR, 15 * HOUR, 23 * HOUR)
_PAUSED = {"staffing": 0.55, "safety": 0.25, "quarantine": 0.1, "other": 0.1}


@dataclass(slots=True)
class Keeping:
    """Runs what every shelter does beside taking people in."""

    world: World
    desk: Desk
    living: Living

    def begin(self, shelter: Shelter) -> None:
        """Let a shelter's days begin."""
        parameters = self.world.parameters
        self._shift(shelter)
        self._now_and_then(parameters.silences_a_year, partial(self.silence, shelter))
        self._now_and_then(parameters.pauses_a_year, partial(self.pause, shelter))
        self._now_and_then(parameters.staffing_a_year, partial(self._staffing, shelter))
        self._now_and_then(parameters.isolations_a_year, partial(self._isolation, shelter))
        self._now_and_then(parameters.withdrawals_a_year, partial(self._withdraw, shelter))

    def _now_and_then(self, a_year: float, act: Callable[[], None]) -> None:
        def happens() -> None:
            act()
            self._now_and_then(a_year, act)

        self.world.agenda.after(self.world.chance.about(YEAR / a_year), happens)

    def _shift(self, shelter: Shelter) -> None:
        """Plan the count of the next shift."""
        now, chance = self.world.agenda.now, self.world.chance
        day = start_of_day(now)
        begins = [day + hour for hour in _SHIFTS] + [day + DAY + _SHIFTS[0]]
        following = next(begin for begin in begins if begin > now + HOUR)
        self.world.agenda.at(following + chance.between(-40 * MINUTE, 40 * MINUTE), partial(self._counts, shelter))

    def _counts(self, shelter: Shelter) -> None:
        self._shift(shelter)
        if not (shelter.silent or self.world.chance.hit(shelter.forgets)):
            self.count(shelter)

    def count(self, shelter: Shelter) -> None:
        """Count by hand, and confirm; some say no number."""
        free = sum(flat.empty and not flat.declared.overflow for flat in shelter.flats.values())
        if self.world.chance.hit(self.world.parameters.miscounts):
            free += 1
        told = free if self.world.chance.hit(0.75) else None
        self.desk.say(shelter, e.CountConfirmed(shelter=shelter.id, free=told))
        self.world.truth.counted(shelter.id, told)

    def silence(self, shelter: Shelter) -> None:
        """Have a shelter send nothing for days."""
        if not shelter.silent:
            shelter.silent = True
            self.world.agenda.after(self.world.chance.between(1.2 * DAY, 6 * DAY), partial(self._speaks_again, shelter))

    def _speaks_again(self, shelter: Shelter) -> None:
        shelter.silent = False
        self.desk.catch_up(shelter)
        self.count(shelter)

    def pause(self, shelter: Shelter) -> None:
        """Have a shelter take nobody in for hours or days."""
        if not shelter.paused:
            shelter.paused = True
            ends = self.world.agenda.now + self.world.chance.between(5 * HOUR, 4 * DAY)
            self.desk.enter(shelter, partial(self._paused, shelter, self.world.agenda.now, ends))
            self.world.agenda.at(ends, partial(self._resumes, shelter))

    def _paused(self, shelter: Shelter, happened: int, ends: int) -> None:
        instant = self.desk.instant
        data = e.IntakePaused(
            shelter=shelter.id,
            reason=self.world.chance.weighted(_PAUSED),
            expected_until=instant(ends) if self.world.chance.hit(0.6) else None,
            occurred_at=instant(happened),
        )
        self.world.truth.paused(shelter.id, self.desk.said(happened, self.desk.say(shelter, data)), paused=True)

    def _resumes(self, shelter: Shelter) -> None:
        shelter.paused = False
        self.desk.enter(shelter, partial(self._resumed, shelter, self.world.agenda.now))

    def _resumed(self, shelter: Shelter, happened: int) -> None:
        logged = self.desk.say(shelter, e.IntakeResumed(shelter=shelter.id, occurred_at=self.desk.instant(happened)))
        self.world.truth.paused(shelter.id, self.desk.said(happened, logged), paused=False)

    def _staffing(self, shelter: Shelter) -> None:
        """Have units stand empty for want of staff."""
        for flat in shelter.empty()[:2]:
            flat.shut = True
            ends = self.world.agenda.now + self.world.chance.between(8 * HOUR, 3 * DAY)
            self.desk.shut(shelter, flat, "staffing", ends)
            self.world.agenda.at(ends, partial(self.living.reopen, shelter, flat))

    def _isolation(self, shelter: Shelter) -> None:
        """Have a unit shut while somebody lives in it."""
        flat = self.world.chance.pick(list(shelter.flats.values()))
        if flat.inside:
            self.desk.shut(shelter, flat, "isolation")
            self.world.agenda.after(self.world.chance.between(2 * DAY, 8 * DAY), partial(self.desk.opened, shelter, flat))

    def _withdraw(self, shelter: Shelter) -> None:
        """Have a unit taken out of use for weeks if it is empty; by mistake, for a day or two, if it is not."""
        flat, chance = self.world.chance.pick(list(shelter.flats.values())), self.world.chance
        if flat.withdrawn or flat.shut:
            return
        mistaken = flat.inside is not None
        flat.withdrawn = not mistaken
        logged = self.world.say(COORDINATOR, shelter.id, e.UnitWithdrawn(shelter=shelter.id, unit=flat.id))
        self.world.truth.declared(shelter.id, flat.id, None, logged.at)
        lasts = chance.between(6 * HOUR, 2 * DAY) if mistaken else chance.between(10 * DAY, 60 * DAY)
        self.world.agenda.after(lasts, partial(self._declare, shelter, flat, mistaken=mistaken))

    def _declare(self, shelter: Shelter, flat: Flat, *, mistaken: bool) -> None:
        self.declare(shelter, flat)
        if not mistaken:
            flat.withdrawn = False
            self.living.ready(shelter, flat)

    def declare(self, shelter: Shelter, flat: Flat) -> None:
        """Say that a unit is there."""
        logged = self.world.say(COORDINATOR, shelter.id, flat.declared)
        self.world.truth.declared(shelter.id, flat.id, flat.declared, logged.at)
