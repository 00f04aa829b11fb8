"""The figures of data quality, computed again: each record read anew, beside all of its shelter or case that came before."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from tests.monitor.naive.ask import DAY, Ask, Parts
from tests.monitor.naive.country import MS, overlap
from tests.reference.facts import declared_units, registration
from tests.reference.log import CORRECTIONS, HOLD_EVENTS, REMEMBERED, Entry, uncorrected
from tests.reference.parse import Event, Stop, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.reference.log import Record

REMARKS: Final = ("late", "correction", "disordered", "double", "oversized")
_STARTS: Final = ("search-made", "fallback-started", "waiting-list-joined")
# R9, section 5: how long a shelter may be silent
_SILENCE: Final = DAY
Remarked = tuple[int, str | None, set[str]]
"""When it was logged (ms), the region, and what is to be remarked."""


def remarked(records: Sequence[Record], topic: str) -> Iterator[Remarked]:
    """Yield the events with a remark."""
    clocks: dict[int, int] = {}
    stopped: set[int] = set()
    before: defaultdict[str, list[Entry]] = defaultdict(list)
    for number, record in enumerate(records):
        event = parse(record.value, record.key, topic)
        if record.partition in stopped or isinstance(event, Stop):
            stopped.add(record.partition)
            continue
        clock = clocks[record.partition] = max(record.timestamp, clocks.get(record.partition, record.timestamp))
        if isinstance(event, Event):
            mine = before[event.key]
            old = _region(mine)
            remarks = set(_remarks(event, clock, mine, topic))
            if "double" not in remarks:
                mine.append(Entry(number, clock, record.partition, event))
            if remarks:
                yield clock, _region(mine) or (old if topic == "demand" else None), remarks


def _remarks(event: Event, clock: int, before: list[Entry], topic: str) -> Iterator[str]:
    names = {(each.event.source, each.event.id): each for each in before if clock < each.clock + REMEMBERED}
    if (event.source, event.id) in names:
        yield "double"
        return
    if event.name in CORRECTIONS:
        yield "correction"
        return
    if event.name in HOLD_EVENTS:
        return
    if clock * MS - event.occurred_at > DAY:
        yield "late"
    facts = [each.event for each in before if each.event.name not in (*CORRECTIONS, *HOLD_EVENTS)]
    if any(event.occurred_at < fact.occurred_at for fact in facts):
        yield "disordered"
    if topic == "beds" and event.name == "admission" and _is_oversized(event, before):
        yield "oversized"


def _is_oversized(event: Event, before: list[Entry]) -> bool:
    then = [fact for fact in uncorrected(before) if fact.occurred_at <= event.occurred_at]
    unit: dict[str, Any] | None = declared_units(then).get(event.data["unit"])
    return unit is not None and (event.data["adults"] > unit["max_adults"] or event.data["children"] > unit["max_children"])


def _region(entries: list[Entry]) -> str | None:
    facts = uncorrected(entries)
    registered = registration(facts)
    if registered:
        return str(registered["region"])
    starts = sorted((fact for fact in facts if fact.name in _STARTS), key=lambda fact: (fact.time, fact.id, fact.source))
    return str(starts[-1].data["region"]) if starts else None


def _remarked_events(ask: Ask) -> Parts:
    found = [*remarked(ask.country.beds, "beds"), *remarked(ask.country.demand, "demand")]
    mine = [
        remarks
        for clock, region, remarks in found
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
