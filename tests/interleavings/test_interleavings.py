"""Interleavings: in every order that a seed gives, the view equals the log and nothing that was promised is lost."""

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.faults.planted.planted_bugs import planted_bugs
from tests.interleavings.planted import bugs, copy_of_the_code, found
from tests.interleavings.run import run
from tests.interleavings.seeded_loop import SeededLoop
from tests.interleavings.wire import Wire

ROOT: Final = Path(__file__).parents[2]
_CHUNK: Final = 8
_FEW, _MANY = range(0, 64, _CHUNK), range(64, 4_064, 100)


def _failed_before() -> list[int]:
    """Read the seeds that have ever failed."""
    lines = (Path(__file__).parent / "failed_seeds.txt").read_text("utf-8").splitlines()
    return [int(line.split()[0]) for line in lines if line and not line.startswith("#")]


def _wrong(seeds: range) -> list[str]:
    return [f"seed {seed}: {why}" for seed in seeds for why in run(seed).wrong]


@pytest.mark.parametrize("first", _FEW)
def test_nothing_is_wrong_in_any_order(first: int) -> None:
    """Eight runs, of each kind one at least: at rest the view is what the log gives, and whatever was promised is there."""
    assert _wrong(range(first, first + _CHUNK)) == []


@pytest.mark.parametrize("seed", _failed_before())
def test_a_seed_that_failed_once_fails_no_more(seed: int) -> None:
    """A seed that has found a fault, of the product or of the simulation, finds none."""
    assert run(seed).wrong == []


@pytest.mark.long
@pytest.mark.parametrize("first", _MANY)
def test_nothing_is_wrong_in_thousands_of_orders(first: int) -> None:
    """A hundred runs."""
    assert _wrong(range(first, first + 100)) == []


@pytest.mark.parametrize("seed", range(_CHUNK))
def test_a_seed_gives_the_same_run(seed: int) -> None:
    """The steps of a run are the same the second time, to the tenth of a millisecond."""
    first = run(seed)
    assert len(first.steps) > 5
    assert first.digest == run(seed).digest


@pytest.mark.e2e
def test_a_seed_gives_the_same_run_in_another_process() -> None:
    """The command can replay what a test has run, though names have another hash in its process."""
    seeds = range(_CHUNK)
    code = f"from tests.interleavings.run import run; print(*(run(seed).digest for seed in {list(seeds)}))"
    there = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=True
    )
    assert there.stdout.split() == [run(seed).digest for seed in seeds]


def test_each_bug_that_is_found_is_one_that_can_be_planted() -> None:
    """The laws whose bugs the interleavings find are laws of planted bugs, eight of them at least."""
    known = {bug.law for bug in planted_bugs()}
    assert len(bugs()) >= 8
    assert set(bugs()) <= known


@pytest.mark.e2e
@pytest.mark.long
@pytest.mark.timeout(1_200)
def test_a_planted_bug_is_found_by_its_seed() -> None:
    """Each bug, planted in a copy of the code, makes the run of its seed go wrong."""
    with copy_of_the_code() as copy:
        missed = [bug.law for bug in planted_bugs() if bug.law in bugs() and found(bug, copy, bugs()[bug.law], 1).why is None]
    assert missed == []


def test_a_process_that_is_killed_runs_nothing_more() -> None:
    """Neither its next step nor a `finally` is run; what it has sent arrives all the same, and of one that is thawed everything is."""
    loop, steps = SeededLoop(random.Random(1)), list[str]()
    wire = Wire(loop, random.Random(1))
    killed, frozen = loop.process("killed"), loop.process("frozen")

    async def work(name: str) -> None:
        try:
            await wire.call("log", "append", lambda: steps.append(f"{name} arrived"), OSError)
            steps.append(f"{name} answered")
        finally:
            steps.append(f"{name} over")

    for process in (killed, frozen):
        loop.run_as(process, work(process.name))
    loop.outside(0.0, setattr, killed, "alive", False)
    loop.outside(0.0, setattr, frozen, "frozen", True)
    loop.outside(1.0, loop.thaw, frozen)
    loop.call_later(2.0, loop.stop)
    loop.run_forever()
    seen = list(steps)
    loop.finish()
    assert sorted(seen[:2]) == ["frozen arrived", "killed arrived"]
    assert seen[2:] == ["frozen answered", "frozen over"]


def test_a_seed_decides_which_callback_is_next() -> None:
    """Without disorder callbacks run in the order in which they were made; with it each seed has an order of its own."""

    def order(seed: int, disorder: float) -> list[int]:
        loop, ran = SeededLoop(random.Random(seed), disorder), list[int]()
        for number in range(6):
            loop.call_soon(ran.append, number)
        loop.call_later(1.0, loop.stop)
        loop.run_forever()
        loop.finish()
        return ran

    assert order(1, 0.0) == list(range(6))
    orders = [order(seed, 0.9) for seed in range(20)]
    assert len({tuple(each) for each in orders}) > 10
    assert all(sorted(each) == list(range(6)) for each in orders)
