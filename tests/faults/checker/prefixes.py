"""The log of beds at each of its prefixes, by the reference fold: what was true of a shelter at an offset and an instant.

Nothing of the services is used: `tests/reference` is a fold of another hand.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Final

from tests.faults.checker.history import BEDS, Logged
from tests.reference.facts import declared_units, is_paused, registration, states_of
from tests.reference.follow import UNKNOWN_AFTER, Hold, steps
from tests.reference.log import Record, read, uncorrected
from tests.reference.parse import Refused, parse

STATES: Final = ("occupied", "closed", "held", "paused", "unknown", "free")


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a hold so far: a granted one is live before `until`."""

    status: str
    unit: str | None
    reason: str | None
    until: int

    def seen(self, now: int) -> str:
        """Return the status that a reader sees at an instant."""
        return "expired" if self.status == "granted" and now >= self.until else self.status


@dataclass(slots=True)
class Step:
    """A shelter as the log has it from an offset on, until its next event."""

    offset: int
    timestamp: int
    registered: dict[str, Any] | None
    declared: dict[str, dict[str, Any]]
    base: dict[str, str]
    """Of each declared unit its state without holds and without age: occupied, closed, paused or free."""
    paused: bool
    heard_of: int | None
    holds: dict[str, Kept]
    _fitting: dict[tuple[int, int], int] = field(default_factory=dict)

    def states(self, now: int) -> dict[str, str]:
        """Return the state of each declared unit at an instant (R7)."""
        held = {hold.unit for hold in self.holds.values() if hold.seen(now) == "granted"}
        unheard = self.heard_of is None or now - self.heard_of >= UNKNOWN_AFTER
        rest = "paused" if self.paused else "unknown" if unheard else "free"
        return {unit: base if base in ("occupied", "closed") else "held" if unit in held else rest for unit, base in self.base.items()}

    def counts(self, now: int, *, overflow: bool) -> dict[str, int]:
        """Count the units at an instant: capacity, and each of the six states."""
        states = [state for unit, state in self.states(now).items() if self.declared[unit]["overflow"] is overflow]
        return {"capacity": len(states)} | {state: states.count(state) for state in STATES}

    def free(self, now: int) -> int:
        """Count the free units of a registered shelter that are not overflow."""
        return self.counts(now, overflow=False)["free"] if self.registered else 0

    def fitting(self, adults: int, children: int, now: int) -> int:
        """Count the free units that take a household without further needs."""
        if self.registered is None or self.paused:
            return 0
        lasting = not any(hold.status == "granted" for hold in self.holds.values())
        if lasting and (adults, children) in self._fitting:
            return self._fitting[adults, children]
        roomy = [unit for unit, each in self.declared.items() if each["max_adults"] >= adults and each["max_children"] >= children]
        states = self.states(now)
        found = sum(states[unit] == "free" and not self.declared[unit]["overflow"] for unit in roomy)
        if lasting:
            self._fitting[adults, children] = found
        return found


@dataclass(slots=True)
class Country:
    """All shelters at every prefix of the log."""

    partitions: dict[int, list[Logged]]
    shelters: dict[str, list[Step]] = field(default_factory=dict)
    inside: dict[int, list[str]] = field(default_factory=dict)
    """The shelters of each partition."""
    refused: dict[int, list[int]] = field(default_factory=dict)
    """Of each partition the offsets of the records that are no events (R13)."""
    repeated: int = 0
    """Records of an event that stood in the log before."""
    _clocks: dict[int, list[int]] = field(default_factory=dict)
    _offsets: dict[int, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, partitions: Mapping[int, Sequence[Logged]]) -> "Country":
        """Fold the log of beds."""
        made = cls({number: list(records) for number, records in partitions.items()})
        for number, records in made.partitions.items():
            made._fold(number, records)
        return made

    def _fold(self, number: int, records: list[Logged]) -> None:
        log = read([Record(each.key, each.value, each.timestamp, number) for each in records])
        first = {entry.position for entries in log.entries.values() for entry in entries}
        others = [record for index, record in enumerate(records) if index not in first]
        self.refused[number] = [each.offset for each in others if isinstance(parse(each.value, each.key, BEDS), Refused)]
        self.repeated += len(others) - len(self.refused[number])
        self.inside[number] = list(log.entries)
        self._offsets[number] = [record.offset for record in records]
        self._clocks[number] = list(accumulate((record.timestamp for record in records), max))
        for shelter, entries in log.entries.items():
            self.shelters[shelter] = list(_steps(shelter, entries, records))

    def at(self, shelter: str, offset: int) -> Step | None:
        """Return a shelter as the log up to an offset has it; None before its first event."""
        found = self.shelters.get(shelter, [])
        index = bisect_right(found, offset, key=_offset)
        return found[index - 1] if index else None

    def clock(self, partition: int, offset: int) -> int:
        """Return the clock of a partition at an offset; 0 before its first record."""
        index = bisect_right(self._offsets.get(partition, []), offset)
        return self._clocks[partition][index - 1] if index else 0

    def end_before(self, partition: int, ms: int) -> int:
        """Return the last offset that was logged before an instant; -1 where there is none."""
        index = bisect_left(self._clocks.get(partition, []), ms)
        return self._offsets[partition][index - 1] if index else -1

    def end_by(self, partition: int, ms: int) -> int:
        """Return the last offset whose clock is not after an instant; -1 where there is none."""
        return self.end_before(partition, ms + 1)

    def between(self, shelter: str, first: int, last: int) -> list[Step]:
        """Return what a shelter was at the first of these offsets, and became up to the last."""
        found = self.shelters[shelter]
        begin, end = (bisect_right(found, offset, key=_offset) for offset in (first, last))
        return found[max(begin - 1, 0) : end]


def _offset(step: Step) -> int:
    return step.offset


def _steps(shelter: str, entries: list[Any], records: list[Logged]) -> Iterator[Step]:
    """Yield a shelter after each of its events."""
    kept: dict[str, Kept] = {}
    for length, (entry, walk) in enumerate(zip(entries, steps(shelter, entries), strict=True), start=1):
        facts = uncorrected(entries[:length])
        holds = {name: _kept(hold) for name, hold in walk.holds.items()}
        kept = kept if holds == kept else holds
        record = records[entry.position]
        yield Step(
            offset=record.offset,
            timestamp=entry.clock,
            registered=registration(facts),
            declared=declared_units(facts),
            base=states_of(facts, set(), unknown=False),
            paused=is_paused(facts),
            heard_of=walk.heard_of,
            holds=kept,
        )


def _kept(hold: Hold) -> Kept:
    return Kept(hold.status, hold.unit, hold.reason, hold.until)
