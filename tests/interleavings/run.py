"""One run: a seed in, what went wrong out, with every step that led to it.

The seed says of which kind the run is: workers that fold, desks that hold, an intake, or the outbox of an organisation's own system.
"""

import asyncio
import hashlib
import logging
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from tests.interleavings import checks
from tests.interleavings.seeded_loop import StuckError
from tests.interleavings.stages.folding import Folding
from tests.interleavings.stages.holding import Holding
from tests.interleavings.stages.queueing import Queueing
from tests.interleavings.stages.sending import Sending
from tests.interleavings.stages.taking_in import Intake
from tests.interleavings.trouble import Supervisor, Troubles
from tests.interleavings.wire import Step
from tests.interleavings.worker import Worker
from tests.interleavings.world import World

Kind = Literal["desks", "folding", "intake", "queueing", "sending"]
KINDS: Final[tuple[Kind, ...]] = ("folding", "queueing", "sending", "intake", "folding", "queueing", "desks", "folding")
_WORKERS: Final[dict[Kind, int]] = {"desks": 1, "folding": 2, "intake": 1, "queueing": 0}
_TROUBLE_S: Final = 4.0
# After the trouble every part is back, and the world comes to rest within this time of its own; a worker of a desk may wait a minute
_REST_S: Final = 30.0
_DESKS_REST_S: Final = 900.0
_LOOKS_S: Final = 0.5
# One run in so many is folded by the reference too
_THOROUGH: Final = 16
# Where files are as fast as memory, on machines that have that
_MEMORY: Final = next((str(path) for path in [Path("/dev/shm")] if path.is_dir()), None)  # noqa: S108


class Stage(Protocol):
    """What happens in a run beside the trouble."""

    def senders(self) -> list[Any]:
        """Return what is done, as coroutines."""

    def behind(self) -> list[str]:
        """Return what is not at rest yet."""

    async def settle(self) -> None:
        """Do what is to be done before the checks."""

    def wrong(self) -> list[str]:
        """Return what is wrong at rest."""

    def close(self) -> None:
        """Close what is open."""


@dataclass(slots=True)
class Outcome:
    """The result of a run."""

    seed: int
    kind: Kind
    wrong: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """Return what two runs of a seed must have alike."""
        return hashlib.sha256("\n".join(map(str, self.steps)).encode()).hexdigest()[:16]


def kind_of(seed: int) -> Kind:
    """Return of which kind the run of a seed is."""
    return KINDS[seed % len(KINDS)]


def run(seed: int) -> Outcome:
    """Run a seed."""
    with _quiet(), tempfile.TemporaryDirectory(prefix="plek-run-", dir=_MEMORY) as folder:
        random.seed(seed)  # what the code under test draws for itself
        outcome = Outcome(seed, kind_of(seed))
        if outcome.kind == "sending":
            sending = Sending(seed, Path(folder))
            outcome.steps = sending.steps
            sending.run()
            outcome.wrong += sending.wrong
        else:
            _run_world(World(seed), outcome, Path(folder))
        return outcome


def _run_world(world: World, outcome: Outcome, folder: Path) -> None:
    outcome.steps = world.wire.steps
    stages: list[Stage] = []
    try:
        outcome.wrong += world.loop.run_until_complete(_play(world, outcome.kind, folder, stages))
    except StuckError:
        outcome.wrong.append("nothing is ready, and nothing is waited for")
    if not outcome.wrong:
        outcome.wrong += checks.wrong(world, thorough=outcome.seed % _THOROUGH == 0)
    world.loop.finish()
    for stage in stages:
        stage.close()


async def _play(world: World, kind: Kind, folder: Path, stages: list[Stage]) -> list[str]:
    """Let the world run through its trouble and come to rest; return why it does not, and what is wrong then."""
    if kind == "queueing":  # without an outage nothing is queued
        world.trouble.outages = world.trouble.kills = True
    if kind == "desks":  # without a worker that sleeps every hold is decided at once
        world.trouble.freezes = True
    stage = _stage(world, kind, folder)
    stages.append(stage)
    world.workers += [Worker(world, f"worker-{number}") for number in range(1, _WORKERS[kind] + 1)]
    supervisor = Supervisor(world, world.workers)
    works = [(world.loop.process(f"sender-{number}"), work) for number, work in enumerate(stage.senders(), start=1)]
    sending: list[asyncio.Task[None]] = [world.loop.run_as(process, work) for process, work in works]
    caring = world.loop.create_task(supervisor.run_forever())
    await Troubles(world, supervisor).run_for(_TROUBLE_S)
    world.heal()
    late = await _rest(world, stage, sending, _DESKS_REST_S if kind == "desks" else _REST_S)
    caring.cancel()
    if late:
        return [*world.broken, *late]
    await stage.settle()
    return stage.wrong()


def _stage(world: World, kind: Kind, folder: Path) -> Stage:
    if kind == "desks":
        return Holding(world, folder)
    if kind == "queueing":
        return Queueing(world, folder)
    return Intake(world) if kind == "intake" else Folding(world)


async def _rest(world: World, stage: Stage, sending: list[asyncio.Task[None]], within_s: float) -> list[str]:
    """Wait until everything is at rest; return what is not."""
    until = world.loop.time() + within_s
    late: list[str] = []
    while world.loop.time() < until:
        await asyncio.sleep(_LOOKS_S)
        for task in sending:
            if task.done():
                task.result()
        late = ["a sender still sends" for task in sending if not task.done()] or [*stage.behind(), *checks.left_in_hand(world)]
        late = late or (checks.behind(world) if world.workers else [])
        if not late:
            return []
    return [f"not at rest after {within_s:.0f} s: {why}" for why in late]


@contextmanager
def _quiet() -> Iterator[None]:
    """Log nothing: a run provokes thousands of warnings."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
