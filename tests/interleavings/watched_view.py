"""The view of the simulation: the twin in memory, which a process reaches through the wire, and a watch over each write at its server.

What a later repair would hide is seen when it happens: a write that does not follow on the view, a count of dead letters that can't be
read, a time as of which the view is not true.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final, TypeVar

from faust.types import TP

from services.adapters.view.ports import ViewUnavailableError, Write
from tests.interleavings.broker import Broker
from tests.interleavings.wire import Wire
from tests.twins.memory_view import MemoryDemandView, MemoryView, MemoryWriter

_T = TypeVar("_T")

# A message of a subscription takes so long, and some are lost
_MESSAGE_S: Final = 0.01


def at_once(call: Coroutine[Any, Any, _T]) -> _T:
    """Return what a call of the twin returns: it waits for nothing."""
    try:
        call.send(None)
    except StopIteration as done:
        found: _T = done.value
        return found
    raise AssertionError("the twin of the view waits for something")


class Watch:
    """Looks at each write of one topic at its server; `broken` has what was wrong. `live_clocks`: no clock of this run jumps."""

    def __init__(self, broker: Broker, topic: str, letters: TP, begun_ms: int, broken: list[str]) -> None:
        self._broker, self.topic, self._letters, self._begun_ms, self._broken = broker, topic, letters, begun_ms, broken
        self.high: defaultdict[int, int] = defaultdict(lambda: -1)
        self.live_clocks = True

    def written(self, number: int, before: int | None, write: Write) -> None:
        """Check a write that was applied."""
        tp, after = TP(self.topic, number), write.position
        if before != write.after:
            self._broken.append(f"a write that follows on {write.after} was applied to the view of {tp} at {before}")
        if after.offset >= self._broker.end(tp):
            self._broken.append(f"the view of {tp} stands at {after.offset}, beyond the log")
        if after.dead_letters > self._readable(number, after.offset):
            self._broken.append(
                f"the view of {tp} counts {after.dead_letters} dead letters at {after.offset}, and not all can be read (R13)"
            )
        self._true_as_of(tp, after.offset, after.alive_at)
        self.high[number] = max(self.high[number], after.offset)

    def committed(self, tp: TP, offset: int) -> None:
        """Check an offset of the group that is committed now."""
        if offset > self.high[tp.partition] + 1:
            self._broken.append(f"the group commits {offset} of {tp}, and its view never stood beyond {self.high[tp.partition]}")
        if offset < self._broker.committed.get(tp, 0):
            self._broken.append(f"the offset of the group of {tp} goes back from {self._broker.committed[tp]} to {offset}")

    def _readable(self, number: int, offset: int) -> int:
        letters = [dict(record.headers) for record in self._broker.records[self._letters]]
        of_partition = [each for each in letters if each["topic"].decode() == self.topic and int(each["partition"]) == number]
        return len({int(each["offset"]) for each in of_partition if int(each["offset"]) <= offset})

    def _true_as_of(self, tp: TP, offset: int, alive_at: int) -> None:
        """Check that all that was logged before a time is folded: exact, for no clock of this run jumps then."""
        if not self.live_clocks or not alive_at:
            return
        before_s = (alive_at - self._begun_ms) / 1_000
        times = self._broker.appended_at[tp]
        if offset + 1 < len(times) and times[offset + 1] < before_s - 0.001:
            self._broken.append(
                f"the view of {tp} is said to be true as of {before_s:.3f} s without offset {offset + 1} of {times[offset + 1]:.3f} s"
            )


class WatchedBeds(MemoryView):
    """The view of beds at its server."""

    def __init__(self, partitions: int, watch: Watch) -> None:
        super().__init__(partitions)
        self.watch = watch

    async def write(self, partition: int, write: Write) -> bool:
        """Write, and have the watch look at it."""
        return await _watched(self, MemoryView.write(self, partition, write), partition, write)


class WatchedDemand(MemoryDemandView):
    """The view of demand at its server."""

    def __init__(self, partitions: int, watch: Watch) -> None:
        super().__init__(partitions)
        self.watch = watch

    async def write(self, partition: int, write: Write) -> bool:
        """Write, and have the watch look at it."""
        return await _watched(self, MemoryDemandView.write(self, partition, write), partition, write)


async def _watched(view: WatchedBeds | WatchedDemand, writing: Coroutine[Any, Any, bool], partition: int, write: Write) -> bool:
    before = await view.position(partition)
    written = await writing
    if written:
        view.watch.written(partition, before.offset if before else None, write)
    return written


class WiredView:
    """The view as a process reaches it: every call of the twin, through the wire."""

    def __init__(self, name: str, view: MemoryWriter, wire: Wire) -> None:
        self._name, self._view, self._wire = name, view, wire
        self.partitions = view.partitions

    def __getattr__(self, method: str) -> Callable[..., Any]:
        """Return the call of the twin."""
        of_twin = getattr(self._view, method)

        async def call(*args: Any) -> Any:
            what = f"{method} {self._name} {args[0] if args else ''}"
            return await self._wire.call("view", what, lambda: at_once(of_twin(*args)), _away)

        return call

    async def subscribe(self) -> AsyncIterator[tuple[int, int]]:
        """Yield the moves of partitions, some of them not at all."""
        if "view" in self._wire.away:
            raise ViewUnavailableError
        async for moved in self._view.subscribe():
            await asyncio.sleep(self._wire.dice.random() * _MESSAGE_S)
            if "view" in self._wire.away:
                raise ViewUnavailableError
            if self._wire.dice.random() >= self._wire.faults:
                yield moved


def _away() -> Exception:
    return ViewUnavailableError("the view did not answer")
