"""What shelters do beside taking people in: counts at every shift, days of silence, pauses, closings, units withdrawn for a while."""

from dataclasses import dataclass
from functools import partial

from services.domain.events import catalog as e
from services.simulator.actors.residents import Residents
from services.simulator.actors.shelter_desk import ShelterDesk
from services.simulator.model.calendar import DAY, HOUR, MINUTE, YEAR, start_of_day
from services.simulator.model.context import COORDINATOR, SimulationContext
from services.simulator.model.event_queue import Action
from services.simulator.model.shelters import SimulatedShelter, SimulatedUnit

_SHIFTS = (7 * HOUR, 15 * HOUR, 23 * HOUR)
_PAUSED = {"staffing": 0.55, "safety": 0.25, "quarantine": 0.1, "other": 0.1}


@dataclass(slots=True)
class ShelterOperations:
    """Runs the operations of every shelter."""

    context: SimulationContext
    desk: ShelterDesk
    residents: Residents

    def begin(self, shelter: SimulatedShelter) -> None:
        """Schedule the first shift of a shelter, and the first of all that happens now and then."""
        parameters = self.context.parameters
        self._schedule_shift(shelter)
        self._repeat(parameters.silences_a_year, partial(self.silence, shelter))
        self._repeat(parameters.pauses_a_year, partial(self._pause, shelter))
        self._repeat(parameters.staffing_a_year, partial(self._close_for_staffing, shelter))
        self._repeat(parameters.isolations_a_year, partial(self._isolate, shelter))
        self._repeat(parameters.withdrawals_a_year, partial(self._withdraw, shelter))

    def _repeat(self, times_a_year: float, action: Action) -> None:
        def run() -> None:
            action()
            self._repeat(times_a_year, action)

        self.context.queue.after(self.context.random.gamma(YEAR / times_a_year), run)

    def _schedule_shift(self, shelter: SimulatedShelter) -> None:
        now, random = self.context.queue.now, self.context.random
        day = start_of_day(now)
        shifts = [day + hour for hour in _SHIFTS] + [day + DAY + _SHIFTS[0]]
        following = next(shift for shift in shifts if shift > now + HOUR)
        self.context.queue.at(following + random.between(-40 * MINUTE, 40 * MINUTE), partial(self._shift, shelter))

    def _shift(self, shelter: SimulatedShelter) -> None:
        self._schedule_shift(shelter)
        if not (shelter.silent or self.context.random.happens(shelter.forgets)):
            self.count(shelter)

    def count(self, shelter: SimulatedShelter) -> None:
        """Log a count by hand; one in four confirms without a number."""
        free = sum(unit.is_vacant and not unit.declared.overflow for unit in shelter.units.values())
        if self.context.random.happens(self.context.parameters.miscounts):
            free += 1
        stated = free if self.context.random.happens(0.75) else None
        self.desk.log(shelter, e.CountConfirmed(shelter=shelter.id, free=stated))
        self.context.truth.record_count(shelter.id, stated)

    def silence(self, shelter: SimulatedShelter) -> None:
        """Let a shelter send nothing for days."""
        if not shelter.silent:
            shelter.silent = True
            self.context.queue.after(self.context.random.between(1.2 * DAY, 6 * DAY), partial(self._end_silence, shelter))

    def _end_silence(self, shelter: SimulatedShelter) -> None:
        shelter.silent = False
        self.desk.catch_up(shelter)
        self.count(shelter)

    def _pause(self, shelter: SimulatedShelter) -> None:
        """Pause the intake of a shelter for hours or days."""
        if not shelter.paused:
            shelter.paused = True
            now = self.context.queue.now
            ends = now + self.context.random.between(5 * HOUR, 4 * DAY)
            self.desk.enter(shelter, partial(self._log_pause, shelter, now, ends))
            self.context.queue.at(ends, partial(self._resume, shelter))

    def _log_pause(self, shelter: SimulatedShelter, happened: int, ends: int) -> None:
        event_time, random = self.context.event_time, self.context.random
        data = e.IntakePaused(
            shelter=shelter.id,
            reason=random.choose_by(_PAUSED),
            expected_until=event_time(ends) if random.happens(0.6) else None,
            occurred_at=event_time(happened),
        )
        self.context.truth.record_pause(shelter.id, self.desk.log(shelter, data).times, paused=True)

    def _resume(self, shelter: SimulatedShelter) -> None:
        shelter.paused = False
        self.desk.enter(shelter, partial(self._log_resumption, shelter, self.context.queue.now))

    def _log_resumption(self, shelter: SimulatedShelter, happened: int) -> None:
        data = e.IntakeResumed(shelter=shelter.id, occurred_at=self.context.event_time(happened))
        self.context.truth.record_pause(shelter.id, self.desk.log(shelter, data).times, paused=False)

    def _close_for_staffing(self, shelter: SimulatedShelter) -> None:
        """Close up to two vacant units for want of staff."""
        for unit in shelter.vacant_units()[:2]:
            unit.closed = True
            ends = self.context.queue.now + self.context.random.between(8 * HOUR, 3 * DAY)
            self.desk.enter_closure(shelter, unit, "staffing", ends)
            self.context.queue.at(ends, partial(self.residents.reopen, shelter, unit))

    def _isolate(self, shelter: SimulatedShelter) -> None:
        """Close a unit while a household lives in it."""
        unit = self.context.random.choose(list(shelter.units.values()))
        if unit.stay:
            self.desk.enter_closure(shelter, unit, "isolation")
            self.context.queue.after(self.context.random.between(2 * DAY, 8 * DAY), partial(self.desk.enter_reopening, shelter, unit))

    def _withdraw(self, shelter: SimulatedShelter) -> None:
        """Withdraw a unit for weeks if it is vacant; by mistake, for a day or two, if it is not."""
        random = self.context.random
        unit = random.choose(list(shelter.units.values()))
        if unit.withdrawn or unit.closed:
            return
        mistaken = unit.stay is not None
        unit.withdrawn = not mistaken
        logged = self.context.log(COORDINATOR, shelter.id, e.UnitWithdrawn(shelter=shelter.id, unit=unit.id))
        self.context.truth.record_declaration(shelter.id, unit.id, None, logged.at)
        lasts = random.between(6 * HOUR, 2 * DAY) if mistaken else random.between(10 * DAY, 60 * DAY)
        self.context.queue.after(lasts, partial(self._end_withdrawal, shelter, unit, mistaken=mistaken))

    def _end_withdrawal(self, shelter: SimulatedShelter, unit: SimulatedUnit, *, mistaken: bool) -> None:
        self.declare(shelter, unit)
        if not mistaken:
            unit.withdrawn = False
            self.residents.look_for_household(shelter, unit)

    def declare(self, shelter: SimulatedShelter, unit: SimulatedUnit) -> None:
        """Log that a unit exists."""
        logged = self.context.log(COORDINATOR, shelter.id, unit.declared)
        self.context.truth.record_declaration(shelter.id, unit.id, unit.declared, logged.at)
