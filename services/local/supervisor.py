"""Law: every part is started when those before it are ready, started again when it dies, and ended when the supervisor ends."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.adapters.clock import seconds
from services.local.child import Child
from services.local.instance import PartStatus
from services.local.memory import started
from services.local.part import Part, start
from services.local.trouble import Trouble

# The first new start is at once felt as none; one that dies again and again must not eat the machine
_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 10.0
# Whoever lived this long died of something new
_SETTLED_S = 60.0


class State(StrEnum):
    """How a part is doing."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    STOPPED = "stopped"


@dataclass(slots=True)
class _Watched:
    part: Part
    state: State = State.WAITING
    restarts: int = 0


class Supervisor:
    """Watches over the parts of one instance; `tell` gets a line for people, `changed` is called when the state of a part is another."""

    def __init__(self, parts: Iterable[Part], tell: Callable[[str], None], changed: Callable[[], None]) -> None:
        self._watched = {part.child.name: _Watched(part) for part in parts}
        self._tell = tell
        self._changed = changed
        self._waves: list[Sequence[Part]] = []
        self._watching: list[asyncio.Task[None]] = []

    async def start(self, wave: Sequence[Part]) -> None:
        """Start parts side by side and watch over each from then on. Raises what went wrong first, usually a Trouble."""
        self._waves.append(wave)
        try:
            async with asyncio.TaskGroup() as group:
                for part in wave:
                    group.create_task(self._start(self._watched[part.child.name]))
        except ExceptionGroup as several:
            raise several.exceptions[0] from None

    async def stop(self) -> None:
        """End every part: the last wave first, since it stands on those before; each part has time to finish what it does."""
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        for wave in reversed(self._waves):
            await asyncio.gather(*(part.child.stop() for part in wave))
        for watched in self._watched.values():
            watched.state = State.STOPPED
        self._changed()

    def statuses(self) -> tuple[PartStatus, ...]:
        """Return every part as others see it."""
        return tuple(_status(watched) for watched in self._watched.values())

    async def _start(self, watched: _Watched) -> None:
        began = seconds()
        self._set(watched, State.STARTING)
        await start(watched.part)
        self._set(watched, State.READY)
        self._tell(f"{watched.part.child.name:<12} {watched.part.address:<28} ready in {seconds() - began:.1f} s")
        self._watching.append(asyncio.create_task(self._watch(watched)))

    async def _watch(self, watched: _Watched) -> None:
        child, pause = watched.part.child, _PAUSE_S
        while True:
            began = seconds()
            await child.gone()
            pause = _PAUSE_S if seconds() - began > _SETTLED_S else pause
            watched.restarts += 1
            self._set(watched, State.RESTARTING)
            self._tell(f"{child.name:<12} ended ({_ending(child)}), starting it again in {pause:.1f} s")
            await asyncio.sleep(pause)
            await self._again(watched)
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    async def _again(self, watched: _Watched) -> None:
        """Start a part once more. Whatever goes wrong is a start that failed, never the end of the watch: nobody else would try again."""
        child, began = watched.part.child, seconds()
        try:
            await start(watched.part)
        except Exception as wrong:  # a full disk, no process left to fork, a defect in a probe
            self._tell(f"{child.name:<12} {_why(wrong)}")
            await child.kill()
            return
        self._set(watched, State.READY)
        self._tell(f"{child.name:<12} ready again in {seconds() - began:.1f} s")

    def _set(self, watched: _Watched, state: State) -> None:
        watched.state = state
        # A status that can't be written down is no reason to leave a part alone, or to end one that runs
        try:
            self._changed()
        except OSError as wrong:
            self._tell(f"{watched.part.child.name:<12} is {state}, which can't be written down: {wrong.strerror}")


def _ending(child: Child) -> str:
    code = child.code or 0
    return f"signal {-code}" if code < 0 else f"exit code {code}: {child.last_line()}"


def _why(wrong: Exception) -> str:
    match wrong:
        case Trouble():
            return str(wrong)
        case OSError(strerror=str(reason)):
            return f"can't be started: {reason}"
        case _:
            return f"can't be started: unexpected {type(wrong).__name__}"


def _status(watched: _Watched) -> PartStatus:
    child = watched.part.child
    return PartStatus(child.name, watched.state, watched.part.address, child.pid, started(child.pid), watched.restarts)
