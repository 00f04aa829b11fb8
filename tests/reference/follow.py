"""What follows the order of the log of a shelter: holds, discrepancy, last heard of. R8 to R11.

At every step the state is worked out anew from the list of uncorrected facts so far.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tests.reference.facts import declared_units, is_paused, registration, states_of
from tests.reference.log import HOUR, Entry, is_corrected, is_fact, uncorrected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.reference.parse import Event

UNKNOWN_AFTER: Final = 24 * HOUR  # R9
ACCEPTED_FOR: Final = 12 * HOUR  # R11


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


def follow(shelter: str, entries: list[Entry]) -> Walk:
    """Walk the log of one shelter to its end."""
    walks = list(steps(shelter, entries))
    return walks[-1] if walks else Walk()


def steps(shelter: str, entries: list[Entry]) -> Iterator[Walk]:
    """Walk the log of one shelter, and yield the same walk after each entry; the state is worked out anew from the facts so far."""
    walk = Walk()
    for length, entry in enumerate(entries, start=1):
        so_far = entries[:length]
        if entry.event.name == "hold-requested":
            _decide(walk, uncorrected(so_far), entry)
        elif not is_fact(entry.event):
            _answer(walk, entry)
        else:
            _take_fact(walk, shelter, so_far)
        yield walk


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
    states, declared = states_of(facts, set(), unknown=False), declared_units(facts)
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
    states = states_of(facts, set(), unknown=False)
    for hold in walk.holds.values():
        if hold.live(clock) and states.get(hold.unit or "") in (None, "occupied", "closed"):
            hold.status = "overtaken"


def _decide(walk: Walk, facts: list[Event], entry: Entry) -> None:
    """R10: the first request of a hold is decided where it stands in the log."""
    request = entry.event.data
    if request["hold"] in walk.holds:
        return
    unit = _best(facts, held(walk, entry.clock), request)
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
    states = states_of(facts, held, unknown=False)
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


def held(walk: Walk, clock: int) -> set[str]:
    """Return the units of the holds that are live at that instant."""
    return {hold.unit for hold in walk.holds.values() if hold.unit and hold.live(clock)}


def unheard(walk: Walk, now: int) -> bool:
    """R9: 24 hours ago is already too long, and so is never."""
    return walk.heard_of is None or now - walk.heard_of >= UNKNOWN_AFTER
