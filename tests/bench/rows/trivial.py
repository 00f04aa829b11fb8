"""Our Faust parts beside Quix Streams and beside Faust one event at a time, all with a trivial fold."""

import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from redis.asyncio import Redis

from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import Topics
from tests.bench import contest
from tests.bench.contest import Contest, Contestant, Rival
from tests.bench.peers import interpreter
from tests.bench.report import Result, ratios
from tests.bench.stage import Stage
from tests.bench.trivial import POSITIONS

# Of the slow ones fewer events are folded: rates are compared, not times.
_SLOW_S = 15.0
# A checkpoint of Quix Streams. Shorter ones cost it a little, longer ones nothing, but its progress is seen in steps of this.
_COMMIT_S = "0.5"


async def measure(stage: Stage) -> list[Result]:
    """Measure the three on the same log in turn."""
    settings, peers = await stage.log(stage.events), interpreter(stage.folder / "peers")

    def contestant(name: str, module: str, python: str = sys.executable) -> Contestant:
        argv = stage.module(module, _options(settings), python=python)
        return Contestant(name=name, argv=argv, progress=_positions(settings.redis), events=stage.events, seconds=_SLOW_S)

    held = Contest(
        row="trivial",
        first=contestant("batches in Faust", "tests.bench.trivial_batches"),
        rivals=[
            Rival(contestant=contestant("Quix Streams", "tests.bench.trivial_quix", peers), aim=1.5),
            Rival(contestant=contestant("Faust one by one", "tests.bench.trivial_faust"), aim=5.0),
        ],
    )
    await contest.run(held, stage)
    return ratios(held)


def _options(settings: Settings) -> str:
    """Return the command line of a contestant of the trivial fold."""
    topic = Topics(settings.prefix).bed_events
    return json.dumps({"kafka": settings.kafka, "redis": settings.redis, "topic": topic, "commit_s": _COMMIT_S})


def _positions(url: str) -> Callable[[], Awaitable[int]]:
    async def done() -> int:
        redis: Any = Redis.from_url(url)
        try:
            return sum(int(offset) + 1 for offset in await redis.hvals(POSITIONS))
        finally:
            await redis.aclose()

    return done
