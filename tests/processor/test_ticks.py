"""The order of what a processor does beside Faust, and how it ends: with a Faust and agents that note what they are to do."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from services.adapters.config.settings import Settings
from services.processor.app import Processor


class _Stage:
    """A processor of which Faust and the agents are played; `steps` has what they did, in order."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.failing: Exception | None = None
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.faust = SimpleNamespace(
            rebalancing=False, crashed=False, consumer=SimpleNamespace(commit_positions=self._does("commit")), stop=self._does("stop")
        )
        self.agent = SimpleNamespace(tick=self._tick, failed=None, manager=SimpleNamespace(retry_halted=self._does("retry")))
        self.processor = Processor(Settings(kafka="127.0.0.1:1", redis="redis://127.0.0.1:1/0"))
        played: Any = self.processor
        played.faust, played.agents = self.faust, (self.agent,)

    def _does(self, step: str) -> Callable[[], Any]:
        async def do() -> None:
            await asyncio.sleep(0)
            self.steps.append(step)

        return do

    async def _tick(self, _now: int, _clock: int | None) -> None:
        await self.goes_on.wait()
        self.steps.append("tick")
        if self.failing:
            raise self.failing


async def _ended(ticking: "asyncio.Task[None]") -> bool:
    """Return whether the ticks end by themselves."""
    await asyncio.wait([ticking], timeout=3)
    ended = ticking.done()
    ticking.cancel()
    await asyncio.wait([ticking])
    return ended


@pytest.mark.parametrize(("rebalancing", "steps"), [(False, ["commit"]), (True, [])])
async def test_nothing_is_committed_while_partitions_change_hands(*, rebalancing: bool, steps: list[str]) -> None:
    """During a rebalance the positions may be those of partitions that another worker has by now: they are not committed."""
    stage = _Stage()
    stage.faust.rebalancing = rebalancing
    await stage.processor._commit_positions()
    assert stage.steps == steps


async def test_without_a_consumer_nothing_is_committed() -> None:
    """Before Faust has a consumer there is nothing to commit, and no error."""
    stage = _Stage()
    stage.faust.consumer = None
    await stage.processor._commit_positions()
    assert stage.steps == []


async def test_positions_are_committed_after_the_tick() -> None:
    """A tick is over before the positions of the view are committed, and a stop ends the ticks without a failure."""
    stage, stop = _Stage(), asyncio.Event()
    ticking = asyncio.create_task(stage.processor._tick_until(stop))
    while "commit" not in stage.steps:  # noqa: ASYNC110 - the next turn of the loop is what is waited for
        await asyncio.sleep(0)
    stop.set()
    assert await _ended(ticking)
    assert (stage.steps, stage.processor.status.failed) == (["tick", "commit"], None)


async def test_a_processor_whose_tick_fails_ends() -> None:
    """An exception of a tick ends the run with a reason, without a stop: a supervisor then starts the process again."""
    stage = _Stage()
    stage.failing = ValueError("unforeseen")
    assert await _ended(asyncio.create_task(stage.processor._tick_until(asyncio.Event())))
    assert (stage.steps, stage.processor.status.failed) == (["tick"], "a tick failed")


async def test_a_processor_ends_when_faust_or_an_agent_has_failed() -> None:
    """A crash of Faust and the failure of an agent end the ticks, each with its reason."""
    crashed, stuck = _Stage(), _Stage()
    crashed.faust.crashed, crashed.faust.crash_reason = True, KeyError("x")
    stuck.agent.failed = "partition 0 stands"
    ticking = [asyncio.create_task(stage.processor._tick_until(asyncio.Event())) for stage in (crashed, stuck)]
    assert await asyncio.gather(*map(_ended, ticking)) == [True, True]
    assert [stage.processor.status.failed for stage in (crashed, stuck)] == ["faust crashed: KeyError", "partition 0 stands"]


async def test_a_tick_that_waits_does_not_hold_up_a_stop() -> None:
    """While a tick waits for Redis a stop ends it at once."""
    stage, stop = _Stage(), asyncio.Event()
    stage.goes_on.clear()
    stop.set()
    assert await _ended(asyncio.create_task(stage.processor._tick_until(stop)))
    assert (stage.steps, stage.processor.status.failed) == ([], None)


async def test_at_its_end_positions_are_committed_before_faust_stops() -> None:
    """What was folded last is committed while there is a consumer to do it with."""
    stage = _Stage()
    await stage.processor._end()
    assert stage.steps == ["commit", "stop"]
