"""The fold of demand (contract D1 to D4): each search, fallback and waiting-list entry by itself, from its facts in any order."""

from dataclasses import dataclass, field

from services.domain import events as e
from services.domain.names import Names, digest
from services.domain.statements import happened, last, put, recorded

Start = e.SearchMade | e.FallbackStarted | e.WaitingListJoined
End = e.SearchEnded | e.FallbackEnded | e.WaitingListLeft


@dataclass(slots=True)
class Case:
    """One search, fallback or entry: what was said of its start and of its end, by name and in the order that counts."""

    key: str
    facts: dict[tuple[str, str], list[e.Event]] = field(default_factory=dict)
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

    def put(self, event: e.Event, *, keep: bool) -> None:
        """Take a fact in, or out again."""
        if isinstance(event.data, Start):
            put(self.starts, event, keep=keep, by=recorded)
        else:
            put(self.ends, event, keep=keep, by=happened)

    def correct(self, name: tuple[str, str]) -> None:
        """Take every fact of that name out (D4, as R12)."""
        for event in self.facts.pop(name, []):
            self.put(event, keep=False)


def case_kind(event: e.Event) -> str:
    """Tell which kind of case an event belongs to: search, fallback or entry."""
    match event.data:
        case e.SearchMade() | e.SearchEnded():
            return "search"
        case e.FallbackStarted() | e.FallbackEnded():
            return "fallback"
        case _:
            return "entry"


@dataclass(slots=True)
class DemandRegistry:
    """The state of one partition of `plek.demand-events`: its clock (ms), names, cases by (kind, key), dead letters."""

    clock: int = 0
    seen: Names = field(default_factory=Names)
    corrected: Names = field(default_factory=Names)
    cases: dict[tuple[str, str], Case] = field(default_factory=dict)
    dead_letters: int = 0

    def hear(self, timestamp: int) -> int:
        """Advance the clock of the partition by a record's broker timestamp (ms), valid or not; it never goes back."""
        self.clock = max(self.clock, timestamp)
        return self.clock

    def refuse(self) -> None:
        """Count a dead letter; each copy counts (R13) and no name is used up (D1)."""
        self.dead_letters += 1

    def take(self, event: e.Event, key: str) -> bool:
        """Fold a valid event of a key; False when its name was seen before (D1)."""
        name = digest(key, event.source, event.id)
        if self.seen.known(name, self.clock):
            return False
        self.seen.add(name, self.clock)
        if isinstance(event.data, e.DemandCorrection):
            self._correct(key, event.data.corrects)
        elif not self.corrected.known(name, self.clock):
            kind = case_kind(event)
            case = self.cases.setdefault((kind, key), Case(key))
            case.facts.setdefault(event.name, []).append(event)
            case.put(event, keep=True)
        return True

    def _correct(self, key: str, corrects: e.Named) -> None:
        self.corrected.add(digest(key, corrects.source, corrects.id), self.clock)
        for kind in ("search", "fallback", "entry"):
            if case := self.cases.get((kind, key)):
                case.correct((corrects.source, corrects.id))
                if not case.facts:
                    del self.cases[kind, key]
