"""One, two and three processors on one log: what an event costs over all processes, and how much faster two are than one."""

import os
from statistics import median
from typing import Final

from tests.bench.country import country
from tests.bench.fleet import Cost, fold
from tests.bench.report import Result
from tests.bench.stage import Stage

# Where two cores are free for them
_AIM: Final = 1.7
# What more workers may add to an event: each has a loop, a heartbeat and a tick of its own
_FLAT: Final = 1.10
_EVENTS: Final = 200_000
_FLEETS: Final = (1, 2, 3)


async def measure(stage: Stage) -> list[Result]:
    """Measure one, two and three workers in turn."""
    found: dict[int, list[Cost]] = {workers: [] for workers in _FLEETS}
    for turn in range(stage.rounds):
        for workers, costs in found.items():
            cost = await fold(stage, f"workers-{workers}-{turn}", workers, country(_EVENTS), _EVENTS)
            costs.append(cost)
            stage.say(f"workers {turn + 1}/{stage.rounds}: {workers} {cost.rate:,.0f} events/s, {cost.event_us:.0f} µs an event")
    return [*_faster(found), *_costs(found), *_to_redis(found[1])]


def _faster(found: dict[int, list[Cost]]) -> list[Result]:
    """Write how much faster two are than one, and what the servers leave of the machine."""
    ratios = [two.rate / one.rate for one, two in zip(found[1], found[2], strict=True)]
    cores, most = os.cpu_count() or 1, median(cost.share for cost in found[1])
    return [
        Result(
            row="workers",
            what="two workers ÷ one",
            unit="times",
            value=round(median(ratios), 2),
            aim=_AIM,
            rounds=[round(ratio, 2) for ratio in ratios],
            rates={_named(workers): [round(cost.rate) for cost in costs] for workers, costs in found.items()},
        ),
        Result(
            row="workers",
            what=f"the most that {cores} cores allow: theirs ÷ what one worker and its share of Kafka and Valkey use",
            unit="times",
            value=round(min(2.0, cores * most), 2),
            aim=None,
        ),
    ]


def _costs(found: dict[int, list[Cost]]) -> list[Result]:
    """Write the time of processors that an event takes, over all processes, and how it grows with the workers."""
    costs = [
        Result(
            row="workers",
            what=f"time of processors an event, all processes, {_named(workers)}",
            unit="µs",
            value=round(median(cost.event_us for cost in each), 1),
            aim=None,
            rounds=[round(cost.event_us, 1) for cost in each],
        )
        for workers, each in found.items()
    ]
    return costs + [
        _ratio(f"time of processors an event, {_named(workers)} ÷ one", found[workers], found[1]) for workers in _FLEETS if workers > 1
    ]


def _ratio(what: str, many: list[Cost], one: list[Cost]) -> Result:
    ratios = [more.event_us / alone.event_us for more, alone in zip(many, one, strict=True)]
    return Result(
        row="workers",
        what=what,
        unit="times as long",
        value=round(median(ratios), 2),
        aim=_FLAT,
        rounds=[round(ratio, 2) for ratio in ratios],
    )


def _to_redis(costs: list[Cost]) -> list[Result]:
    """Write what is sent to Redis while a log is caught up with."""
    return [
        Result(
            row="workers",
            what="bytes sent to Redis an event",
            unit="bytes",
            value=round(median(cost.redis_bytes / cost.events for cost in costs)),
            aim=None,
        ),
        Result(
            row="workers",
            what="writes of the view per 1,000 events that wait",
            unit="writes",
            value=round(median(cost.writes / cost.events * 1_000 for cost in costs), 2),
            aim=None,
        ),
    ]


def _named(workers: int) -> str:
    return f"{workers} worker{'s' * (workers > 1)}"
