"""Verifies the audit log: a record that was removed, changed, moved or inserted breaks a chain. Pure: records in, the first break out.

A chain is what one program wrote between two failures. Its first record continues a record of another chain, so that all are connected;
only a chain that began within a minute of the log itself may continue none. The log alone does not show that its very end is missing: an
auditor keeps a head for that, and passes it to the next verification.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from services.adapters.audit.records import Link, before_of, link_of
from services.domain.durations import MINUTE_MS

# Programs that start together on an empty log find no record to continue.
_TOGETHER_MS: Final = MINUTE_MS
# A chain continues the record that was last when its writer read it: other programs write meanwhile, after an outage all entries that they
# have on disk, but not so many.
_RECENT: Final = 100_000


@dataclass(frozen=True, slots=True)
class ChainLink:
    """A record of the log; `time` is that of the broker (ms)."""

    offset: int
    time: int
    value: bytes


@dataclass(frozen=True, slots=True)
class Break:
    """The first offset at which the log is not intact, and why."""

    offset: int
    how: str


@dataclass(frozen=True, slots=True)
class Head:
    """An offset and the hash of its record, as an auditor keeps it."""

    offset: int
    hash: str


@dataclass(slots=True)
class Checker:
    """Checks the records of a log from its beginning, in order; `heads` are the hashes of earlier verifications, by offset."""

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

    def take(self, record: ChainLink) -> Break | None:
        """Check the next record, and return its break if it has one."""
        how = self._gap(record) or self._wrong(record)
        if how:
            return Break(record.offset, how)
        self._remember(record)
        return None

    def finish(self) -> Break | None:
        """Return the break of an end that is missing, as far as the heads show."""
        missing = sorted(offset for offset in self.heads if offset >= self.next_offset)
        return Break(missing[0], "the log ends before a recorded head") if missing else None

    def _gap(self, record: ChainLink) -> str | None:
        if record.offset == self.next_offset:
            return None
        return f"records are missing: the one before is at {self.next_offset - 1}" if self.next_offset else "the beginning is missing"

    def _wrong(self, record: ChainLink) -> str | None:
        try:
            link, before = link_of(record.value), before_of(record.value)
        except ValueError:
            return "not a record of the audit log"
        if self.heads.get(record.offset, link.hash) != link.hash:
            return "another record than the recorded head"
        return self._first(record, link, before) if link.number == 0 else self._next(link, before)

    def _first(self, record: ChainLink, link: Link, before: Link | None) -> str | None:
        if link.chain in self._ends:
            return "a chain begins a second time"
        if before is None:
            began = record.time if self._began is None else self._began
            return None if record.time - began <= _TOGETHER_MS else "a chain continues no record"
        if self._recent.get((before.chain, before.number)) == before.hash:
            return None
        end = self._ends.get(before.chain)
        return None if end == before else "a chain continues a record that is missing or was changed"

    def _next(self, link: Link, before: Link | None) -> str | None:
        end = self._ends.get(link.chain)
        if end is None:
            return "the beginning of its chain is missing"
        if link.number != end.number + 1:
            return "records of its chain are missing" if link.number > end.number else "a record is out of order"
        return None if before == end else "the record before it in its chain was changed"

    def _remember(self, record: ChainLink) -> None:
        link = link_of(record.value)
        self._began = record.time if self._began is None else self._began
        self._ends[link.chain] = link
        self._recent[link.chain, link.number] = link.hash
        if len(self._recent) > _RECENT:
            self._recent.popitem(last=False)
        self.next_offset, self.records = record.offset + 1, self.records + 1
        self.head = Head(record.offset, link.hash)
