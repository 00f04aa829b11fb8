"""Law: only ratios count, and only within a round. Contestants take turns, each alone with an empty Redis; then the next round.

A rate is taken between the first progress seen and the end: what starting a process and joining a group take is not in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from services.local.processes.child_process import ChildProcess
from tests.bench.pace import START_S, Progress, reached
from tests.bench.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """A program that folds the log from its beginning; `seconds` ends the measuring of one too slow to reach the end."""

    name: str
    argv: Sequence[str]
    progress: Progress
    events: int
    seconds: float = 600.0
    environment: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """Whom the first contestant of a contest is held against, and what the ratio ought to be at least."""

    contestant: Contestant
    aim: float


@dataclass(slots=True, kw_only=True)
class Contest:
    """The first beside its rivals; `rates` holds events a second by contestant, one for each round."""

    row: str
    first: Contestant
    rivals: list[Rival]
    rates: dict[str, list[float]] = field(default_factory=dict)

    def entrants(self) -> Iterator[Contestant]:
        """List who runs in a round, in turn."""
        yield self.first
        yield from (rival.contestant for rival in self.rivals)

    def ratios(self, rival: Rival) -> list[float]:
        """Return how many times as fast the first was, round by round."""
        return [ours / theirs for ours, theirs in zip(self.rates[self.first.name], self.rates[rival.contestant.name], strict=True)]

    def ratio(self, rival: Rival) -> float:
        """Return the median of the rounds."""
        return median(self.ratios(rival))


async def run(contest: Contest, stage: Stage) -> None:
    """Run each contestant once a round, in turn."""
    for turn in range(stage.rounds):
        for entrant in contest.entrants():
            await stage.emptied()
            rate = await _rate(entrant, stage.logs / f"{contest.row}-{turn}-{entrant.name.split()[0]}.log")
            contest.rates.setdefault(entrant.name, []).append(rate)
            stage.say(f"{contest.row} {turn + 1}/{stage.rounds}: {entrant.name} {rate:,.0f} events/s")


async def _rate(entrant: Contestant, log: Path) -> float:
    child = ChildProcess(entrant.name, list(entrant.argv), log, entrant.environment)
    child.start()
    try:
        begun, before = await reached(entrant.progress, child, 1, START_S)
        ended, after = await reached(entrant.progress, child, entrant.events, entrant.seconds)
    finally:
        await child.stop()
    if after <= before:
        raise RuntimeError(f"{entrant.name} stands still at {after} of {entrant.events} events: {child.last_line()}")
    return (after - before) / (ended - begun)
