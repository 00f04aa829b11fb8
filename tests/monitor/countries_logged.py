"""Logs of countries for the monitor: some days of a simulated one, as they were logged, or with half of it late or put right later."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any, Final

from services.adapters.instants import NS_PER_MS
from services.adapters.wire import encode, key_of
from services.domain import events as e
from services.domain.demand import case_kind
from services.simulator.country import Country
from services.simulator.hours import DAY, HOUR, start_of_year
from tests.monitor.archives import spread
from tests.reference.log import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.domain.events import Event

START: Final = start_of_year(2023)
HALF: Final = 0.5
Said = tuple[int, "Event"]


def said(seed: int, days: int) -> list[Said]:
    """Let a country live some days; return what was logged, and when."""
    return [(logged.at, logged.event) for logged in Country(seed, START).until(START + days * DAY)]


def logged(said: Iterable[Said]) -> tuple[list[Record], list[Record]]:
    """Write what was said as the records of the two topics, in the order in which it was logged."""
    beds: list[Record] = []
    demand: list[Record] = []
    for at, event in sorted(said, key=lambda each: each[0]):
        record = Record(key_of(event).encode(), encode(event), at)
        (demand if isinstance(event.data, e.DEMAND_EVENTS) else beds).append(record)
    return spread(beds), spread(demand)


def disturbed(said: Iterable[Said], seed: int) -> list[Said]:
    """Have half of what was said about shelters come late, or come wrong and be put right days later, and be said anew."""
    dice = Random(seed)
    found: list[Said] = []
    for at, event in said:
        how = dice.random()
        if isinstance(event.data, (*e.HOLD_EVENTS, e.Correction, e.ShelterRegistered)) or how < HALF:
            found.append((at, event))
        elif how < HALF * 1.5:
            found.append((at + dice.randint(HOUR, 9 * DAY), event))
        else:
            found += _put_right(at, event, at + dice.randint(HOUR, 9 * DAY), dice)
    return found


def _put_right(at: int, event: Event, later: int, dice: Random) -> list[Said]:
    """Say something with a wrong time, or what was never so; take it out later, and say it as it was."""
    wrong = replace(event, id=f"{event.id[:50]}.wrong", time=event.time - dice.randint(0, 3 * DAY) * NS_PER_MS)
    if getattr(event.data, "occurred_at", None) is not None:
        shifted = event.occurred_at - dice.randint(0, 3 * DAY) * NS_PER_MS
        data: Any = event.data
        wrong = replace(wrong, data=replace(data, occurred_at=shifted))
    named = e.Named(source=wrong.source, id=wrong.id)
    taken_out: e.Data
    if isinstance(event.data, e.DEMAND_EVENTS):
        key: Any = {case_kind(event): key_of(event)}
        taken_out = e.DemandCorrection(corrects=named, reason="wrong_time", **key)
    else:
        taken_out = e.Correction(shelter=event.subject, corrects=named, reason="wrong_time")
    correction = e.Event(id=f"{event.id[:50]}.out", source=event.source, time=later * NS_PER_MS, subject=event.subject, data=taken_out)
    return [(at, wrong), (later, correction), (later + 1, event)]
