"""The rows of the benchmark: who folds what, beside whom, and what the ratio ought to be. Each row runs alone, too."""

import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from services.adapters.settings import Settings
from services.adapters.topics import Topics
from services.adapters.view.redis_view import RedisView
from tests.bench.contest import Contest, Contestant, Rival
from tests.bench.peers import interpreter
from tests.bench.trivial import POSITIONS

# Of the slow ones fewer events are folded: rates are compared, not times.
_SLOW_S = 15.0
# A checkpoint of Quix Streams. Shorter ones cost it a little, longer ones nothing, but its progress is seen in steps of this.
_COMMIT_S = "0.5"


@dataclass(frozen=True, slots=True)
class Stage:
    """Where contests take place: the servers and the log, the number of its events, and a folder for what must be kept."""

    settings: Settings
    events: int
    folder: Path

    def module(self, name: str, *arguments: str, python: str = sys.executable) -> list[str]:
        """Return the command line of a module of this benchmark or of a service."""
        return [python, "-m", name, *arguments]

    def told(self) -> str:
        """Write what a contestant of the trivial fold is told."""
        topic = Topics(self.settings.prefix).bed_events
        return json.dumps({"kafka": self.settings.kafka, "redis": self.settings.redis, "topic": topic, "commit_s": _COMMIT_S})


def processor(stage: Stage) -> Contest:
    """Put the processor as shipped beside a bare loop with the same fold and fence."""
    environment = stage.settings.environment()
    shipped = Contestant(
        name="processor",
        argv=stage.module("services.processor"),
        progress=_view(stage),
        events=stage.events,
        environment=environment,
    )
    bare = Contestant(
        name="raw aiokafka loop",
        argv=stage.module("tests.bench.raw_loop"),
        progress=_view(stage),
        events=stage.events,
        environment=environment,
    )
    return Contest(row="processor", first=shipped, rivals=[Rival(contestant=bare, aim=0.8)])


def trivial(stage: Stage) -> Contest:
    """Put our Faust parts beside Quix Streams and beside Faust one event at a time, all with a trivial fold."""
    peers = interpreter(stage.folder / "peers")
    ours = _trivial(stage, "batches in Faust", "tests.bench.trivial_batches")
    quix = _trivial(stage, "Quix Streams", "tests.bench.trivial_quix", peers)
    single = _trivial(stage, "Faust one by one", "tests.bench.trivial_faust")
    return Contest(row="trivial", first=ours, rivals=[Rival(contestant=quix, aim=1.5), Rival(contestant=single, aim=5.0)])


def _trivial(stage: Stage, name: str, module: str, python: str = sys.executable) -> Contestant:
    return Contestant(
        name=name,
        argv=stage.module(module, stage.told(), python=python),
        progress=_positions(stage.settings.redis),
        events=stage.events,
        seconds=_SLOW_S,
    )


def _view(stage: Stage) -> Callable[[], Awaitable[int]]:
    async def done() -> int:
        view = RedisView(stage.settings.redis, stage.settings.prefix, stage.settings.partitions)
        try:
            return sum(position.offset + 1 for position in (await view.positions()).values())
        finally:
            await view.close()

    return done


def _positions(url: str) -> Callable[[], Awaitable[int]]:
    async def done() -> int:
        redis: Any = Redis.from_url(url)
        try:
            return sum(int(offset) + 1 for offset in await redis.hvals(POSITIONS))
        finally:
            await redis.aclose()

    return done


CONTESTS = {"processor": processor, "trivial": trivial}
