"""What the registry must show of demand, kept as plain state: searches, fallbacks and entries of waiting lists, and how each ended.

As in `beds.py`, the actor that logs an event also records here what it means, and nothing of the fold is used. The last statement counts
of how a case began, the earliest end of how it ended; what was taken back was never so. Milliseconds of the log's clock everywhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

CaseKind = Literal["search", "fallback", "entry"]
CaseName = tuple[CaseKind, str]
EventTimes = tuple[int, int]
"""When something occurred and when it was logged, in that order of precedence."""


@dataclass(frozen=True, slots=True)
class CaseStart:
    """How a case began: in which region, when, and what is shown of it."""

    region: str
    times: EventTimes
    shown: Mapping[str, Any]


@dataclass(slots=True)
class TrueCase:
    """One search, fallback or entry: its starts by when each was logged, and the outcomes that were logged for it."""

    starts: dict[int, CaseStart] = field(default_factory=dict)
    ends: dict[EventTimes, str] = field(default_factory=dict)

    @property
    def start(self) -> CaseStart | None:
        """How it began, by the last statement; None where there is none, or all were taken back."""
        return self.starts[max(self.starts)] if self.starts else None

    @property
    def ended(self) -> int | None:
        """When it ended; None while it goes on."""
        return min(self.ends)[0] if self.ends else None

    @property
    def outcome(self) -> str:
        """How it ended, or `open`."""
        return self.ends[min(self.ends)] if self.ends else "open"


@dataclass(slots=True)
class DemandTruth:
    """All cases, by kind and id; `open` has those that have begun and not ended."""

    cases: dict[CaseName, TrueCase] = field(default_factory=dict)
    open: dict[CaseName, TrueCase] = field(default_factory=dict)

    def record_start(self, name: CaseName, start: CaseStart) -> None:
        """Record how a case began; a later statement replaces an earlier one."""
        self._case(name).starts[start.times[1]] = start
        self._update_open(name)

    def record_end(self, name: CaseName, times: EventTimes, outcome: str) -> None:
        """Record that a case ended; it may have ended before."""
        self._case(name).ends[times] = outcome
        self._update_open(name)

    def retract(self, name: CaseName, logged: int) -> None:
        """Remove what was logged of a case at an instant."""
        case = self._case(name)
        case.starts.pop(logged, None)
        case.ends = {times: outcome for times, outcome in case.ends.items() if times[1] != logged}
        self._update_open(name)

    def started(self, kind: CaseKind) -> Iterator[tuple[str, CaseStart, int | None]]:
        """Yield the id of each case of a kind that has begun, its start, and when it ended."""
        for (case_kind, key), case in self.cases.items():
            if case_kind == kind and (start := case.start):
                yield key, start, case.ended

    def open_cases(self, kind: CaseKind) -> list[tuple[str, CaseStart]]:
        """List what is open of a kind, the earliest first."""
        cases = [(key, start) for (case_kind, key), case in self.open.items() if case_kind == kind and (start := case.start)]
        return sorted(cases, key=lambda case: case[1].times)

    def _case(self, name: CaseName) -> TrueCase:
        return self.cases.setdefault(name, TrueCase())

    def _update_open(self, name: CaseName) -> None:
        case = self.cases[name]
        if case.starts and not case.ends:
            self.open[name] = case
        else:
            self.open.pop(name, None)
