"""How a processor starts: with a Faust and an agent that are played, it waits as long as it must, and never for good."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from services.adapters.config.settings import Settings
from services.processor.app import Processor

# The least that can be set
_WATCHDOG_S = 1.1


class _Stage:
    """A processor of which Faust starts once `starts` is set, and has loaded the partitions `loaded`; `away` says that Redis is."""

    def __init__(self, loaded: int) -> None:
        self.starts, self.stop = asyncio.Event(), asyncio.Event()
        self.away = False
        self.manager = SimpleNamespace(was_away=lambda: self.away)
        self.positions: Any = dict.fromkeys(range(loaded), 5)
        self.processor = Processor(Settings(kafka="127.0.0.1:1", redis="redis://127.0.0.1:1/0", watchdog_s=_WATCHDOG_S))
        played: Any = self.processor
        played.faust = SimpleNamespace(start=self._start, crashed=False)
        played.agents = (SimpleNamespace(manager=self.manager, folded=self._folded),)

    async def _start(self) -> None:
        await self.starts.wait()

    def _folded(self) -> Any:
        return dict(self.positions)

    async def started(self, within_s: float = 5.0) -> bool | None:
        """Return whether it has started; None where it still tries to after a while."""
        starting = asyncio.create_task(self.processor._start(self.stop))
        await asyncio.wait([starting], timeout=within_s)
        if starting.done():
            return starting.result()
        starting.cancel()
        return None


async def test_a_start_that_ends_has_started() -> None:
    """Once Faust has started the processor goes on, and nothing has failed."""
    stage = _Stage(loaded=0)
    stage.starts.set()
    assert await stage.started() is True
    assert stage.processor.status.failed is None


async def test_a_start_that_stands_still_ends_the_process() -> None:
    """With its partitions loaded and nothing to wait for, a start that does not end fails: no other worker gets these partitions."""
    stage = _Stage(loaded=3)
    assert await stage.started() is False
    assert stage.processor.status.failed == "the start stands still with 3 partitions loaded"


async def test_a_start_waits_for_redis_and_kafka() -> None:
    """While Redis or Kafka is away a start is not ended, however long that takes, and neither is one that has no partitions yet."""
    away, alone = _Stage(loaded=3), _Stage(loaded=0)
    away.away = True
    assert list(await asyncio.gather(away.started(2 * _WATCHDOG_S), alone.started(2 * _WATCHDOG_S))) == [None, None]
    assert (away.processor.status.failed, alone.processor.status.failed) == (None, None)


async def test_a_start_that_loads_is_not_ended() -> None:
    """A start that has loaded a partition since it was last looked at stands not still."""
    stage = _Stage(loaded=1)
    starting = asyncio.create_task(stage.started(3 * _WATCHDOG_S))
    for number in range(2, 9):
        await asyncio.sleep(_WATCHDOG_S / 3)
        stage.positions[number] = 5
    assert await starting is None
    assert stage.processor.status.failed is None


async def test_a_start_can_be_stopped() -> None:
    """A signal ends a start that hangs: it has not started, and has not failed."""
    stage = _Stage(loaded=3)
    stage.stop.set()
    assert await stage.started() is False
    assert stage.processor.status.failed is None


async def test_a_start_that_raises_ends_the_process() -> None:
    """What Faust raises at its start is not passed over."""
    stage = _Stage(loaded=0)

    async def start() -> None:
        raise RuntimeError("no broker")

    played: Any = stage.processor.faust
    played.start = start
    with pytest.raises(RuntimeError, match="no broker"):
        await stage.started()
