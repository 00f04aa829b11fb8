"""What became of the holds of a shelter (R10, R11), walked through record by record with the list of the facts that stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.reference.facts import declared_units, is_paused, registration, states_of
from tests.reference.log import Entry, is_corrected, is_fact

if TYPE_CHECKING:
    from tests.reference.parse import Event

HOUR = 3_600_000


@dataclass
class Hold:
    """One hold, from when to when it was live (ms), and how it ended."""

    shelter: str
    start: int
    end: int
    status: str
    unit: str | None = None
    reason: str | None = None
    accepted: int | None = None
    extended: bool = False

    def live(self, clock: int) -> bool:
        """Whether it keeps its unit."""
        return self.status == "granted" and clock < self.end

    def over(self, status: str, clock: int, reason: str | None = None) -> None:
        """End it."""
        self.status, self.end, self.reason = status, clock, reason

    def seen(self, clock: int) -> str:
        """Return its status at a clock."""
        return "expired" if self.status == "granted" and clock >= self.end else self.status


def walk(shelter: str, entries: list[Entry]) -> list[Hold]:
    """Walk through the log of a shelter."""
    holds: dict[str, Hold] = {}
    standing: list[Entry] = []
    for number, entry in enumerate(entries):
        event, clock = entry.event, entry.clock
        if event.name == "hold-requested":
            if event.data["hold"] not in holds:
                holds[event.data["hold"]] = _decided(shelter, [each.event for each in standing], event.data, clock, holds)
        elif not is_fact(event):
            hold = holds.get(event.data["hold"])
            if hold and hold.live(clock):
                _answer(hold, event, clock)
        else:
            _take(standing, entry, entries[: number + 1])
            _settle(holds, [each.event for each in standing], event, clock, stands=bool(standing) and standing[-1] is entry)
    return list(holds.values())


def _take(standing: list[Entry], entry: Entry, so_far: list[Entry]) -> None:
    if entry.event.name == "correction":
        corrects = entry.event.data["corrects"]
        standing[:] = [each for each in standing if (each.event.source, each.event.id) != (corrects["source"], corrects["id"])]
    elif entry.event.name != "count-confirmed" and not is_corrected(entry, [each for each in so_far if each.event.name == "correction"]):
        standing.append(entry)


def _settle(holds: dict[str, Hold], facts: list[Event], event: Event, clock: int, *, stands: bool) -> None:
    if event.name == "admission" and stands:
        named = holds.get(event.data.get("hold", ""))
        if named and named.live(clock):
            named.over("fulfilled", clock)
    live = [hold for hold in holds.values() if hold.live(clock)]
    states = states_of(facts, set(), unknown=False) if live else {}
    for hold in live:
        if states.get(hold.unit or "") in (None, "occupied", "closed"):
            hold.over("overtaken", clock)


def _decided(shelter: str, facts: list[Event], asked: dict[str, Any], clock: int, holds: dict[str, Hold]) -> Hold:
    if registration(facts) is None:
        return Hold(shelter, clock, clock, "refused", reason="unknown_shelter")
    if is_paused(facts):
        return Hold(shelter, clock, clock, "refused", reason="intake_paused")
    kept = {hold.unit for hold in holds.values() if hold.unit and hold.live(clock)}
    states = states_of(facts, kept, unknown=False)
    fitting = [
        (unit["max_adults"] + unit["max_children"], name)
        for name, unit in declared_units(facts).items()
        if states[name] == "free"
        and not unit["overflow"]
        and unit["max_adults"] >= asked["adults"]
        and unit["max_children"] >= asked["children"]
        and (not asked["kinds"] or unit["kind"] in asked["kinds"])
        and set(asked["features"]) <= set(unit["features"])
    ]
    if not fitting:
        return Hold(shelter, clock, clock, "refused", reason="no_free_unit")
    return Hold(shelter, clock, clock + asked["ttl_seconds"] * 1_000, "granted", unit=min(fitting)[1])


def _answer(hold: Hold, event: Event, clock: int) -> None:
    match event.name:
        case "hold-accepted":
            hold.accepted = clock if hold.accepted is None else hold.accepted
            hold.end = max(hold.end, clock + 12 * HOUR)
        case "hold-extended" if not hold.extended:
            hold.extended, hold.end = True, max(hold.end, clock + event.data["ttl_seconds"] * 1_000)
        case "hold-declined":
            hold.over("declined", clock, event.data["reason"])
        case "hold-released":
            hold.over("released", clock)
        case _:
            pass
