"""Work that is begun by one request and fetched by a later one: one at a time, each with its progress; the last few results are kept."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal

from services.monitor.background.monitor_task import Advance, MonitorTask, TaskError, TaskKind, TaskResult

_log = logging.getLogger(__name__)

# A report weighs half a megabyte in two languages
_KEPT: Final = 4
STEPS: Final = {"report": 7, "draft": 3}
"""Of each kind of work: its questions, and what is done with the answers."""
WorkState = Literal["none", "waiting", "working", "done", "failed"]
RunTask = Callable[[MonitorTask, Advance], Awaitable[TaskResult]]


@dataclass(slots=True)
class WorkItem:
    """One piece of work, and how far it is."""

    task: MonitorTask
    state: WorkState = "waiting"
    done: int = 0
    result: TaskResult | None = None

    def advance(self) -> None:
        """Count a step."""
        self.done += 1


class BackgroundWork:
    """Runs tasks one after the other. A task is known by its kind and year."""

    def __init__(self, run: RunTask) -> None:
        self._run = run
        self._items: dict[tuple[TaskKind, int], WorkItem] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._one = asyncio.Lock()

    def find(self, kind: TaskKind, year: int) -> WorkItem | None:
        """Return a piece of work that was begun; None for none."""
        return self._items.get((kind, year))

    def begin(self, task: MonitorTask) -> WorkItem:
        """Begin a piece of work, instead of an earlier one of its kind and year; one that is not finished goes on."""
        key = task.kind, task.year
        earlier = self._items.get(key)
        if earlier and earlier.state in {"waiting", "working"}:
            return earlier
        self._items.pop(key, None)
        item = self._items[key] = WorkItem(task)
        self._forget()
        running = asyncio.create_task(self._work(item))
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        return item

    async def close(self) -> None:
        """End what runs."""
        for running in self._running:
            running.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _forget(self) -> None:
        over = [key for key, item in self._items.items() if item.state in {"done", "failed"}]
        for key in over[: max(0, len(self._items) - _KEPT)]:
            del self._items[key]

    async def _work(self, item: WorkItem) -> None:
        async with self._one:
            item.state = "working"
            try:
                item.result = await self._run(item.task, item.advance)
                item.state = "done"
            except (TaskError, OSError):
                item.state = "failed"
                _log.exception("a report or a draft was not worked out")
