"""A loop of asyncio with a clock of its own, in which a seed decides which of the callbacks that are ready runs next.

No time passes but the time that is waited for. A process of the simulation is what its context says: one that was killed runs no callback
any more, not even a `finally`, and one that is frozen runs none until it is thawed.
"""

import asyncio
import heapq
import random
from asyncio import Future, Handle, Task
from collections.abc import Callable, Coroutine, Iterable
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

_T = TypeVar("_T")

# What the disk takes for one call of a thread, in seconds
_DISK_S: Final = 0.002
# Callbacks that an end may take: one that waits for itself would never end
_AT_END: Final = 20_000


@dataclass(eq=False, slots=True)
class Process:
    """A process of the simulation: `kept` are the callbacks that wait while it is frozen, and of a dead one those that never came."""

    name: str
    alive: bool = True
    frozen: bool = False
    kept: list[Handle] = field(default_factory=list)


_PROCESS: Final[ContextVar[Process | None]] = ContextVar("process", default=None)


class StuckError(Exception):
    """Nothing is ready and nothing is waited for: the simulation would never end."""


class SeededLoop(asyncio.BaseEventLoop):
    """Runs one callback at a time. With `disorder` above 0 some do not wait for their turn: asyncio promises one, a test need not."""

    _ready: Any
    _scheduled: Any

    def __init__(self, dice: random.Random, disorder: float = 0.0) -> None:
        super().__init__()
        self.dice, self._disorder, self._now, self.steps = dice, disorder, 0.0, 0
        self._tasks: list[Task[Any]] = []
        self._processes: list[Process] = []
        self.set_task_factory(self._make_task)  # type: ignore[arg-type]

    def time(self) -> float:
        """Return the seconds since the simulation began."""
        return self._now

    def process(self, name: str) -> Process:
        """Make a process."""
        self._processes.append(Process(name))
        return self._processes[-1]

    def run_as(self, process: Process, work: Coroutine[Any, Any, _T]) -> "Task[_T]":
        """Run a coroutine as a task of a process; all that it begins is of that process too."""
        context = copy_context()
        context.run(_PROCESS.set, process)
        return context.run(self.create_task, work)

    def outside(self, delay: float, effect: Callable[..., object], *args: Any) -> None:
        """Call something after a delay on behalf of no process: a message that is under way arrives though its sender died."""
        self.call_later(delay, effect, *args, context=Context())

    @staticmethod
    def current() -> Process | None:
        """Return the process that runs now; None outside of all."""
        return _PROCESS.get()

    def thaw(self, process: Process) -> None:
        """Let a frozen process go on where it stood."""
        process.frozen = False
        self._ready.extend(process.kept)
        process.kept.clear()

    def run_in_executor(self, _executor: Any, work: Callable[..., Any], *args: Any) -> "Future[Any]":  # type: ignore[override]
        """Run what is meant for a thread between two callbacks, a moment later."""
        answer = self.create_future()
        self.call_later(self.dice.random() * _DISK_S, self._work, answer, work, args)
        return answer

    def _work(self, answer: "Future[Any]", work: Callable[..., Any], args: Iterable[Any]) -> None:
        if answer.cancelled():  # a thread can't be: it does its work all the same
            work(*args)
            return
        try:
            result = work(*args)
        except Exception as wrong:
            answer.set_exception(wrong)
        else:
            self.call_later(self.dice.random() * _DISK_S, _answer, answer, result)

    def finish(self) -> None:
        """Cancel all that still runs, also of processes that were killed, so that nothing of this run is left for the next."""
        asyncio._set_running_loop(self)
        for process in self._processes:
            self.thaw(process)
        for _ in range(_AT_END):
            if not self._ready:
                running = [task for task in self._tasks if not task.done()]
                for task in running:
                    task.cancel()
                if not self._ready:
                    break
            self._run_next(all_live=True)
        for task in self._tasks:
            if task.done() and not task.cancelled():
                task.exception()
        asyncio._set_running_loop(None)
        self.close()

    def _make_task(self, loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **more: Any) -> "Task[Any]":
        task = Task(work, loop=loop, **more)
        self._tasks.append(task)
        return task

    def _run_once(self) -> None:
        """Take the place of asyncio's own: no selector is asked, and the clock moves on to what is due next."""
        self._run_next(all_live=False)

    def _run_next(self, *, all_live: bool) -> None:
        ready, scheduled = self._ready, self._scheduled
        if not ready:
            if not scheduled:
                raise StuckError
            self._now = max(self._now, scheduled[0]._when)
        while scheduled and scheduled[0]._when <= self._now:
            timer = heapq.heappop(scheduled)
            timer._scheduled = False
            if not timer._cancelled:
                ready.append(timer)
        if ready:
            self._run(self._pick(ready), all_live=all_live)

    def _pick(self, ready: Any) -> Handle:
        if len(ready) > 1 and self._disorder and self.dice.random() < self._disorder:
            index = self.dice.randrange(len(ready))
            handle: Handle = ready[index]
            del ready[index]
            return handle
        first: Handle = ready.popleft()
        return first

    def _run(self, handle: Handle, *, all_live: bool) -> None:
        process = handle._context.get(_PROCESS)  # type: ignore[attr-defined]
        if handle.cancelled():
            return
        if process is not None and not all_live and (not process.alive or process.frozen):
            process.kept.append(handle)
            return
        self.steps += 1
        handle._run()

    def _write_to_self(self) -> None:
        """Wake nothing: no selector sleeps."""


def _answer(answer: "Future[Any]", result: Any) -> None:
    if not answer.done():
        answer.set_result(result)
