"""The fold of demand (contract D1 to D4): each search, fallback and waiting-list entry by itself, from its facts in any order."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, assert_never, get_args

from services.domain.beds.event_ids import SeenIds, digest
from services.domain.beds.last_write_wins import Statement, insert_sorted, occurred, recorded
from services.domain.events import catalog as e

Kind = Literal["search", "fallback", "entry"]
KINDS: tuple[Kind, ...] = get_args(Kind)
CaseName = tuple[Kind, str]
"""A kind and a key: a search and a fallback may share an id."""


@dataclass(slots=True)
class Case:
    """One search, fallback or entry: the statements of its start and of its end, each list in the order that counts."""

    key: str
    facts: dict[tuple[str, str], dict[int, e.Event]] = field(default_factory=dict)
    """By event name and by offset: a name that comes back after 400 days has two."""
    starts: list[Statement[e.CaseStart]] = field(default_factory=list)
    ends: list[Statement[e.CaseEnd]] = field(default_factory=list)

    @property
    def start(self) -> Statement[e.CaseStart] | None:
        """Of several starts the last by `(time, id, source)` counts (D2); None when only its end is known."""
        return self.starts[-1] if self.starts else None

    @property
    def end(self) -> Statement[e.CaseEnd] | None:
        """Of several ends the first by `(occurred_at, time, id, source)` counts, also when it came first (D3)."""
        return self.ends[0] if self.ends else None

    @property
    def open(self) -> bool:
        """Whether it has started and not ended."""
        return bool(self.starts) and not self.ends

    def add(self, event: e.Event, fact: e.CaseFact, offset: int) -> None:
        """Add a fact, the data of `event`, logged at `offset`."""
        self.facts.setdefault(event.name, {})[offset] = event
        self._index(event, fact, keep=True)

    def remove(self, name: tuple[str, str]) -> Iterable[int]:
        """Remove every fact of that name (D4, as R12); return their offsets."""
        removed = self.facts.pop(name, {})
        for event in removed.values():
            self._index(event, case_fact(event), keep=False)
        return removed

    def _index(self, event: e.Event, fact: e.CaseFact, *, keep: bool) -> None:
        match fact:
            case e.SearchMade() | e.SearchMadeSealed() | e.FallbackStarted() | e.FallbackStartedSealed() | e.WaitingListJoined():
                insert_sorted(self.starts, recorded(event, fact), keep=keep)  # D2
            case e.SearchEnded() | e.FallbackEnded() | e.WaitingListLeft():
                insert_sorted(self.ends, occurred(event, fact), keep=keep)  # D3
            case _:
                assert_never(fact)


def case_fact(event: e.Event) -> e.CaseFact:
    """Return the data of an event that starts or ends a case; AssertionError for any other event."""
    if not isinstance(event.data, e.CaseFact):
        raise AssertionError("neither the start nor the end of a case")  # noqa: TRY004 - a fault of the caller, not a wrong type
    return event.data


def case_kind(fact: e.CaseFact) -> Kind:
    """Return which kind of case a fact starts or ends."""
    match fact:
        case e.SearchMade() | e.SearchMadeSealed() | e.SearchEnded():
            return "search"
        case e.FallbackStarted() | e.FallbackStartedSealed() | e.FallbackEnded():
            return "fallback"
        case e.WaitingListJoined() | e.WaitingListLeft():
            return "entry"
        case _:
            assert_never(fact)


@dataclass(slots=True)
class DemandChanges:
    """What a batch has changed and the view must still store: facts by offset, names of cases."""

    facts_added: dict[int, e.Event] = field(default_factory=dict)
    facts_removed: set[int] = field(default_factory=set)
    cases: dict[CaseName, None] = field(default_factory=dict)


@dataclass(slots=True)
class DemandState:
    """The state of one partition of `plek.demand-events`: its clock (ms), names, cases, dead letters."""

    clock: int = 0
    seen: SeenIds = field(default_factory=SeenIds)
    corrected: SeenIds = field(default_factory=SeenIds)
    cases: dict[CaseName, Case] = field(default_factory=dict)
    dead_letters: int = 0
    changes: DemandChanges = field(default_factory=DemandChanges)

    def advance_clock(self, timestamp: int) -> int:
        """Advance the clock of the partition by a record's broker timestamp (ms), valid or not; it never goes back."""
        self.clock = max(self.clock, timestamp)
        return self.clock

    def count_dead_letter(self) -> None:
        """Count a dead letter: each copy counts (R13), and no name is used up (D1)."""
        self.dead_letters += 1

    def apply(self, event: e.Event, key: str, offset: int) -> list[CaseName]:
        """Fold a valid event of a key at its offset; return the cases it changed, none when its name was seen before (D1)."""
        name = digest(key, event.source, event.id)
        if self.seen.contains(name, self.clock):
            return []
        self.seen.add(name, self.clock)
        if isinstance(event.data, e.DemandCorrection):
            return self._correct(key, event.data.corrects)
        return [] if self.corrected.contains(name, self.clock) else [self._add(event, key, offset)]  # D4: also when it comes first

    def drain_changes(self) -> DemandChanges:
        """Return what has changed since the last call."""
        drained, self.changes = self.changes, DemandChanges()
        return drained

    def _add(self, event: e.Event, key: str, offset: int) -> CaseName:
        fact = case_fact(event)
        case: CaseName = (case_kind(fact), key)
        self.cases.setdefault(case, Case(key)).add(event, fact, offset)
        self.changes.facts_added[offset] = event
        self.changes.cases[case] = None
        return case

    def _correct(self, key: str, corrects: e.Named) -> list[CaseName]:
        self.corrected.add(digest(key, corrects.source, corrects.id), self.clock)
        cases: list[CaseName] = [(kind, key) for kind in KINDS]
        return [case for case in cases if self._remove(case, (corrects.source, corrects.id))]

    def _remove(self, name: CaseName, event_name: tuple[str, str]) -> bool:
        case = self.cases.get(name)
        removed = list(case.remove(event_name)) if case else []
        if case and not case.facts:
            del self.cases[name]
        for offset in removed:
            if self.changes.facts_added.pop(offset, None) is None:  # a fact added and removed between two writes is not stored
                self.changes.facts_removed.add(offset)
        if removed:
            self.changes.cases[name] = None
        return bool(removed)


def load_cases(facts: Iterable[tuple[int, e.Event]]) -> dict[CaseName, Case]:
    """Return the cases from their facts by offset."""
    cases: dict[CaseName, Case] = {}
    for offset, event in sorted(facts, key=lambda fact: fact[0]):
        fact = case_fact(event)
        key = e.demand_key(fact) or ""
        cases.setdefault((case_kind(fact), key), Case(key)).add(event, fact, offset)
    return cases
