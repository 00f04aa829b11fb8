"""The figures of data quality, computed again: each record read anew, beside all of its shelter or case that came before."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from tests.monitor.naive.ask import DAY, Ask, Parts
from tests.monitor.naive.country import MS, overlap
from tests.reference.facts import declared_units, registration
from tests.reference.log import CORRECTIONS, HOLD_EVENTS, REMEMBERED, Entry, uncorrected
from tests.reference.parse import Event, Stop, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.monitor.naive.country import Country
    from tests.reference.log import Record

REMARKS: Final = ("late", "correction", "disordered", "double", "oversized")
_PLACES: Final = ("shelter-registered", "unit-declared", "unit-withdrawn")
_STARTS: Final = ("search-made", "fallback-started", "waiting-list-joined")
# R9, section 5: how long a shelter may be silent
_SILENCE: Final = DAY
Remarked = tuple[int, str | None, set[str]]
"""When it was logged (ms), the region, and what is to be remarked."""


class _Before:
    """What had been logged of one shelter or case: its names with their clocks, when the latest of it happened, and where it belonged."""

    def __init__(self) -> None:
        self.names: dict[tuple[str, str], int] = {}
        self.latest: int | None = None
        self.region: str | None = None
        self.facts: list[Event] = []
        self._entries: list[Entry] = []

    def remarks(self, event: Event, clock: int) -> Iterator[str]:
        """Yield what is to be remarked on the next event."""
        seen_at = self.names.get((event.source, event.id))
        if seen_at is not None and clock < seen_at + REMEMBERED:
            yield "double"
        elif event.name in CORRECTIONS:
            yield "correction"
        elif event.name not in HOLD_EVENTS:
            if clock * MS - event.occurred_at > DAY:
                yield "late"
            if self.latest is not None and event.occurred_at < self.latest:
                yield "disordered"
            if event.name == "admission" and self._is_oversized(event):
                yield "oversized"

    def add(self, entry: Entry) -> None:
        """Add an event that is no double."""
        event = entry.event
        self.names[event.source, event.id] = entry.clock
        if event.name not in (*CORRECTIONS, *HOLD_EVENTS):
            self.latest = event.occurred_at if self.latest is None else max(self.latest, event.occurred_at)
        if event.name not in (*_PLACES, *_STARTS, *CORRECTIONS):
            return
        self._entries.append(entry)
        self.facts = uncorrected(self._entries)
        registered = registration(self.facts)
        starts = sorted((fact for fact in self.facts if fact.name in _STARTS), key=lambda fact: (fact.time, fact.id, fact.source))
        self.region = str(registered["region"]) if registered else str(starts[-1].data["region"]) if starts else None

    def _is_oversized(self, event: Event) -> bool:
        then = [fact for fact in self.facts if fact.occurred_at <= event.occurred_at]
        unit: dict[str, Any] | None = declared_units(then).get(event.data["unit"])
        return unit is not None and (event.data["adults"] > unit["max_adults"] or event.data["children"] > unit["max_children"])


def remarked(records: Sequence[Record], topic: str) -> Iterator[Remarked]:
    """Yield the events with a remark."""
    clocks: dict[int, int] = {}
    stopped: set[int] = set()
    before: defaultdict[str, _Before] = defaultdict(_Before)
    for number, record in enumerate(records):
        event = parse(record.value, record.key, topic)
        if record.partition in stopped or isinstance(event, Stop):
            stopped.add(record.partition)
            continue
        clock = clocks[record.partition] = max(record.timestamp, clocks.get(record.partition, record.timestamp))
        if isinstance(event, Event):
            mine = before[event.key]
            region = mine.region if topic == "demand" else None
            remarks = set(mine.remarks(event, clock))
            if "double" not in remarks:
                mine.add(Entry(number, clock, record.partition, event))
            if remarks:
                yield clock, mine.region or region, remarks


@lru_cache(maxsize=4)
def _all_remarked(country: Country) -> list[Remarked]:
    return [*remarked(country.beds, "beds"), *remarked(country.demand, "demand")]


def _remarked_events(ask: Ask) -> Parts:
    mine = [
        remarks
        for clock, region, remarks in _all_remarked(ask.country)
        if ask.start <= clock * MS < ask.end and (region in ask.where.regions or (region is None and ask.where.everywhere))
    ]
    known = ask.beds_known or ask.demand_known
    parts: Parts = [({}, len(mine) if known else None)]
    return [*parts, *(({"remark": remark}, sum(remark in each for each in mine) if known else None) for remark in REMARKS)]


def _silent(ask: Ask) -> Parts:
    registered, silent = 0, 0
    for shelter in ask.country.shelters:
        spans = [span for span in shelter.registered if span[2]["region"] in ask.where.regions]
        long = sum(overlap(span, ask.start, ask.end) for span in spans)
        if not long:
            continue
        clocks = sorted(clock * MS for clock in set(shelter.heard))
        ends = [*clocks[1:], 10**30]
        heard = [(clock, min(end, clock + _SILENCE), None) for clock, end in zip(clocks, ends, strict=True)]
        said = sum(overlap(each, max(span[0], ask.start), min(span[1], ask.end)) for span in spans for each in heard)
        registered, silent = registered + 1, silent + (said < long)
    return [({}, silent if registered else None)]


QUALITY: Final[dict[str, Callable[[Ask], Parts]]] = {"remarked-events": _remarked_events, "silent-shelters": _silent}
