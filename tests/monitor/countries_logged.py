"""Logs of countries for the monitor: some days of a simulated one, as they were logged, or with half of it late or put right later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.adapters.wire import encode, key_of
from services.domain import events as e
from services.simulator.country import Country
from services.simulator.hours import DAY, start_of_year
from tests.monitor.archives import spread
from tests.reference.log import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.domain.events import Event

START: Final = start_of_year(2023)
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
