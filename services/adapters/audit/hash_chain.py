"""Verifies the audit log: a record that was removed, changed, moved or inserted breaks a chain. Pure: records in, the first break out.

A chain is what one program wrote between two failures. Its first record continues a record of another chain, so that all are connected;
only a chain that began within a minute of the log itself may continue none. The log alone does not show that its very end is missing, nor
that all of it was written anew with right hashes: an auditor keeps a head for that, and passes it to the next verification. A signed head
(`signed_heads.py`) holds an extent, which covers every record of the log; a plain head covers the chains that its record continues.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from services.adapters.audit.records import Link, before_of, hash_of, link_of
from services.domain.durations import DAY_MS, MINUTE_MS

# Programs that start together on an empty log find no record to continue.
_TOGETHER_MS: Final = MINUTE_MS
# A chain continues the record that was last when its writer read it: other programs write meanwhile, after an outage all entries that they
# have on disk, but not so many.
_RECENT: Final = 100_000
# What is old enough is deleted about once a month, and some service writes every day: a log cannot begin later than this
_SPARSE_MS: Final = 62 * DAY_MS
CUT: Final = "the log ends before a recorded head"
BEGUN_ANEW: Final = "the log was emptied and begun anew: its first record is not the one that is signed"
REWRITTEN: Final = "the records up to here are not those that are signed: some were erased, changed or added"
ERASED_EARLY: Final = "records before this one were erased that must still be kept"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """All that a log holds up to a record: its offset, the broker's time (ms) and the hash of it.

    `first` is the hash of the record that the log began with, and `digest` is computed from the hashes of all, in their order.
    """

    offset: int
    time: int
    hash: str
    first: str
    digest: str


def extend(extent: Extent | None, record: ChainLink) -> Extent:
    """Return the extent of a log that goes on with a record, or begins with it."""
    here = hash_of(record.value)
    digest = hashlib.sha256(f"{extent.digest if extent else ''}{here}".encode()).hexdigest()
    return Extent(offset=record.offset, time=record.time, hash=here, first=extent.first if extent else here, digest=digest)


@dataclass(slots=True)
class Checker:
    """Checks the records of a log from its beginning, in order.

    `heads` are the hashes of earlier verifications, by offset, and `signed` the extents of signed heads. The log must hold every record
    since `kept_since` (ms); None where it keeps them for ever.
    """

    heads: dict[int, str] = field(default_factory=dict)
    signed: Mapping[int, Extent] = field(default_factory=dict)
    kept_since: int | None = None
    next_offset: int = 0
    records: int = 0
    head: Head | None = None
    proven: Extent | None = None
    """The last of `signed` that the log was compared with, and is like."""
    expired: int = 0
    """How many of `signed` are of records that were kept for as long as they must be, and are gone."""
    _extent: Extent | None = None
    _is_cut: bool = False
    _began: int | None = None
    _ends: dict[str, Link] = field(default_factory=dict)
    _recent: OrderedDict[tuple[str, int], str] = field(default_factory=OrderedDict)

    @property
    def chains(self) -> int:
        """How many chains there are."""
        return len(self._ends)

    def take(self, record: ChainLink) -> Break | None:
        """Check the next record, and return its break if it has one."""
        how = self._gap(record) or self._wrong(record) or self._unlike_signed(record)
        if how:
            return Break(record.offset, how)
        self._remember(record)
        return None

    def finish(self) -> Break | None:
        """Return the break of an end that is missing, as far as the heads show."""
        if not self.records:
            self.expired = sum(map(self._may_be_gone, self.signed.values()))
        ends = [offset for offset, extent in self.signed.items() if self.records or not self._may_be_gone(extent)]
        missing = sorted(offset for offset in (*self.heads, *ends) if offset >= self.next_offset)
        return Break(missing[0], CUT) if missing else None

    def _gap(self, record: ChainLink) -> str | None:
        if record.offset == self.next_offset:
            return None
        if self.next_offset:
            return f"records are missing: the one before is at {self.next_offset - 1}"
        return self._missing_beginning(record)

    def _missing_beginning(self, record: ChainLink) -> str | None:
        """Return what is wrong with a log that begins later than it once did; None where all that is gone was old enough."""
        if self.kept_since is None or record.time > self.kept_since + _SPARSE_MS:
            return "the beginning is missing"
        gone = [extent for offset, extent in self.signed.items() if offset < record.offset]
        if not all(map(self._may_be_gone, gone)):
            return ERASED_EARLY
        self._is_cut, self.expired = True, len(gone)
        return None

    def _may_be_gone(self, extent: Extent) -> bool:
        return self.kept_since is not None and extent.time < self.kept_since

    def _unlike_signed(self, record: ChainLink) -> str | None:
        """Return how the log up to a record is unlike what a signed head holds of it."""
        if not self.records and not self._is_cut and any(extent.first != hash_of(record.value) for extent in self.signed.values()):
            return BEGUN_ANEW
        signed = self.signed.get(record.offset)
        extent = self._extended(record)
        if signed and (signed.hash != hash_of(record.value) or (extent and signed.digest != extent.digest)):
            return REWRITTEN
        self._extent, self.proven = signed or extent, signed or self.proven
        return None

    def _extended(self, record: ChainLink) -> Extent | None:
        """Return the extent up to a record; without its beginning a log has none until a signed head holds it."""
        return None if self._is_cut and self._extent is None else extend(self._extent, record)

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
        if before and self._is_cut and before.chain not in self._ends:
            return None  # it continues a record that is gone
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
            return None if self._is_cut else "the beginning of its chain is missing"
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
