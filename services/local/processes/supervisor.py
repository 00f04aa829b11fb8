"""Starts components wave by wave, restarts each when it ends, and ends all of them when the supervisor ends."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.adapters.clock import seconds
from services.local.instance.data_directory import ComponentStatus
from services.local.processes.child_process import ChildProcess
from services.local.processes.component import Component, start
from services.local.processes.memory_usage import start_time
from services.local.user_error import UserError

# The first restart is too quick to be noticed; a component that ends again and again must not use up the machine
_BACKOFF_S = 0.5
_LONGEST_BACKOFF_S = 10.0
# A component that ran this long ended for a new reason: the backoff begins anew
_SETTLED_S = 60.0


class State(StrEnum):
    """The state of a component."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    STOPPED = "stopped"


@dataclass(slots=True)
class _Supervised:
    component: Component
    state: State = State.WAITING
    restarts: int = 0


class Supervisor:
    """Runs the components of one instance; `report` gets lines for the user, `on_change` is called when a state changes."""

    def __init__(self, components: Iterable[Component], report: Callable[[str], None], on_change: Callable[[], None]) -> None:
        self._supervised = {component.child.name: _Supervised(component) for component in components}
        self._report = report
        self._on_change = on_change
        self._waves: list[Sequence[Component]] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, wave: Sequence[Component]) -> None:
        """Start components at the same time and supervise them from then on. Raises the first error, usually a UserError."""
        self._waves.append(wave)
        try:
            async with asyncio.TaskGroup() as group:
                for component in wave:
                    group.create_task(self._start(self._supervised[component.child.name]))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def abandon(self, wave: Sequence[Component]) -> None:
        """End components that could not all be started, and supervise them no longer: the others go on."""
        for component in wave:
            await component.child.stop()
            self._set(self._supervised[component.child.name], State.STOPPED)

    async def stop(self) -> None:
        """End every component, the last wave first, since it needs those before; each has time to finish what it does."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for wave in reversed(self._waves):
            await asyncio.gather(*(component.child.stop() for component in wave))
        for supervised in self._supervised.values():
            supervised.state = State.STOPPED
        self._on_change()

    def statuses(self) -> tuple[ComponentStatus, ...]:
        """Return the status of every component."""
        return tuple(_status(supervised) for supervised in self._supervised.values())

    async def _start(self, supervised: _Supervised) -> None:
        component, began = supervised.component, seconds()
        self._set(supervised, State.STARTING)
        try:
            await start(component)
        except UserError:
            repaired = await asyncio.to_thread(component.repair)
            if repaired is None:
                raise
            self._report(f"{component.child.name:<12} {repaired}")
            await start(component)
        self._set(supervised, State.READY)
        self._report(f"{component.child.name:<12} {component.address:<28} ready in {seconds() - began:.1f} s")
        self._tasks.append(asyncio.create_task(self._keep_running(supervised)))

    async def _keep_running(self, supervised: _Supervised) -> None:
        child, backoff = supervised.component.child, _BACKOFF_S
        while True:
            began = seconds()
            await child.wait()
            backoff = _BACKOFF_S if seconds() - began > _SETTLED_S else backoff
            supervised.restarts += 1
            self._set(supervised, State.RESTARTING)
            self._report(f"{child.name:<12} ended ({_ending(child)}), starting it again in {backoff:.1f} s")
            await asyncio.sleep(backoff)
            await self._restart(supervised)
            backoff = min(backoff * 2, _LONGEST_BACKOFF_S)

    async def _restart(self, supervised: _Supervised) -> None:
        """Start a component once more. Every error is a failed start and never ends the supervision: nothing else would try again."""
        child, began = supervised.component.child, seconds()
        try:
            await start(supervised.component)
        except Exception as error:  # a full disk, no process left to fork, a defect in a probe
            self._report(f"{child.name:<12} {_reason(error)}")
            await child.kill()
            return
        self._set(supervised, State.READY)
        self._report(f"{child.name:<12} ready again in {seconds() - began:.1f} s")

    def _set(self, supervised: _Supervised, state: State) -> None:
        supervised.state = state
        # A status that can't be written is no reason to leave a component alone, or to end one that runs
        try:
            self._on_change()
        except OSError as error:
            self._report(f"{supervised.component.child.name:<12} is {state}, which can't be written down: {error.strerror}")


def _ending(child: ChildProcess) -> str:
    code = child.code or 0
    return f"signal {-code}" if code < 0 else f"exit code {code}: {child.last_line()}"


def _reason(error: Exception) -> str:
    match error:
        case UserError():
            return str(error)
        case OSError(strerror=str(reason)):
            return f"can't be started: {reason}"
        case _:
            return f"can't be started: unexpected {type(error).__name__}"


def _status(supervised: _Supervised) -> ComponentStatus:
    component, pid = supervised.component, supervised.component.child.pid
    return ComponentStatus(component.child.name, supervised.state, component.address, pid, start_time(pid), supervised.restarts)
