"""What a log of shelter events means: R1 to R14, worked out from the list of uncorrected facts whenever it is asked.

Nothing is kept between two steps but the holds, the discrepancy and "last heard of": the three that follow the order of the log (R2).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tests.reference.log import HOUR, Entry, Log, Record, is_corrected, is_fact, read, uncorrected
from tests.reference.parse import REGIONS, Event, instant

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

STATES: Final = ("occupied", "closed", "held", "paused", "unknown", "free")
UNKNOWN_AFTER: Final = 24 * HOUR  # R9
ACCEPTED_FOR: Final = 12 * HOUR  # R11

__all__ = ["Record", "as_it_was", "instant", "known_by", "result", "stopped", "units"]


@dataclass
class Hold:
    """R10, R11: a hold, decided by the log; whether a granted one has expired is seen at a clock."""

    status: str
    unit: str | None = None
    reason: str | None = None
    until: int = 0
    extended: bool = False

    def live(self, clock: int) -> bool:
        """Whether it keeps its unit at that instant."""
        return self.status == "granted" and clock < self.until

    def seen(self, now: int) -> dict[str, Any]:
        """Show it as a reader sees it at that instant."""
        status = "expired" if self.status == "granted" and not self.live(now) else self.status
        return {"status": status, "unit": self.unit, "reason": self.reason}


@dataclass
class Walk:
    """What follows the order of the log of one shelter."""

    holds: dict[str, Hold] = field(default_factory=dict)
    discrepancy: dict[str, int] | None = None
    heard_of: int | None = None


# --- the four questions -------------------------------------------------------------------------------------------------------------


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
        found[shelter] = _states(uncorrected(entries), _held(walk, now), unknown=_unheard(walk, now))
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
    states = _states(facts, _held(walk, now), unknown=ignorance and _unheard(walk, now))
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


# --- what the facts say, in whatever order they came (R2) ---------------------------------------------------------------------------


def recorded(event: Event) -> tuple[int, str, str]:
    """R5: the order of the last statement."""
    return event.time, event.id, event.source


def happened(event: Event) -> tuple[int, int, str, str]:
    """R3, R5: the order of what really happened."""
    return event.occurred_at, event.time, event.id, event.source


def of(facts: list[Event], *names: str, **members: str) -> list[Event]:
    """Return the facts of these types whose data hold these members."""
    return [fact for fact in facts if fact.name in names and all(fact.data.get(member) == value for member, value in members.items())]


def registration(facts: list[Event]) -> dict[str, Any] | None:
    """R5: the last registration."""
    said = sorted(of(facts, "shelter-registered"), key=recorded)
    return said[-1].data if said else None


def declared_units(facts: list[Event]) -> dict[str, dict[str, Any]]:
    """R5: the units whose last statement is a declaration, and that declaration, by byte order of their id."""
    last = {fact.data["unit"]: fact for fact in sorted(of(facts, "unit-declared", "unit-withdrawn"), key=recorded)}
    return {unit: last[unit].data for unit in sorted(last) if last[unit].name == "unit-declared"}


def unit_of(facts: list[Event], stay: str) -> str | None:
    """R3: the unit of a stay, present or not: that of the latest of its admissions and transfers."""
    moves = sorted(of(facts, "admission", "transfer", stay=stay), key=happened)
    if not moves:
        return None
    last = moves[-1].data
    return str(last["unit"] if "unit" in last else last["to_unit"])


def present(facts: list[Event]) -> dict[str, str]:
    """R3, R4: the stays with an admission and no discharge, and their units."""
    admitted = {fact.data["stay"] for fact in of(facts, "admission")}
    discharged = {fact.data["stay"] for fact in of(facts, "discharge")}
    return {stay: unit_of(facts, stay) or "" for stay in sorted(admitted - discharged)}


def closed_units(facts: list[Event]) -> set[str]:
    """R5, R6: the units whose last statement is a closing; a discharge that leaves the unit unready is one, of its stay's unit."""
    said = [(happened(fact), fact.data["unit"], fact.name == "unit-closed") for fact in of(facts, "unit-closed", "unit-reopened")]
    for fact in of(facts, "discharge"):
        unit = unit_of(facts, fact.data["stay"])
        if fact.data.get("unit_ready") is False and unit is not None:
            said.append((happened(fact), unit, True))
    last = {unit: closing for _, unit, closing in sorted(said, key=lambda statement: statement[0])}
    return {unit for unit, closing in last.items() if closing}


def is_paused(facts: list[Event]) -> bool:
    """R5: the last of pause and resumption is a pause."""
    said = sorted(of(facts, "intake-paused", "intake-resumed"), key=happened)
    return bool(said) and said[-1].name == "intake-paused"


def double_occupied(facts: list[Event]) -> list[str]:
    """R8: the units, declared or not, with two stays present."""
    taken = list(present(facts).values())
    return sorted({unit for unit in taken if taken.count(unit) > 1})


def undeclared_units(facts: list[Event]) -> list[str]:
    """R8: the units that are not declared and have a stay."""
    return sorted(set(present(facts).values()) - declared_units(facts).keys())


def _states(facts: list[Event], held: set[str], *, unknown: bool) -> dict[str, str]:
    """R7: of each declared unit the first state that fits."""
    occupied, closed, paused = set(present(facts).values()), closed_units(facts), is_paused(facts)
    rest = "paused" if paused else "unknown" if unknown else "free"
    return {
        unit: "occupied" if unit in occupied else "closed" if unit in closed else "held" if unit in held else rest
        for unit in declared_units(facts)
    }


# --- what follows the order of the log (R9 to R11, and the discrepancy of R8) --------------------------------------------------------


def follow(shelter: str, entries: list[Entry]) -> Walk:
    """Walk the log of one shelter; at every step the state is worked out anew from the facts so far."""
    walk = Walk()
    for length, entry in enumerate(entries, start=1):
        so_far = entries[:length]
        if entry.event.name == "hold-requested":
            _decide(walk, uncorrected(so_far), entry)
        elif not is_fact(entry.event):
            _answer(walk, entry)
        else:
            _take_fact(walk, shelter, so_far)
    return walk


def _take_fact(walk: Walk, shelter: str, so_far: list[Entry]) -> None:
    """Take the last of these entries, a fact."""
    entry, facts = so_far[-1], uncorrected(so_far)
    if entry.event.source.startswith(f"urn:plek:shelter:{shelter}:"):
        walk.heard_of = entry.clock
    if entry.event.name == "count-confirmed":
        _compare(walk, facts, entry.event)
    if entry.event.name == "admission" and not is_corrected(entry, so_far):
        _fulfil(walk, entry)
    _overtake(walk, facts, entry.clock)


def _compare(walk: Walk, facts: list[Event], event: Event) -> None:
    """R8: a number counted by hand against the units that are neither occupied nor closed, overflow left out."""
    states, declared = _states(facts, set(), unknown=False), declared_units(facts)
    computed = sum(state in ("free", "paused") for unit, state in states.items() if not declared[unit]["overflow"])
    reported = event.data.get("free")
    walk.discrepancy = None if reported in (None, computed) else {"reported": reported, "computed": computed}


def _fulfil(walk: Walk, entry: Entry) -> None:
    """R11: an admission that names a live hold ends it, in whichever unit the stay lands."""
    hold = walk.holds.get(entry.event.data.get("hold", ""))
    if hold and hold.live(entry.clock):
        hold.status = "fulfilled"


def _overtake(walk: Walk, facts: list[Event], clock: int) -> None:
    """R11: a live hold whose unit is now occupied, closed or no longer declared is over for good."""
    states = _states(facts, set(), unknown=False)
    for hold in walk.holds.values():
        if hold.live(clock) and states.get(hold.unit or "") in (None, "occupied", "closed"):
            hold.status = "overtaken"


def _decide(walk: Walk, facts: list[Event], entry: Entry) -> None:
    """R10: the first request of a hold is decided where it stands in the log."""
    request = entry.event.data
    if request["hold"] in walk.holds:
        return
    unit = _best(facts, _held(walk, entry.clock), request)
    if registration(facts) is None:
        hold = Hold("refused", reason="unknown_shelter")
    elif is_paused(facts):
        hold = Hold("refused", reason="intake_paused")
    elif unit is None:
        hold = Hold("refused", reason="no_free_unit")
    else:
        hold = Hold("granted", unit, until=entry.clock + request["ttl_seconds"] * 1_000)
    walk.holds[request["hold"]] = hold


def _best(facts: list[Event], held: set[str], request: dict[str, Any]) -> str | None:
    """R10: of the free units that take the household the smallest, then the one with the lowest id."""
    states = _states(facts, held, unknown=False)
    fitting = [
        (declared["max_adults"] + declared["max_children"], unit)
        for unit, declared in declared_units(facts).items()
        if states[unit] == "free" and not declared["overflow"] and _takes(declared, request)
    ]
    return min(fitting)[1] if fitting else None


def _takes(declared: dict[str, Any], request: dict[str, Any]) -> bool:
    roomy = declared["max_adults"] >= request["adults"] and declared["max_children"] >= request["children"]
    wanted = not request["kinds"] or declared["kind"] in request["kinds"]
    return roomy and wanted and set(request["features"]) <= set(declared["features"])


def _answer(walk: Walk, entry: Entry) -> None:
    """R11: what happens to a live hold; for one that is over, or not yet requested, nothing."""
    data, clock = entry.event.data, entry.clock
    hold = walk.holds.get(data["hold"])
    if hold is None or not hold.live(clock):
        return
    if entry.event.name == "hold-accepted":
        hold.until = max(hold.until, clock + ACCEPTED_FOR)
    elif entry.event.name == "hold-extended" and not hold.extended:
        hold.extended = True
        hold.until = max(hold.until, clock + data["ttl_seconds"] * 1_000)
    elif entry.event.name in ("hold-declined", "hold-released"):
        hold.status = entry.event.name.removeprefix("hold-")


def _held(walk: Walk, clock: int) -> set[str]:
    return {hold.unit for hold in walk.holds.values() if hold.unit and hold.live(clock)}


def _unheard(walk: Walk, now: int) -> bool:
    """R9: 24 hours ago is already too long, and so is never."""
    return walk.heard_of is None or now - walk.heard_of >= UNKNOWN_AFTER
