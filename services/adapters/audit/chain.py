"""Law: a record that is gone, changed, moved or put in shows, for the next one no longer fits. Pure: records in, the first break out.

A chain is what one program wrote between two troubles. Its first record goes on from a record of another chain, so that all of them hang
together; only those that began within a minute of the log itself may go on from nothing. What cannot be seen from the log alone is that
its very end is missing: for that an auditor keeps a head, and gives it the next time.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from services.adapters.audit.records import Link, before_of, link_of

# Programs that start together on an empty log find nothing to go on from.
_TOGETHER_MS: Final = 60_000
# A chain goes on from the record that was last when its writer looked: others write on in the meantime, but not this much.
_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A record as it stands in the log; `time` is that of the broker (ms)."""

    offset: int
    time: int
    value: bytes


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where the log does not hold together, and how."""

    offset: int
    how: str


@dataclass(frozen=True, slots=True)
class Head:
    """An offset and the hash of its record, as an auditor notes it."""

    offset: int
    hash: str


@dataclass(slots=True)
class Checker:
    """Takes the records of a log from its beginning, in order, and tells what does not fit. `heads` are those noted before."""

    heads: dict[int, str] = field(default_factory=dict)
    next_offset: int = 0
    records: int = 0
    head: Head | None = None
    _began: int | None = None
    _ends: dict[str, Link] = field(default_factory=dict)
    _recent: OrderedDict[tuple[str, int], str] = field(default_factory=OrderedDict)

    @property
    def chains(self) -> int:
        """How many chains there are."""
        return len(self._ends)

    def take(self, kept: Kept) -> Break | None:
        """Check the next record."""
        how = self._gap(kept) or self._wrong(kept)
        if how:
            return Break(kept.offset, how)
        self._remember(kept)
        return None

    def finish(self) -> Break | None:
        """Say whether the end is missing, as far as it is known where it was."""
        missing = sorted(offset for offset in self.heads if offset >= self.next_offset)
        return Break(missing[0], "the log ends before a head that was noted") if missing else None

    def _gap(self, kept: Kept) -> str | None:
        if kept.offset == self.next_offset:
            return None
        return f"records are missing: the one before stands at {self.next_offset - 1}" if self.next_offset else "the beginning is missing"

    def _wrong(self, kept: Kept) -> str | None:
        try:
            link, before = link_of(kept.value), before_of(kept.value)
        except ValueError:
            return "not a record of the audit log"
        if self.heads.get(kept.offset, link.hash) != link.hash:
            return "another record than the one that was noted"
        return self._first(kept, link, before) if link.number == 0 else self._next(link, before)

    def _first(self, kept: Kept, link: Link, before: Link | None) -> str | None:
        if link.chain in self._ends:
            return "a chain begins a second time"
        if before is None:
            began = kept.time if self._began is None else self._began
            return None if kept.time - began <= _TOGETHER_MS else "a chain goes on from nothing"
        if self._recent.get((before.chain, before.number)) == before.hash:
            return None
        end = self._ends.get(before.chain)
        return None if end == before else "a chain goes on from a record that is missing or was changed"

    def _next(self, link: Link, before: Link | None) -> str | None:
        end = self._ends.get(link.chain)
        if end is None:
            return "the beginning of its chain is missing"
        if link.number != end.number + 1:
            return "records of its chain are missing" if link.number > end.number else "a record stands out of its order"
        return None if before == end else "the record before it in its chain was changed"

    def _remember(self, kept: Kept) -> None:
        link = link_of(kept.value)
        self._began = kept.time if self._began is None else self._began
        self._ends[link.chain] = link
        self._recent[link.chain, link.number] = link.hash
        if len(self._recent) > _REMEMBERED:
            self._recent.popitem(last=False)
        self.next_offset, self.records = kept.offset + 1, self.records + 1
        self.head = Head(kept.offset, link.hash)
