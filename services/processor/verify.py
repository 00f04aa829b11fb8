"""Is the view what the log gives? Law: nothing of the view is believed but where it stands.

The log is folded from its first record to exactly there, all that ought to be kept is written out anew from the result, not from what
the fold wrote on its way, and compared byte for byte.

Only ids, offsets and numbers of units are told of a difference: what is kept may say more than an operator should see.
"""

from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, Protocol

import orjson

from services.adapters.log_reader import Ends, Fingerprint, fingerprint
from services.adapters.view.port import FOLD_VERSION, Position, Saved
from services.adapters.wire import Topic
from services.processor.keeper import misfit
from services.processor.partition import Fold, Folded

Where = Literal["position", "facts", "seen", "corrected", "holds", "shelters", "units", "cases", "open", "counts"]

# Kept of the position; the rest of it tells when somebody looked, which no log knows.
_FOLDED: Final = ("clock", "dead_letters", "fingerprint")


class Loading(Protocol):
    """The view, read whole."""

    async def load(self, partition: int) -> Saved | None:
        """Read all that is kept of a partition, at one instant; None where nothing is."""


class Reading(Protocol):
    """The log, read from anywhere."""

    async def ends(self, partitions: Iterable[int]) -> dict[int, Ends]:
        """Ask where these partitions begin and end now."""

    def read(self, partition: int, start: int, end: int) -> AsyncGenerator[list[Any], None]:
        """Read the records from `start` up to `end` (excluded), in batches."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as the log has it: in which key of the view, under which name, and how."""

    partition: int
    where: Where
    name: str
    how: str


@dataclass(slots=True)
class Compared:
    """What came of one partition: how many records were folded, all that differs, and what else there is to say."""

    partition: int
    topic: Topic = "beds"
    records: int = 0
    differences: list[Difference] = field(default_factory=list)
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Verifier:
    """Compares partitions; `advance` hears of every record that is folded."""

    of: Fold
    view: Loading
    log: Reading
    advance: Callable[[int], None] = lambda _: None

    async def compare(self, number: int) -> Compared:
        """Compare one partition, whether or not events go on to arrive in it."""
        compared = Compared(number, self.of.topic)
        try:
            saved = await self.view.load(number)
        except (ValueError, KeyError, TypeError):
            return _differs(compared, "position", "what is kept can't be read")
        ends = (await self.log.ends([number]))[number]
        if saved is None:
            return _never_folded(compared, ends)
        refusal = _incomparable(saved.position, ends)
        if refusal:
            return _differs(compared, "position", refusal)
        given = await self._fold(compared, saved.position, ends)
        if given:
            compared.differences += differences(number, saved, given)
        return compared

    async def _fold(self, compared: Compared, at: Position, ends: Ends) -> Saved | None:
        """Fold the log up to a position; None when that can't be done."""
        partition = self.of.fresh(Position(offset=ends.start - 1))
        async with aclosing(self.log.read(compared.partition, ends.start, at.offset + 1)) as reading:
            async for records in reading:
                if not compared.records:
                    first = fingerprint(records[0])
                    partition.position = replace(partition.position, fingerprint=first.text)
                refusal = misfit(at, ends, first) or _too_new(partition.fold(records))
                if refusal:
                    _differs(compared, "position", refusal)
                    return None
                compared.records += len(records)
                self.advance(len(records))
        return partition.kept(at.swept_at)


def differences(partition: int, view: Saved, log: Saved) -> Iterator[Difference]:
    """Tell every difference between what the view keeps and what the log gives."""
    for name in _FOLDED:
        stands, folded = getattr(view.position, name), getattr(log.position, name)
        if stands != folded:
            yield Difference(partition, "position", name, _numbers(stands, folded))
    pairs: tuple[tuple[Where, Mapping[Any, Any], Mapping[Any, Any]], ...] = (
        ("facts", view.facts, log.facts),
        ("seen", view.seen, log.seen),
        ("corrected", view.corrected, log.corrected),
        ("holds", view.holds, log.holds),
        ("shelters", view.shelters, log.shelters),
        ("units", view.units, log.units),
        ("cases", view.cases, log.cases),
        ("open", view.open, log.open),
    )
    for where, those, ours in pairs:
        for key, how in _unequal(those, ours):
            yield Difference(partition, where, _named(key), how)
    for scope in sorted(view.counts.keys() | log.counts.keys()):
        # A region that a shelter has left keeps its zeros, or never had any when it came and went between two writes
        has, gives = view.counts.get(scope, 0), log.counts.get(scope, 0)
        if has != gives:
            yield Difference(partition, "counts", scope, _numbers(has, gives))


def _unequal(view: Mapping[Any, Any], log: Mapping[Any, Any]) -> Iterator[tuple[Any, str]]:
    for key in sorted(view.keys() | log.keys()):
        if key not in log:
            yield key, "only in the view"
        elif key not in view:
            yield key, "missing in the view"
        elif view[key] != log[key]:
            yield key, _documents(view[key], log[key]) if isinstance(log[key], bytes) else _numbers(view[key], log[key])


def _documents(view: bytes, log: bytes) -> str:
    """Name the members of two documents that differ, not what they say."""
    try:
        has, gives = orjson.loads(view), orjson.loads(log)
        names = sorted(name for name in has.keys() | gives.keys() if has.get(name) != gives.get(name))
    except (ValueError, AttributeError):
        return "no document in the view"
    return f"other {', '.join(names)}" if names else "written otherwise"


def _numbers(view: object, log: object) -> str:
    return f"the view has {view}, the log gives {log}"


def _named(key: Any) -> str:
    return key.hex() if isinstance(key, bytes) else str(key)


def _differs(compared: Compared, where: Where, how: str) -> Compared:
    compared.differences.append(Difference(compared.partition, where, "", how))
    return compared


def _never_folded(compared: Compared, ends: Ends) -> Compared:
    if ends.start < ends.end:
        return _differs(compared, "position", f"never folded, or about to be rebuilt: its log holds {ends.end - ends.start} records")
    compared.note = "never folded; its log is empty"
    return compared


def _too_new(folded: Folded) -> str | None:
    return f"offset {folded.too_new[0].offset} is newer than this program, and yet folded" if folded.too_new else None


def _incomparable(position: Position, ends: Ends) -> str | None:
    """Say why the log can't tell what this view ought to be; None when it can."""
    if position.fold_version != FOLD_VERSION:
        return f"folded by version {position.fold_version}, this program is version {FOLD_VERSION}: its processor rebuilds it by itself"
    start = Fingerprint(position.fingerprint).start
    if start is not None and ends.start > start:
        return f"folded from offset {start} on, but the log begins at {ends.start} now: what went before can't be folded again"
    return misfit(position, ends, Fingerprint(position.fingerprint))  # the first record itself is compared when it is read
