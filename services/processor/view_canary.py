"""The view canary: compares the view with the log every minute while the processor runs, cheaply enough to leave on (ADR 54).

Guarantees: what readers are shown is compared each minute with the fold in memory, at one instant, a few shelters at a time so that no
batch waits for long. The fold in memory, and what only the fold reads, are compared with the log itself after each load, and each hour. So
a wrong member is noticed within a minute or two, also when the processor has loaded it. Must not end or hold up the processor, and repairs
nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final, Protocol, cast

from services.adapters.clock import Clock
from services.adapters.codec.event_codec import Topic
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.observability.metrics import Metrics
from services.adapters.view.ports import PartitionCheck, Sample, Saved, ViewUnavailableError
from services.domain.durations import HOUR_MS, SECOND_MS
from services.processor.partition import Partition
from services.processor.partition_manager import PartitionManager
from services.processor.view_verifier import Difference, PartitionComparison, Where, differences

_log = logging.getLogger(__name__)

# Shelters with their units and holds, or cases: some milliseconds, for which a batch of their partition waits
_AT_ONCE: Final = 25
# Between two of these others have their turn
_PAUSE_S: Final = 0.01
# A partition that nothing loads anew, and in which nothing was found
_LOG_EVERY_MS: Final = HOUR_MS
# Of a partition that is wrong throughout a few lines say enough; `plek verify` prints all
_MOST_LINES: Final = 5
_UNREADABLE: Final = "the data in the view can't be read"

CompareWithLog = Callable[[Topic, Sequence[int]], Awaitable[list[PartitionComparison]]]
"""Compares whole partitions with the log; LogUnavailableError or ViewUnavailableError where that can't be done now."""


class CheckedView(Protocol):
    """A view of which a few members can be read, and which keeps what was found."""

    async def sample(self, partition: int, like: Saved) -> Sample | None:
        """Read the members that `like` has, at one instant, and how many there are; None where nothing is."""

    async def mark_checked(self, partition: int, check: PartitionCheck) -> None:
        """Write what the canary found in a partition."""


@dataclass(slots=True)
class _Compared:
    """The last comparison of a partition with the log: of which load, when it ended (ms), and what differed."""

    load: int = 0
    at: int = 0
    differences: list[Difference] = field(default_factory=list)

    def is_due(self, load: int, now: int) -> bool:
        return bool(self.differences) or self.load != load or now - self.at >= _LOG_EVERY_MS


@dataclass(kw_only=True)
class ViewCanary:
    """Compares the partitions of one topic that this worker has."""

    topic: Topic
    manager: PartitionManager
    view: CheckedView
    compare: CompareWithLog
    metrics: Metrics
    now: Clock
    _compared: dict[int, _Compared] = field(default_factory=dict)
    _shown: dict[int, list[Difference] | None] = field(default_factory=dict)
    _wrong: set[int] = field(default_factory=set)

    async def run_forever(self, every_s: float) -> None:
        """Check every so often until cancelled; what goes wrong with it is logged, and ends nothing else.

        A log that takes long to fold again, or a child that gets no turn on a busy machine, holds up no look at what is shown.
        """
        self.metrics.set("plek_canary_seconds", 0, topic=self.topic)
        await asyncio.gather(self._repeat(self.check_shown, every_s), self._repeat(self.check_log, every_s))

    async def _repeat(self, check: Callable[[], Awaitable[None]], every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s)
            try:
                await check()
            except (ViewUnavailableError, LogUnavailableError):
                _log.info("the view was not compared: Redis or Kafka does not answer", extra={"topic": self.topic})
            except Exception:  # whatever it is: the fold can do without
                _log.exception("the view was not compared", extra={"topic": self.topic})

    async def check_shown(self) -> None:
        """Compare what is shown of every partition with the fold in memory; ViewUnavailableError."""
        loads = self.manager.loads()
        self._shown = {number: await self._compare_shown(number) for number in loads}
        for number in self._wrong.difference(loads):  # another worker has it now
            self._measure(number, 0)
        self._compared = {number: compared for number, compared in self._compared.items() if number in loads}
        await self._say(loads)
        if None not in self._shown.values():
            self.metrics.set("plek_canary_seconds", self.now() / SECOND_MS, topic=self.topic)

    async def check_log(self) -> None:
        """Compare with the log what was loaded since, what was wrong and what is due; LogUnavailableError, ViewUnavailableError."""
        loads = self.manager.loads()
        due = [
            number for number, load in loads.items() if self._shown.get(number) is not None and self._last(number).is_due(load, self.now())
        ]
        compared = await self.compare(self.topic, due) if due else []
        now = self.manager.loads()
        same = [each for each in compared if now.get(each.partition) == loads[each.partition] and _is_comparison(each)]
        for each in same:
            self._compared[each.partition] = _Compared(loads[each.partition], self.now(), each.differences)
        await self._say(each.partition for each in same)

    def _last(self, number: int) -> _Compared:
        return self._compared.get(number, _Compared())

    async def _say(self, numbers: Iterable[int]) -> None:
        """Measure, log and keep for the page what is known of partitions."""
        for number in numbers:
            if (shown := self._shown.get(number)) is not None:
                last = self._last(number)
                unlike = list(dict.fromkeys([*shown, *last.differences]))
                self._report(number, unlike)
                await self.view.mark_checked(number, PartitionCheck(at=self.now(), log_at=last.at, differences=len(unlike)))

    async def _compare_shown(self, number: int) -> list[Difference] | None:
        """Return what is shown otherwise than it is in memory; None while that can't be known."""
        keys = await self.manager.inspect(number, _keys)
        if keys is None:
            return None
        found: list[Difference] = []
        for first in range(0, max(len(keys), 1), _AT_ONCE):
            some = keys[first : first + _AT_ONCE]
            part = await self.manager.inspect(number, partial(self._differ, number=number, keys=some, is_first=first == 0))
            if part is None:
                return None
            found += part
            await asyncio.sleep(_PAUSE_S)
        return found

    async def _differ(self, partition: Partition[Any], *, number: int, keys: Sequence[Any], is_first: bool) -> list[Difference] | None:
        """Return how the view differs in these shelters or cases, with the first in counts and sizes too; None if it has moved on."""
        projection, at = partition.projection, partition.position
        expected = projection.documents(keys, at)
        if is_first:
            expected.counts = projection.counted()
        try:
            sample = await self.view.sample(number, expected)
        except ValueError:
            return [Difference(number, "position", "", _UNREADABLE)]
        if sample is None or not _is_at(sample, partition):
            return None
        sizes = _sizes(number, sample.sizes, projection.sizes()) if is_first else ()
        return [*differences(number, sample.saved, expected), *sizes]

    def _report(self, number: int, unlike: Sequence[Difference]) -> None:
        """Measure and log what differs in a partition; a name that the log does not have may be anything, and is not logged."""
        offset = self.manager.positions().get(number)
        self._measure(number, len(unlike))
        for each in unlike[:_MOST_LINES]:
            named = {"member": each.name} if each.name and each.how != "only in the view" else {}
            extra: dict[str, Any] = {
                "topic": self.topic,
                "partition": number,
                "what": each.where,
                "why": each.how,
                "count": len(unlike),
                "offset": offset,
            }
            _log.error("the view is not as the log gives it", extra=extra | named)

    def _measure(self, number: int, count: int) -> None:
        self._wrong = self._wrong | {number} if count else self._wrong - {number}
        self.metrics.set("plek_canary_differences", count, topic=self.topic, partition=str(number))


async def _keys(partition: Partition[Any]) -> Sequence[Any]:
    keys: Sequence[Any] = partition.projection.keys()
    return keys


def _is_comparison(comparison: PartitionComparison) -> bool:
    """Return whether a partition could be compared with its log; where not, that says nothing, and it is tried again."""
    return not any(each.where == "position" and not each.name for each in comparison.differences)


def _is_at(sample: Sample, partition: Partition[Any]) -> bool:
    """Return whether a sample is of the position in memory; else another worker, or an operator, has this partition now."""
    found, known = sample.saved.position, partition.position
    return replace(found, clock=0, dead_letters=0, rebuild_until=0) == replace(known, clock=0, dead_letters=0, rebuild_until=0)


def _sizes(number: int, view: dict[str, int], log: dict[str, int]) -> Iterator[Difference]:
    for where, expected in log.items():
        if view[where] != expected:
            how = f"the view has {view[where]} of them, the log gives {expected}"
            yield Difference(number, cast("Where", where), "", how)
