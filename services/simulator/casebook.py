"""What the registry must show of demand, kept as plain state: who was searched for, who is put up, who waits, and how each of it ended.

As in `truth.py`, whoever says something also tells what it means, and nothing of the fold is used. Of how something began the last word
counts, of how it ended the earliest end; what was taken back was never so. Milliseconds of the log's clock everywhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["search", "fallback", "entry"]
Name = tuple[Kind, str]
Said = tuple[int, int]
"""When something happened and when it was logged."""


@dataclass(frozen=True, slots=True)
class Began:
    """How something began: in which region, when, and what is shown of it."""

    region: str
    said: Said
    shown: Mapping[str, str | int]


@dataclass(slots=True)
class Case:
    """One search, fallback or entry: all that was said of how it began, by when it was logged, and of how it ended."""

    beginnings: dict[int, Began] = field(default_factory=dict)
    ends: dict[Said, str] = field(default_factory=dict)

    @property
    def began(self) -> Began | None:
        """How it began, by the last word; None where nobody has said so, or all was taken back."""
        return self.beginnings[max(self.beginnings)] if self.beginnings else None

    @property
    def ended(self) -> int | None:
        """When it ended; None while it goes on."""
        return min(self.ends)[0] if self.ends else None

    @property
    def outcome(self) -> str:
        """How it ended, or that it is open."""
        return self.ends[min(self.ends)] if self.ends else "open"


@dataclass(slots=True)
class Casebook:
    """All cases, by kind and id; `open` has those that have begun and not ended."""

    cases: dict[Name, Case] = field(default_factory=dict)
    open: dict[Name, Case] = field(default_factory=dict)

    def began(self, name: Name, began: Began) -> None:
        """Note how something began, perhaps once more and better."""
        self._case(name).beginnings[began.said[1]] = began
        self._settle(name)

    def ended(self, name: Name, said: Said, outcome: str) -> None:
        """Note that something ended, perhaps as somebody else has told already."""
        self._case(name).ends[said] = outcome
        self._settle(name)

    def take_back(self, name: Name, logged: int) -> None:
        """Note that what was logged of it at an instant was never so."""
        case = self._case(name)
        case.beginnings.pop(logged, None)
        case.ends = {said: outcome for said, outcome in case.ends.items() if said[1] != logged}
        self._settle(name)

    def of(self, kind: Kind) -> Iterator[tuple[str, Began, int | None]]:
        """Name each case of a kind that has begun, how, and when it ended."""
        for (its, key), case in self.cases.items():
            if its == kind and (began := case.began):
                yield key, began, case.ended

    def now(self, kind: Kind) -> list[tuple[str, Began]]:
        """List what is open of a kind, the earliest first."""
        found = [(key, began) for (its, key), case in self.open.items() if its == kind and (began := case.began)]
        return sorted(found, key=lambda each: each[1].said)

    def _case(self, name: Name) -> Case:
        return self.cases.setdefault(name, Case())

    def _settle(self, name: Name) -> None:
        case = self.cases[name]
        if case.beginnings and not case.ends:
            self.open[name] = case
        else:
            self.open.pop(name, None)
