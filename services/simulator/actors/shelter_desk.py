"""The desk of a shelter: what happened is entered soon, or hours later, or when the shelter sends again; sometimes wrong, then corrected.

Entries about one stay are made in the order in which things happened, and while a wrong one stands uncorrected nothing else is entered
about that stay. So what people mean is never in doubt, however late it comes.
"""

from dataclasses import dataclass
from functools import partial

from services.domain.events import catalog as e
from services.simulator.model.calendar import HOUR, MINUTE, postponed_to_day
from services.simulator.model.context import COORDINATOR, LoggedEvent, SimulationContext, desk_source
from services.simulator.model.event_queue import Action
from services.simulator.model.shelters import SimulatedShelter, SimulatedStay, SimulatedUnit

_DESTINATIONS = {
    "home": 0.12,
    "own_home": 0.3,
    "family": 0.15,
    "other_shelter": 0.16,
    "assisted_living": 0.12,
    "abroad": 0.03,
    "unknown": 0.12,
}


@dataclass(slots=True)
class ShelterDesk:
    """Enters events for every shelter. `enter_…` schedules an entry of what happens now, `log_…` logs at once."""

    context: SimulationContext

    def log(self, shelter: SimulatedShelter, data: e.BedData, *, coordinator: bool = False) -> LoggedEvent:
        """Log a fact now, for the shelter or (of one that does not send) by its coordinator."""
        context = self.context
        source = COORDINATOR if coordinator else desk_source(shelter.id, 1 + context.random.happens(0.3))
        logged = context.log(source, shelter.id, data)
        if not coordinator:
            context.truth.record_contact(shelter.id, logged.at)
        return logged

    def enter(self, shelter: SimulatedShelter, action: Action, stay: SimulatedStay | None = None) -> None:
        """Schedule the entry of something that happens now; entries about one stay keep their order."""
        at = self.context.queue.now + self._delay()
        if stay is not None:
            at = stay.next_entry = max(at, stay.next_entry + MINUTE)
        self.context.queue.at(at, partial(self._run_when_sending, shelter, action))

    def _delay(self) -> int:
        random = self.context.random
        return random.between(HOUR, 14 * HOUR) if random.happens(self.context.parameters.late) else random.gamma(8 * MINUTE, 2)

    def _run_when_sending(self, shelter: SimulatedShelter, action: Action) -> None:
        if shelter.silent:
            shelter.unsent.append(action)
        else:
            action()

    def catch_up(self, shelter: SimulatedShelter) -> None:
        """Enter all that was not sent, in order, in one go."""
        while shelter.unsent:
            shelter.unsent.pop(0)()

    def enter_admission(self, shelter: SimulatedShelter, unit: SimulatedUnit, stay: SimulatedStay, hold: str | None = None) -> None:
        """Schedule the entry of an admission, now and then in the wrong unit."""
        self.enter(shelter, partial(self._admission, shelter, unit.id, stay, hold), stay)

    def _admission(self, shelter: SimulatedShelter, unit: str, stay: SimulatedStay, hold: str | None) -> None:
        others_follow = shelter.unsent or stay.next_entry > self.context.queue.now
        if others_follow or not self.context.random.happens(self.context.parameters.wrong_unit):
            self.log_admission(shelter, unit, stay, hold)
            return
        # Now and then a unit that does not exist
        mistaken = "u99" if self.context.random.happens(0.1) else self.context.random.choose(list(shelter.units))
        wrong = self.log_admission(shelter, mistaken, stay, hold)
        self._correct_later(shelter, stay, partial(self._correct_unit, shelter, unit, stay, hold, wrong))

    def log_admission(
        self, shelter: SimulatedShelter, unit: str, stay: SimulatedStay, hold: str | None = None, *, coordinator: bool = False
    ) -> LoggedEvent:
        """Log an admission now."""
        data = e.Admission(
            shelter=shelter.id,
            unit=unit,
            stay=stay.id,
            adults=stay.household.adults,
            children=stay.household.children,
            hold=hold,
            occurred_at=self.context.event_time(stay.since),
        )
        logged = self.log(shelter, data, coordinator=coordinator)
        self.context.truth.record_arrival(shelter.id, stay.id, unit, logged.times, hold)
        return logged

    def _correct_unit(self, shelter: SimulatedShelter, unit: str, stay: SimulatedStay, hold: str | None, wrong: LoggedEvent) -> None:
        corrected = self.log(shelter, _correction(shelter, wrong, "wrong_unit"))
        self.context.truth.retract_arrival(shelter.id, stay.id, corrected.at)
        self.log_admission(shelter, unit, stay, hold)

    def enter_transfer(self, shelter: SimulatedShelter, stay: SimulatedStay, unit: str) -> None:
        """Schedule the entry of a move to another unit of the shelter."""
        self.enter(shelter, partial(self._log_transfer, shelter, stay, unit, self.context.queue.now), stay)

    def _log_transfer(self, shelter: SimulatedShelter, stay: SimulatedStay, unit: str, happened: int) -> None:
        occurred_at = self.context.event_time(happened)
        logged = self.log(shelter, e.Transfer(shelter=shelter.id, stay=stay.id, to_unit=unit, occurred_at=occurred_at))
        self.context.truth.record_move(shelter.id, stay.id, unit, logged.times)

    def enter_discharge(self, shelter: SimulatedShelter, stay: SimulatedStay, *, ready: bool) -> None:
        """Schedule the entry of a departure, now and then of another household."""
        self.enter(shelter, partial(self._discharge, shelter, stay, self.context.queue.now, ready=ready), stay)

    def _discharge(self, shelter: SimulatedShelter, stay: SimulatedStay, happened: int, *, ready: bool) -> None:
        others = self._settled_stays(shelter)
        if not (others and self.context.random.happens(self.context.parameters.wrong_household)):
            self._log_discharge(shelter, stay, happened, ready=ready)
            return
        other = self.context.random.choose(others)
        wrong = self._log_discharge(shelter, other, happened, ready=True)
        self._correct_later(shelter, other, partial(self._correct_household, shelter, (stay, other), happened, wrong, ready=ready))

    def _log_discharge(self, shelter: SimulatedShelter, stay: SimulatedStay, happened: int, *, ready: bool) -> LoggedEvent:
        data = e.Discharge(
            shelter=shelter.id,
            stay=stay.id,
            destination=self.context.random.choose_by(_DESTINATIONS),
            unit_ready=ready,
            occurred_at=self.context.event_time(happened),
        )
        logged = self.log(shelter, data)
        self.context.truth.record_departure(shelter.id, stay.id, logged.times, ready=ready)
        return logged

    def _correct_household(
        self, shelter: SimulatedShelter, stays: tuple[SimulatedStay, SimulatedStay], happened: int, wrong: LoggedEvent, *, ready: bool
    ) -> None:
        left, present = stays
        corrected = self.log(shelter, _correction(shelter, wrong, "mistake"))
        self.context.truth.retract_departure(shelter.id, present.id, corrected.at)
        self._log_discharge(shelter, left, happened, ready=ready)

    def _settled_stays(self, shelter: SimulatedShelter) -> list[SimulatedStay]:
        """List the stays about which nothing is still to be entered."""
        stays = [unit.stay for unit in shelter.units.values() if unit.stay]
        return [] if shelter.unsent else [stay for stay in stays if stay.next_entry < self.context.queue.now]

    def _correct_later(self, shelter: SimulatedShelter, stay: SimulatedStay, action: Action) -> None:
        """Schedule a correction for when the mistake is noticed, by day."""
        random, now = self.context.random, self.context.queue.now
        stay.next_entry = postponed_to_day(now + random.between(10 * MINUTE, 20 * HOUR), random.between(0, HOUR))
        self.context.queue.at(stay.next_entry, partial(self._run_when_sending, shelter, action))

    def enter_closure(self, shelter: SimulatedShelter, unit: SimulatedUnit, reason: str, until: int | None = None) -> None:
        """Schedule the entry that a unit can't be used from now, expected until an instant."""
        self.enter(shelter, partial(self._log_closure, shelter, unit, reason, self.context.queue.now, until))

    def _log_closure(self, shelter: SimulatedShelter, unit: SimulatedUnit, reason: str, happened: int, until: int | None) -> None:
        event_time = self.context.event_time
        data = e.UnitClosed(
            shelter=shelter.id,
            unit=unit.id,
            reason=reason,
            expected_until=None if until is None else event_time(until),
            occurred_at=event_time(happened),
        )
        self.context.truth.record_closure(shelter.id, unit.id, self.log(shelter, data).times, closed=True)

    def enter_reopening(self, shelter: SimulatedShelter, unit: SimulatedUnit) -> None:
        """Schedule the entry that a unit can be used again from now."""
        self.enter(shelter, partial(self._log_reopening, shelter, unit, self.context.queue.now))

    def _log_reopening(self, shelter: SimulatedShelter, unit: SimulatedUnit, happened: int) -> None:
        data = e.UnitReopened(shelter=shelter.id, unit=unit.id, occurred_at=self.context.event_time(happened))
        self.context.truth.record_closure(shelter.id, unit.id, self.log(shelter, data).times, closed=False)


def _correction(shelter: SimulatedShelter, wrong: LoggedEvent, reason: str) -> e.Correction:
    return e.Correction(shelter=shelter.id, corrects=e.Named(source=wrong.event.source, id=wrong.event.id), reason=reason)
