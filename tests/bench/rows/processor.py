"""The processor as shipped, beside a bare loop over a Kafka consumer with the same fold and fence."""

from tests.bench import contest
from tests.bench.contest import Contest, Contestant, Rival
from tests.bench.report import Result, ratios
from tests.bench.stage import Stage
from tests.bench.views import folded


async def measure(stage: Stage) -> list[Result]:
    """Measure the two on the same log in turn."""
    settings = await stage.log(stage.events)
    shipped, bare = (
        Contestant(
            name=name,
            argv=stage.module(module),
            progress=lambda: folded(settings),
            events=stage.events,
            environment=settings.environment(),
        )
        for name, module in (("processor", "services.processor"), ("raw aiokafka loop", "tests.bench.raw_loop"))
    )
    held = Contest(row="processor", first=shipped, rivals=[Rival(contestant=bare, aim=0.8)])
    await contest.run(held, stage)
    return ratios(held)
