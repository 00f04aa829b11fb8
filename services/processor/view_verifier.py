"""Compares the view with the log, byte for byte. Nothing of the view is trusted but its position.

The log is folded from its checkpoint or its first record to exactly that position; all that the view should store is then made from the
resulting state, not from what the fold wrote on its way.

A difference states ids, offsets and numbers of units only: the data in the view may hold more than an operator should see.
"""

from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, Protocol

import orjson

from services.adapters.checkpoints.checkpoint import Checkpoint
from services.adapters.codec.event_codec import Topic
from services.adapters.kafka.log_reader import Ends, Fingerprint, fingerprint
from services.adapters.view.ports import FOLD_VERSION, Position, Saved
from services.processor.partition import BatchResult, ProjectionFactory
from services.processor.partition_manager import why_view_mismatches_log

Where = Literal["position", "facts", "seen", "corrected", "holds", "shelters", "units", "cases", "open", "counts"]

# What the log decides of a position; the rest of it depends on when the view was swept.
_FOLDED: Final = ("clock", "dead_letters", "fingerprint")


class LoadableView(Protocol):
    """A view that can be read whole."""

    async def load(self, partition: int) -> Saved | None:
        """Read all that is stored of a partition, at one instant; None where nothing is."""


class ReadableLog(Protocol):
    """A log that can be read from any offset."""

    async def checkpoint(self, partition: int) -> Checkpoint | None:
        """Return the checkpoint with which a partition begins; ValueError when it can't be read."""

    async def ends(self, partitions: Iterable[int]) -> dict[int, Ends]:
        """Return where these partitions begin and end now."""

    def read(self, partition: int, start: int, end: int) -> AsyncGenerator[list[Any], None]:
        """Yield the records from `start` up to `end` (excluded), in batches."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as the log gives it: in which key of the view, under which name, and how."""

    partition: int
    where: Where
    name: str
    how: str


@dataclass(slots=True)
class PartitionComparison:
    """The result for one partition: the number of records folded, every difference, and a remark where there is one."""

    partition: int
    topic: Topic = "beds"
    records: int = 0
    differences: list[Difference] = field(default_factory=list)
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class Verifier:
    """Compares partitions; `advance` is called with the number of records folded since the last call."""

    factory: ProjectionFactory
    view: LoadableView
    log: ReadableLog
    advance: Callable[[int], None] = lambda _: None

    async def compare(self, number: int) -> PartitionComparison:
        """Compare one partition, whether or not events go on to arrive in it."""
        comparison = PartitionComparison(number, self.factory.topic)
        try:
            saved = await self.view.load(number)
        except (ValueError, KeyError, TypeError):
            return _with_difference(comparison, "position", "the data in the view can't be read")
        try:
            checkpoint = await self.log.checkpoint(number)
        except ValueError:
            return _with_difference(comparison, "position", "the checkpoint with which the log begins can't be read")
        ends = (await self.log.ends([number]))[number]
        if saved is None:
            return _never_folded(comparison, ends)
        problem = _why_incomparable(saved.position, checkpoint, ends)
        if problem:
            return _with_difference(comparison, "position", problem)
        expected = await self._fold(comparison, saved.position, checkpoint, ends)
        if expected:
            comparison.differences += differences(number, saved, expected)
        return comparison

    async def _fold(self, comparison: PartitionComparison, at: Position, checkpoint: Checkpoint | None, ends: Ends) -> Saved | None:
        """Fold the log up to a position; None when that can't be done."""
        empty = Position(offset=ends.start - 1)
        partition = self.factory.restored(checkpoint.state) if checkpoint else self.factory.fresh(empty)
        async with aclosing(self.log.read(comparison.partition, ends.start, at.offset + 1)) as reading:
            async for records in reading:
                if not comparison.records:
                    first = fingerprint(records[0])
                    partition.position = replace(partition.position, fingerprint=first.text)
                problem = why_view_mismatches_log(at, ends, first) or _too_new(partition.fold(records))
                if problem:
                    _with_difference(comparison, "position", problem)
                    return None
                comparison.records += len(records)
                self.advance(len(records))
        return partition.full_snapshot(at.swept_at)


def differences(partition: int, view: Saved, log: Saved) -> Iterator[Difference]:
    """Yield every difference between what the view stores and what the log gives."""
    for name in _FOLDED:
        stored, folded = getattr(view.position, name), getattr(log.position, name)
        if stored != folded:
            yield Difference(partition, "position", name, _numbers(stored, folded))
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
    for where, stored, folded in pairs:
        for key, how in _unequal(stored, folded):
            yield Difference(partition, where, key.hex() if isinstance(key, bytes) else str(key), how)
    for scope in sorted(view.counts.keys() | log.counts.keys()):
        # A region that a shelter has left keeps its zeros, or never had any when the shelter came and went between two writes
        number, expected = view.counts.get(scope, 0), log.counts.get(scope, 0)
        if number != expected:
            yield Difference(partition, "counts", scope, _numbers(number, expected))


def _unequal(view: Mapping[Any, Any], log: Mapping[Any, Any]) -> Iterator[tuple[Any, str]]:
    for key in sorted(view.keys() | log.keys()):
        if key not in log:
            yield key, "only in the view"
        elif key not in view:
            yield key, "missing in the view"
        elif view[key] != log[key]:
            yield key, _documents(view[key], log[key]) if isinstance(log[key], bytes) else _numbers(view[key], log[key])


def _documents(view: bytes, log: bytes) -> str:
    """Return the names of the members in which two documents differ, not their values."""
    try:
        stored, expected = orjson.loads(view), orjson.loads(log)
        names = sorted(name for name in stored.keys() | expected.keys() if stored.get(name) != expected.get(name))
    except (ValueError, AttributeError):
        return "no document in the view"
    return f"other {', '.join(names)}" if names else "written otherwise"


def _numbers(view: object, log: object) -> str:
    return f"the view has {view}, the log gives {log}"


def _with_difference(comparison: PartitionComparison, where: Where, how: str) -> PartitionComparison:
    comparison.differences.append(Difference(comparison.partition, where, "", how))
    return comparison


def _never_folded(comparison: PartitionComparison, ends: Ends) -> PartitionComparison:
    if ends.start < ends.end:
        records = ends.end - ends.start
        return _with_difference(comparison, "position", f"never folded, or about to be rebuilt: its log holds {records} records")
    comparison.remark = "never folded; its log is empty"
    return comparison


def _too_new(result: BatchResult) -> str | None:
    return f"offset {result.too_new[0].offset} is newer than this program, and yet folded" if result.too_new else None


def _why_incomparable(position: Position, checkpoint: Checkpoint | None, ends: Ends) -> str | None:
    """Return why this view can't be compared with the log; None when it can."""
    if position.fold_version != FOLD_VERSION:
        return f"folded by version {position.fold_version}, this program is version {FOLD_VERSION}: its processor rebuilds it by itself"
    begins = checkpoint.offset if checkpoint else 0
    if position.checkpoint != begins:
        return f"folded from the checkpoint at {position.checkpoint}, but the log begins at that of {begins}: its processor rebuilds it"
    start = Fingerprint(position.fingerprint).start
    if start is not None and ends.start > start:
        return f"folded from offset {start} on, but the log begins at {ends.start} now: what went before can't be folded again"
    return why_view_mismatches_log(position, ends, Fingerprint(position.fingerprint))  # the first record itself is compared when it is read
