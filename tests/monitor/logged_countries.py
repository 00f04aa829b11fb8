"""Logs of countries for the monitor: some days of a simulated one, as they were logged, or with half of it late or corrected later."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any, Final

from services.adapters.codec.event_codec import encode, key_of
from services.domain.durations import NS_PER_MS
from services.domain.events import catalog as e
from services.simulator.model.calendar import DAY, HOUR, start_of_year
from services.simulator.simulation import Simulation
from tests.monitor.archives import spread
from tests.reference.log import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.domain.events.catalog import Event

START: Final = start_of_year(2023)
HALF: Final = 0.5
LoggedEvent = tuple[int, "Event"]
"""When (ms) an event was logged, and the event."""


def simulate(seed: int, days: int) -> list[LoggedEvent]:
    """Simulate a country for some days; return what was logged."""
    return [(logged.at, logged.event) for logged in Simulation(seed, START).until(START + days * DAY)]


def to_records(events: Iterable[LoggedEvent]) -> tuple[list[Record], list[Record]]:
    """Return events as the records of the two topics, in the order in which they were logged."""
    beds: list[Record] = []
    demand: list[Record] = []
    for at, event in sorted(events, key=lambda each: each[0]):
        record = Record(key_of(event).encode(), encode(event), at)
        (demand if isinstance(event.data, e.DEMAND_EVENTS) else beds).append(record)
    return spread(beds), spread(demand)


def disturb(events: Iterable[LoggedEvent], seed: int) -> list[LoggedEvent]:
    """Return events half of which come late, or come with an error that is corrected days later."""
    dice = Random(seed)
    disturbed: list[LoggedEvent] = []
    for at, event in events:
        fate = dice.random()
        if isinstance(event.data, (*e.HOLD_EVENTS, e.Correction, e.ShelterRegistered)) or fate < HALF:
            disturbed.append((at, event))
        elif fate < HALF * 1.5:
            disturbed.append((at + dice.randint(HOUR, 9 * DAY), event))
        else:
            disturbed += _corrected_later(at, event, at + dice.randint(HOUR, 9 * DAY), dice)
    return disturbed


def _corrected_later(at: int, event: Event, later: int, dice: Random) -> list[LoggedEvent]:
    """Return an event with a wrong time, its correction, and the event as it was."""
    wrong = replace(event, id=f"{event.id[:50]}.wrong", time=event.time - dice.randint(0, 3 * DAY) * NS_PER_MS)
    if getattr(event.data, "occurred_at", None) is not None:
        shifted = event.occurred_at - dice.randint(0, 3 * DAY) * NS_PER_MS
        data: Any = event.data
        wrong = replace(wrong, data=replace(data, occurred_at=shifted))
    corrected = e.Named(source=wrong.source, id=wrong.id)
    correction: e.Data
    if isinstance(event.data, e.DEMAND_EVENTS):
        kinds = ("search", "fallback", "entry")
        key: Any = {next(kind for kind in kinds if getattr(event.data, kind, None) == key_of(event)): key_of(event)}
        correction = e.DemandCorrection(corrects=corrected, reason="wrong_time", **key)
    else:
        correction = e.Correction(shelter=event.subject, corrects=corrected, reason="wrong_time")
    taken_out = e.Event(id=f"{event.id[:50]}.out", source=event.source, time=later * NS_PER_MS, subject=event.subject, data=correction)
    return [(at, wrong), (later, taken_out), (later + 1, event)]
