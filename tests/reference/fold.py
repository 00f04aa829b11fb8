"""The questions to a log of shelter events: the view of now, of what was known and of what was true. R7 and R14.

Nothing is kept between two questions: each is worked out from the whole log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.reference.facts import declared_units, double_occupied, registration, states_of, undeclared_units
from tests.reference.follow import Walk, follow, held, unheard
from tests.reference.log import Log, Record, is_fact, read, uncorrected
from tests.reference.parse import REGIONS, Event

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

STATES: Final = ("occupied", "closed", "held", "paused", "unknown", "free")


def result(records: Sequence[Record], now_ms: int | None = None, regions: Collection[str] = REGIONS) -> dict[str, Any]:
    """Return the view of these records at the reader's now, never below the clock of the partition; the form of `.expected.json`."""
    log = read(records, "beds", regions)
    shelters: dict[str, Any] = {}
    holds: dict[str, Any] = {}
    for shelter, entries in log.entries.items():
        now = _now(log, shelter, now_ms)
        walk = follow(shelter, entries)
        shelters[shelter] = _shown(uncorrected(entries), walk, now, ignorance=True)
        for name, hold in walk.holds.items():
            holds[f"{shelter}/{name}"] = hold.seen(now)
    return {"shelters": shelters, "holds": holds, **_sums(shelters), "dead_letters": log.dead_letters}


def known_by(records: Sequence[Record], k_ms: int, regions: Collection[str] = REGIONS) -> dict[str, Any]:
    """R14: what the records up to clock K said, seen at K."""
    return result(_up_to(records, k_ms), k_ms, regions)


def as_it_was(records: Sequence[Record], t_ms: int, regions: Collection[str] = REGIONS) -> dict[str, Any]:
    """R14: what was true at T after all that is known now, without holds and `unknown`."""
    log = read(records, "beds", regions)
    shelters: dict[str, Any] = {}
    for shelter, entries in log.entries.items():
        by_then = [entry for entry in entries if is_fact(entry.event) and entry.event.occurred_at <= t_ms * 1_000_000]
        if by_then:
            past = [entry for entry in entries if entry in by_then or entry.event.name == "correction"]
            shelters[shelter] = _shown(uncorrected(past), follow(shelter, past), 0, ignorance=False)
    return {"shelters": shelters, **_sums(shelters)}


def units(records: Sequence[Record], now_ms: int | None = None, regions: Collection[str] = REGIONS) -> dict[str, dict[str, str]]:
    """Return of each shelter the state of each declared unit (R7): finer than counts, to find where two folds part."""
    log = read(records, "beds", regions)
    found = {}
    for shelter, entries in log.entries.items():
        now = _now(log, shelter, now_ms)
        walk = follow(shelter, entries)
        found[shelter] = states_of(uncorrected(entries), held(walk, now), unknown=unheard(walk, now))
    return found


def stopped(records: Sequence[Record], regions: Collection[str] = REGIONS) -> dict[int, int]:
    """Return of each partition that stopped the index of the record that stopped it (R13)."""
    return read(records, "beds", regions).stopped


def _now(log: Log, shelter: str, now_ms: int | None) -> int:
    clock = log.clocks[log.partitions[shelter]]
    return clock if now_ms is None else max(now_ms, clock)


def _up_to(records: Sequence[Record], k_ms: int) -> list[Record]:
    """Return the records of each partition until its clock passes K."""
    passed: set[int] = set()
    kept = []
    for record in records:
        if record.timestamp > k_ms:
            passed.add(record.partition)
        if record.partition not in passed:
            kept.append(record)
    return kept


# --- what is shown ------------------------------------------------------------------------------------------------------------------


def _shown(facts: list[Event], walk: Walk, now: int, *, ignorance: bool) -> dict[str, Any]:
    """Show one shelter: its region, its counts, its overflow counted apart, its anomalies."""
    declared = declared_units(facts)
    states = states_of(facts, held(walk, now), unknown=ignorance and unheard(walk, now))
    registered = registration(facts)
    return {
        "region": registered and registered["region"],
        "counts": _count(state for unit, state in states.items() if not declared[unit]["overflow"]),
        "overflow": _count(state for unit, state in states.items() if declared[unit]["overflow"]),
        "anomalies": {
            "double_occupied": double_occupied(facts),
            "undeclared_unit": undeclared_units(facts),
            "discrepancy": walk.discrepancy,
        },
    }


def _count(states: Iterable[str]) -> dict[str, int]:
    """R7: capacity is the sum of the six."""
    found = list(states)
    return {"capacity": len(found)} | {state: found.count(state) for state in STATES}


def _sums(shelters: dict[str, Any]) -> dict[str, Any]:
    """R7: only registered shelters are in a region's and in the nation's counts."""
    registered = [shelter for shelter in shelters.values() if shelter["region"] is not None]
    codes = sorted({shelter["region"] for shelter in registered})
    regions = {code: _sum([shelter["counts"] for shelter in registered if shelter["region"] == code]) for code in codes}
    return {"regions": regions, "national": _sum([shelter["counts"] for shelter in registered])}


def _sum(counts: list[dict[str, int]]) -> dict[str, int]:
    return {part: sum(count[part] for count in counts) for part in ("capacity", *STATES)}
