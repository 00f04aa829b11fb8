"""One run: start an instance and its actors, break what the schedule names, let all come to rest, read the logs, and check."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final, Protocol

from redis.exceptions import RedisError

from services.adapters.clock import now_ms
from tests.bench.connection import Client
from tests.callers import Callers
from tests.faults.checker.checks import check
from tests.faults.programme.faults import Breaker, Injected
from tests.faults.programme.instance import Instance, instance
from tests.faults.programme.readers import moments, read_logs, watch_view
from tests.faults.programme.recorder import Caller, Recorder
from tests.faults.programme.report import Recovery, Report
from tests.faults.programme.schedule import APIS, BROKERS, GATEWAYS, REDIS, WORKERS, longest_freeze, make_schedule
from tests.faults.programme.shelters import Batches, Organisation, Post
from tests.faults.programme.workers import Onlooker, Token, Worker, lasting
from tests.leak.watch import WATCH
from tests.waiting import until

_ORGANISATIONS: Final = 4
_WORKERS: Final = 4
_PATIENCE_S: Final = 120.0
_LOOK_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Plan:
    """How a run is to be: `rate` is how many events a second the senders without an outbox send."""

    seed: int
    minutes: float
    rate: float = 40.0


class _Actor(Protocol):
    async def run(self) -> None: ...


@dataclass(slots=True)
class _Stamps:
    """By when the view had folded all that was logged, read again and again past every link: (read at, true at), in milliseconds."""

    here: Instance
    found: list[tuple[int, int]]

    async def watch(self) -> None:
        """Read until cancelled."""
        client, prefix = self.here.redis, self.here.settings.prefix
        while True:
            try:
                async with client.pipeline(transaction=False) as together:
                    for number in range(self.here.settings.partitions):
                        together.hmget(f"{prefix}:{{{number}}}:position", "alive_at", "offset", "rebuild_until")
                    rows = await together.execute()
                whole = all(row[0] and int(row[1] or -1) + 1 >= int(row[2] or 0) for row in rows)
                if whole:
                    self.found.append((now_ms(), min(int(row[0]) for row in rows)))
            except (RedisError, OSError):
                pass
            await asyncio.sleep(_LOOK_S)

    def well_after(self, at: int) -> int | None:
        """Return when the view was first seen to have all that was logged at an instant."""
        return next((read for read, true in self.found if true > at), None)


async def run(plan: Plan, folder: Path) -> Report:
    """Run a plan, and return what it came to."""
    schedule = make_schedule(plan.seed, plan.minutes * 60, longest_freeze(plan.minutes * 60))
    recorder = Recorder()
    async with instance(folder, f"faults-{plan.seed}") as here:
        await WATCH.sow(here.callers, *(here.services[name].url for name in (GATEWAYS[0], APIS[0])))
        stamps = _Stamps(here, [])
        organisations: list[Organisation] = []
        breaker = Breaker(here, recorder, Random(plan.seed))
        async with _in_background(watch_view(here, recorder.history), stamps.watch()):
            acting = _actors(plan, here, recorder, organisations)
            tasks = [asyncio.create_task(each) for each in acting]
            ending = asyncio.create_task(asyncio.sleep(plan.minutes * 60))
            async with asyncio.timeout(plan.minutes * 60 + _PATIENCE_S):  # a fault that never ends is one of the programme
                await asyncio.gather(breaker.run(schedule), ending)
            here.heal()
            left = await _well_again(here)
            recorder.over = True
            await asyncio.gather(*tasks)
        left += await _at_rest(here)
        await moments(here, recorder.history, here.settings.partitions)
        await read_logs(here.settings, recorder.history)
        await WATCH.left_in_log(here.settings.brokers)
        await WATCH.left_in(here.valkey)
    report = _report(plan, here, recorder, breaker, stamps, organisations)
    report.verdict.compare("not well again", not left, f"{_PATIENCE_S:g} s after the last fault: {', '.join(left)}")
    return report


def _report(plan: Plan, here: Instance, recorder: Recorder, breaker: Breaker, stamps: _Stamps, organisations: list[Organisation]) -> Report:
    began = time.monotonic()
    verdict = check(recorder.history)
    return Report(
        seed=plan.seed,
        minutes=plan.minutes,
        verdict=verdict,
        acknowledged=len(recorder.history.acknowledged) + len(recorder.history.cases),
        injected=breaker.injected,
        not_made=breaker.failed,
        resent=len(recorder.failed) + sum(each.unanswered for each in organisations),
        recoveries=[_recovery(each, recorder, stamps) for each in breaker.injected if each.fault.alone],
        answered=recorder.answered,
        failed=recorder.failed,
        ended=here.ended,
        about={"parts": "three brokers, Valkey, two workers, two gateways, two APIs", "checked in": f"{time.monotonic() - began:.0f} s"},
    )


def _recovery(injected: Injected, recorder: Recorder, stamps: _Stamps) -> Recovery:
    """Measure how long it took from a fault that was alone until all was well again; a freeze is over when it ends."""
    part, since = injected.part, injected.began
    if injected.fault.kind == "freeze" and part not in (*WORKERS, *BROKERS):
        since = injected.ended  # nobody takes over what it does
    if part in (*WORKERS, *BROKERS, REDIS):
        well = stamps.well_after(since)
    else:
        well = next((at for at in recorder.answered[part] if at > since), None)
    return Recovery(injected, None if well is None else (well - since) / 1_000)


def _actors(plan: Plan, here: Instance, recorder: Recorder, organisations: list[Organisation]) -> list[Coroutine[Any, Any, None]]:
    """Return all who send, search, hold and look."""

    def chance(name: str) -> Random:
        return Random(f"{plan.seed} {name}")

    def caller(names: tuple[str, ...], turn: int) -> Caller:
        return Caller(names, [Client(port) for port in here.ports(names)], recorder, turn)

    operator, callers = lasting(lambda: here.callers.operator), here.callers
    shelters: list[str] = []
    for number in range(_ORGANISATIONS):
        post = Post(caller(GATEWAYS, number), operator, recorder)
        port = here.ports(GATEWAYS)[number % len(GATEWAYS)]
        organisations.append(Organisation(number, post, here.folder, port, _bare(operator), chance(f"org {number}"), shelters, 0.4))
    batches = [
        Batches(f"b{number}", Post(caller(GATEWAYS, number), operator, recorder), chance(f"b {number}"), shelters, plan.rate / 2)
        for number in range(2)
    ]
    workers = [
        Worker(f"w{number}", caller(APIS, number), _worker(callers, number), recorder, chance(f"w {number}"), 0.4)
        for number in range(_WORKERS)
    ]
    onlookers = [
        Onlooker(caller(APIS, number), operator, _of_shelter(callers), recorder, chance(f"look {number}"), shelters, 0.15)
        for number in range(2)
    ]
    everybody: list[_Actor] = [*organisations, *batches, *workers, *onlookers]
    return [each.run() for each in everybody]


def _worker(callers: Callers, number: int) -> Token:
    return lasting(lambda: callers.worker(f"w{number}", desk=f"desk-{number}"))


def _of_shelter(callers: Callers) -> Callable[[str], str]:
    return lambda shelter: callers.shelter(shelter)["Authorization"]


def _bare(token: Token) -> Token:
    return lambda: token().removeprefix("Bearer ")


async def _well_again(here: Instance) -> list[str]:
    """Wait until every service is ready; return those that never were."""

    async def well() -> bool:
        return not await here.unwell()

    with suppress(TimeoutError):
        await until(well, _PATIENCE_S)
        return []
    return await here.unwell()


async def _at_rest(here: Instance) -> list[str]:
    """Wait until the view has all that was logged, and nothing waits on a disk for Kafka; return what never came to rest."""
    stamps, since = _Stamps(here, []), now_ms()
    async with _in_background(stamps.watch()):
        with suppress(TimeoutError):
            await until(lambda: stamps.well_after(since) is not None and not _waiting(here), _PATIENCE_S)
            return []
    return ["the view"] if stamps.well_after(since) is None else ["an outbox"]


def _waiting(here: Instance) -> bool:
    """Return whether a service has anything on its disk that waits for Kafka."""
    return any(_queued(file) for file in (here.folder / "outbox").rglob("outbox.sqlite"))


def _queued(file: Path) -> bool:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return bool(database.execute("SELECT count(*) FROM queued").fetchone()[0])


@asynccontextmanager
async def _in_background(*running: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(each) for each in running]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
