"""The rows of one shelter: an event costs the same however long the shelter has existed."""

from __future__ import annotations

import sys
from itertools import count
from typing import TYPE_CHECKING

from services.monitor.intervals.beginning import Beginning
from services.monitor.intervals.bitemporal_rows import LoggedAt
from services.monitor.intervals.shelter_rows import ShelterRows
from tests.domain.log_entries import DAY, admitted, counted, declared, left, ms, registered, reopened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from _typeshed import TraceFunction

    from tests.domain.log_entries import LogEntry


def lived_in(stays: int) -> Iterator[LogEntry]:
    """Yield a shelter with one unit, and its stays one after the other, each of which leaves it to be cleaned."""
    yield registered(t=0)
    yield declared(t=0)
    for number in range(1, stays + 1):
        day, stay = number * DAY, f"a43dede7-a5c8-45c5-81c7-{number:012}"
        yield admitted(stay=stay, t=day, o=day)
        yield left(stay=stay, ready=False, t=day + 60, o=day + 60)
        yield counted(0, t=day + 90)
        yield reopened(t=day + 120, o=day + 120)


def test_an_event_costs_the_same_after_years() -> None:
    """Folding a stay takes at most a tenth more steps of the interpreter after 1,200 stays in its unit than after 400."""
    rows, offsets, costs = ShelterRows("s", 0, lambda *_: None, Beginning()), count(), list[int]()
    for entry in lived_in(1_220):
        at = LoggedAt(next(offsets), ms(entry.at))
        if not 1_600 <= at.offset % 3_200 < 1_640:
            rows.apply(entry.event, at)
        else:
            costs.append(steps_of(rows, entry, at))
    early, late = sum(costs[:40]), sum(costs[40:])
    assert late <= 1.1 * early


def steps_of(rows: ShelterRows, entry: LogEntry, at: LoggedAt) -> int:
    """Apply an event, and count the steps of the interpreter."""
    steps = 0

    def step(frame: FrameType, event: str, _: object) -> TraceFunction:
        nonlocal steps
        frame.f_trace_opcodes = True
        steps += event == "opcode"
        return step

    sys.settrace(step)
    try:
        rows.apply(entry.event, at)
    finally:
        sys.settrace(None)
    return steps
