"""The fold of demand (contract D1 to D4): each search, fallback and waiting-list entry by itself, from its facts in any order."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, get_args

from services.domain import events as e
from services.domain.names import Names, digest
from services.domain.statements import happened, last, put, recorded

Start = e.SearchMade | e.FallbackStarted | e.WaitingListJoined
End = e.SearchEnded | e.FallbackEnded | e.WaitingListLeft
Kind = Literal["search", "fallback", "entry"]
KINDS: tuple[Kind, ...] = get_args(Kind)
CaseName = tuple[Kind, str]
"""A kind and a key: a search and a fallback may share an id."""


@dataclass(slots=True)
class Case:
    """One search, fallback or entry: what was said of its start and of its end, by name and in the order that counts."""

    key: str
    facts: dict[tuple[str, str], dict[int, e.Event]] = field(default_factory=dict)
    """By name and by offset: a name that comes back after 400 days has two."""
    starts: list[e.Event] = field(default_factory=list)
    ends: list[e.Event] = field(default_factory=list)

    @property
    def start(self) -> e.Event | None:
        """Of several starts the last by `(time, id, source)` counts (D2); None when only its end is known."""
        return last(self.starts)

    @property
    def end(self) -> e.Event | None:
        """Of several ends the first by `(occurred_at, time, id, source)` counts, also when it came first (D3)."""
        return self.ends[0] if self.ends else None

    @property
    def open(self) -> bool:
        """Started and not ended."""
        return bool(self.starts) and not self.ends

    def keep(self, event: e.Event, offset: int) -> None:
        """Take a fact in."""
        self.facts.setdefault(event.name, {})[offset] = event
        self._put(event, keep=True)

    def correct(self, name: tuple[str, str]) -> Iterable[int]:
        """Take every fact of that name out (D4, as R12); return their offsets."""
        dropped = self.facts.pop(name, {})
        for event in dropped.values():
            self._put(event, keep=False)
        return dropped

    def _put(self, event: e.Event, *, keep: bool) -> None:
        if isinstance(event.data, Start):
            put(self.starts, event, keep=keep, by=recorded)
        else:
            put(self.ends, event, keep=keep, by=happened)


def case_kind(event: e.Event) -> Kind:
    """Tell which kind of case an event starts or ends: search, fallback or entry."""
    match event.data:
        case e.SearchMade() | e.SearchEnded():
            return "search"
        case e.FallbackStarted() | e.FallbackEnded():
            return "fallback"
        case _:
            return "entry"


@dataclass(slots=True)
class DemandChanges:
    """What some events have changed, for whoever keeps it: facts by offset, offsets that went, cases."""

    kept: dict[int, e.Event] = field(default_factory=dict)
    dropped: set[int] = field(default_factory=set)
    cases: dict[CaseName, None] = field(default_factory=dict)


@dataclass(slots=True)
class DemandRegistry:
    """The state of one partition of `plek.demand-events`: its clock (ms), names, cases, dead letters."""

    clock: int = 0
    seen: Names = field(default_factory=Names)
    corrected: Names = field(default_factory=Names)
    cases: dict[CaseName, Case] = field(default_factory=dict)
    dead_letters: int = 0
    changes: DemandChanges = field(default_factory=DemandChanges)

    def hear(self, timestamp: int) -> int:
        """Advance the clock of the partition by a record's broker timestamp (ms), valid or not; it never goes back."""
        self.clock = max(self.clock, timestamp)
        return self.clock

    def refuse(self) -> None:
        """Count a dead letter; each copy counts (R13) and no name is used up (D1)."""
        self.dead_letters += 1

    def take(self, event: e.Event, key: str, offset: int) -> list[CaseName]:
        """Fold a valid event of a key at its offset; return the cases it changed, none when its name was seen before (D1)."""
        name = digest(key, event.source, event.id)
        if self.seen.known(name, self.clock):
            return []
        self.seen.add(name, self.clock)
        if isinstance(event.data, e.DemandCorrection):
            return self._correct(key, event.data.corrects)
        return [] if self.corrected.known(name, self.clock) else [self._keep(event, key, offset)]

    def take_changes(self) -> DemandChanges:
        """Hand over what has changed since the last call."""
        taken, self.changes = self.changes, DemandChanges()
        return taken

    def _keep(self, event: e.Event, key: str, offset: int) -> CaseName:
        named: CaseName = (case_kind(event), key)
        self.cases.setdefault(named, Case(key)).keep(event, offset)
        self.changes.kept[offset] = event
        self.changes.cases[named] = None
        return named

    def _correct(self, key: str, corrects: e.Named) -> list[CaseName]:
        self.corrected.add(digest(key, corrects.source, corrects.id), self.clock)
        named: list[CaseName] = [(kind, key) for kind in KINDS]
        return [name for name in named if self._take_out(name, (corrects.source, corrects.id))]

    def _take_out(self, named: CaseName, name: tuple[str, str]) -> bool:
        case = self.cases.get(named)
        dropped = list(case.correct(name)) if case else []
        if case and not case.facts:
            del self.cases[named]
        for offset in dropped:
            if self.changes.kept.pop(offset, None) is None:  # a fact that came and went between two writes was never there
                self.changes.dropped.add(offset)
        if dropped:
            self.changes.cases[named] = None
        return bool(dropped)


def load_cases(facts: Iterable[tuple[int, e.Event]]) -> dict[CaseName, Case]:
    """Build the cases from their facts by offset."""
    cases: dict[CaseName, Case] = {}
    for offset, event in sorted(facts, key=lambda kept: kept[0]):
        key = e.demand_key(event.data) or ""  # type: ignore[arg-type]  # only starts and ends are kept
        cases.setdefault((case_kind(event), key), Case(key)).keep(event, offset)
    return cases
