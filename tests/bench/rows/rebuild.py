"""A million events of one country of 1,000 units, five years of it, folded into an empty Redis."""

import time
from itertools import chain

from services.local.processes.memory_usage import memory_of
from tests.bench.bed_log import fill
from tests.bench.living import lived, opened
from tests.bench.pace import reached
from tests.bench.report import Result
from tests.bench.stage import Stage
from tests.bench.views import folded
from tests.servers import Service, settings_for

_UNITS = 1_000
_EVENTS = 1_000_000
_MIB = 2**20
# As 200,000 in 10 s, which is the aim of a recovery (tests/faults/recovery.py)
_AIM_S = 50.0
_PATIENCE_S = 900.0


async def measure(stage: Stage) -> list[Result]:
    """Start a processor on an empty view, and wait until all is folded; its start is part of it."""
    settings = settings_for(*await stage.servers(), "rebuild", data=stage.scratch)
    written = sum((await fill(settings, chain(opened(_UNITS), lived(_UNITS, _EVENTS)))).values())
    processor = Service("processor", settings, stage.logs / "rebuild.log")
    began = time.monotonic()
    processor.child.start()
    try:
        ended, done = await reached(lambda: folded(settings), processor.child, written, _PATIENCE_S)
        memory = memory_of(processor.pid) or 0
    finally:
        await processor.stop()
    stage.say(f"rebuild: {done:,} of {written:,} events in {ended - began:.0f} s")
    return [
        Result(row="rebuild", what="1,000,000 events into an empty Redis, start included", unit="s", value=ended - began, aim=_AIM_S),
        Result(row="rebuild", what="events folded", unit="/s", value=done / (ended - began), aim=None),
        Result(row="rebuild", what="memory of the processor afterwards", unit="MiB", value=memory / _MIB, aim=None),
    ]
