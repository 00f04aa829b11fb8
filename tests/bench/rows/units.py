"""What ten times as many units cost: an event must cost the same, a unit must need the same memory."""

from dataclasses import dataclass
from statistics import median

from services.local.processes.memory_usage import memory_of
from tests.bench.bed_log import fill
from tests.bench.living import lived, opened
from tests.bench.pace import START_S, reached
from tests.bench.report import Result
from tests.bench.stage import Stage
from tests.bench.views import folded
from tests.servers import Service, settings_for

FEW, MANY = 1_000, 10_000
# The same number in both: in a run of half a second what was fetched before its first event weighs more than what an event costs
_EVENTS = 200_000
_PATIENCE_S = 300.0
# Constant but for what a shared machine makes of it
_AIM = 0.8


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds an event, and bytes of the processor at the end."""

    event: float
    memory: int


async def measure(stage: Stage) -> list[Result]:
    """Fold the lives of countries of two sizes, in turn."""
    found: dict[int, list[Cost]] = {FEW: [], MANY: []}
    for turn in range(stage.rounds):
        for units, costs in found.items():
            costs.append(await _cost(stage, units, turn))
            stage.say(f"units {turn + 1}/{stage.rounds}: {units:,} units {costs[-1].event:.0f} µs an event, {costs[-1].memory >> 20} MiB")
    ratios = [few.event / many.event for few, many in zip(found[FEW], found[MANY], strict=True)]
    grown = median(many.memory - few.memory for few, many in zip(found[FEW], found[MANY], strict=True))
    return [
        Result(
            row="units",
            what="cost of an event, 1,000 units ÷ 10,000",
            unit="times",
            value=round(median(ratios), 2),
            aim=_AIM,
            rounds=[round(ratio, 2) for ratio in ratios],
        ),
        *(Result(row="units", what=f"an event among {units:,} units", unit="µs", value=_event(found[units]), aim=None) for units in found),
        *(
            Result(row="units", what=f"memory of the processor, {units:,} units", unit="MiB", value=_memory(found[units]) / 2**20, aim=None)
            for units in found
        ),
        Result(row="units", what="memory of one unit more", unit="KiB", value=grown / (MANY - FEW) / 2**10, aim=None),
    ]


def _event(costs: list[Cost]) -> float:
    return median(cost.event for cost in costs)


def _memory(costs: list[Cost]) -> float:
    return median(cost.memory for cost in costs)


async def _cost(stage: Stage, units: int, turn: int) -> Cost:
    """Fold a country of that many units once it stands; what it took to stand is not counted."""
    servers = await stage.servers()
    settings = settings_for(*servers, f"units-{units}-{turn}", data=stage.scratch)
    standing = sum((await fill(settings, opened(units))).values())
    processor = Service("processor", settings, stage.logs / f"units-{units}-{turn}.log")
    processor.child.start()
    try:
        await reached(lambda: folded(settings), processor.child, standing, START_S)
        await processor.child.stop()
        await fill(settings, lived(units, _EVENTS))
        processor.child.start()
        begun, before = await reached(lambda: folded(settings), processor.child, standing + 1, START_S)
        ended, after = await reached(lambda: folded(settings), processor.child, standing + _EVENTS, _PATIENCE_S)
        return Cost((ended - begun) / (after - before) * 1e6, memory_of(processor.pid) or 0)
    finally:
        await processor.stop()
