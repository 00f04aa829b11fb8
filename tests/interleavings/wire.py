"""The way between a process and its servers: each call takes a while, and a seed decides which of them fail, and how.

A call that fails may have had its effect or not, and its effect may come when its caller has gone on, or is dead: so a network does, and so
zombies come about.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar

from tests.interleavings.seeded_loop import SeededLoop

_T = TypeVar("_T")

Fate = Literal["lost", "answer lost", "late", "doubled", "slow"]
FATES: Final[tuple[Fate, ...]] = ("lost", "answer lost", "answer lost", "late", "doubled", "slow")
_USUAL_S, _SLOW_S, _TIMEOUT_S, _LATE_S = 0.004, 0.4, 1.0, 4.0
# Two calls on one connection arrive in their order
_NEXT_S: Final = 1e-6


class Step:
    """One thing that happened, for the report of a run."""

    __slots__ = ("at", "how", "process", "what")

    def __init__(self, at: float, process: str, what: str, how: str) -> None:
        self.at, self.process, self.what, self.how = at, process, what, how

    def __str__(self) -> str:
        return f"{self.at:9.4f}  {self.process:12}  {self.what:24}  {self.how}"


@dataclass(slots=True)
class Wire:
    """Carries calls. `faults` is the share of them that fail; what is in `away` answers nothing; `surprises` raise what no code expects."""

    loop: SeededLoop
    dice: random.Random
    faults: float = 0.0
    away: set[str] = field(default_factory=set)
    surprises: set[str] = field(default_factory=set)
    steps: list[Step] = field(default_factory=list)
    fates: Counter[str] = field(default_factory=Counter)
    _arrival: dict[tuple[str, str], float] = field(default_factory=dict)

    def note(self, what: str, how: str = "", process: str | None = None) -> None:
        """Note a step of this run."""
        running = self.loop.current()
        self.steps.append(Step(self.loop.time(), process or (running.name if running else "-"), what, how))

    async def call(
        self, server: str, what: str, effect: Callable[[], _T], failure: Callable[[], Exception], *, ordered: bool = False
    ) -> _T:
        """Have an effect on a server and return its answer; `ordered` calls of a process arrive in their order."""
        process = self.loop.current()
        name = process.name if process else "-"
        if name in self.surprises:
            self.surprises.discard(name)
            self.note(what, "SURPRISE")
            raise SurpriseError(what)
        fate = self._fate(server)
        there, back = self._delays(fate)
        if fate == "lost":
            self.note(what, fate)
            await _sleep(self.loop, self.dice.choice((_USUAL_S, _TIMEOUT_S)))
            raise failure()
        answer = self.loop.create_future()
        arrives = self.loop.time() + there
        if ordered:
            arrives = max(arrives, self._arrival.get((name, server), 0.0) + _NEXT_S)
            self._arrival[name, server] = arrives
        arrived = _Arrival(self, server, name, what, effect, failure, answer, fate, back)
        self.loop.outside(arrives - self.loop.time(), arrived.take)
        if fate in {"answer lost", "late"}:
            await _sleep(self.loop, _TIMEOUT_S)
            raise failure()
        found: _T = await answer
        return found

    def _fate(self, server: str) -> Fate | None:
        if server in self.away:
            return "lost"
        if not self.faults or self.dice.random() >= self.faults:
            return None
        return self.dice.choice(FATES)

    def _delays(self, fate: Fate | None) -> tuple[float, float]:
        most = {"slow": _SLOW_S, "late": _LATE_S}.get(fate or "", _USUAL_S)
        return self.dice.random() * most, self.dice.random() * (_SLOW_S if fate == "slow" else _USUAL_S)


class SurpriseError(Exception):
    """What no code of a service expects."""


@dataclass(slots=True)
class _Arrival:
    """A call that arrives at its server."""

    wire: Wire
    server: str
    process: str
    what: str
    effect: Callable[[], Any]
    failure: Callable[[], Exception]
    answer: Any
    fate: Fate | None
    back: float

    def take(self) -> None:
        """Have the effect, and send the answer back."""
        wire = self.wire
        if self.server in wire.away:
            wire.note(self.what, "away", self.process)
            wire.loop.outside(self.back, self._settle, None, self.failure())
            return
        answer, wrong = self._effect()
        if self.fate == "doubled":
            answer, wrong = self._effect()
        wire.fates[self.fate or "usual"] += 1
        wire.note(self.what, _shown(self.fate, answer, wrong), self.process)
        wire.loop.outside(self.back, self._settle, answer, wrong)

    def _effect(self) -> tuple[Any, Exception | None]:
        try:
            return self.effect(), None
        except Exception as wrong:
            return None, wrong

    def _settle(self, answer: Any, wrong: Exception | None) -> None:
        if self.answer.done():
            return
        if wrong is None:
            self.answer.set_result(answer)
        else:
            self.answer.set_exception(wrong)
            self.answer.exception()  # read once: its caller may be dead


async def _sleep(loop: SeededLoop, seconds: float) -> None:
    waiter = loop.create_future()
    timer = loop.call_later(seconds, _wake, waiter)
    try:
        await waiter
    finally:
        timer.cancel()


def _wake(waiter: Any) -> None:
    if not waiter.done():
        waiter.set_result(None)


def _shown(fate: Fate | None, answer: Any, wrong: Exception | None) -> str:
    result = type(wrong).__name__ if wrong else f"{len(answer)} records" if isinstance(answer, list) else answer
    return " ".join(filter(None, (fate or "", str(result) if isinstance(result, bool | int | str) else "")))
