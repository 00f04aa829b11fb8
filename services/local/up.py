"""Law: `plek up` leaves nothing behind. Whatever ends it, every part it started ends with it."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from importlib import resources

from services.adapters.settings import Settings
from services.adapters.topics import TopicsError, create_topics
from services.local.child import Child
from services.local.instance import Instance, Status
from services.local.jars import fetch
from services.local.kafka import Kafka
from services.local.layout import Layout, lay_out
from services.local.memory import bytes_of, readable, started
from services.local.supervisor import Supervisor
from services.local.trouble import Trouble
from services.local.welcome import welcome

# Events a second of the demo's week: lively to look at, done in half a minute
_DEMO_RATE = 200
# Its week was recorded once and grows older every day; it passes in half a minute, so a quarter of an hour does in no time
_DEMO = {"too_old_days": None, "areas_minutes": 0.1}
_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Say = Callable[[str], None]
Plan = Callable[[Settings, Instance, int], Layout]


def up(wanted: Settings, workers: int, say: Say, *, demo: bool, plan: Plan = lay_out) -> None:
    """Run an instance until a signal ends it. Raises Trouble when it can't be started."""
    if demo:
        wanted = wanted.model_copy(update=_DEMO)
    # Whether Kafka answers is told in our own lines
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    instance = Instance(wanted.data)
    with instance.locked():
        end_leftovers(instance)
        layout = plan(wanted, instance, workers)
        if any(isinstance(part, Kafka) for part in layout.servers):
            fetch(wanted.cache)
        asyncio.run(Up(instance, layout, say).run(demo=demo))


class Up:
    """One instance from its first part to its last; `run` returns when a signal has ended it."""

    def __init__(self, instance: Instance, layout: Layout, say: Say) -> None:
        self._instance = instance
        self._layout = layout
        self._say = say
        self._supervisor = Supervisor(layout.parts, say, self._publish)
        self._player: Child | None = None

    async def run(self, *, demo: bool) -> None:
        """Start everything, stay until a signal, end everything. Raises Trouble when a part can't be started."""
        work = asyncio.create_task(self._work(demo=demo))
        for number in _ENDINGS:
            asyncio.get_running_loop().add_signal_handler(number, work.cancel)
        try:
            await work
        except asyncio.CancelledError:
            self._say("Stopping")
        finally:
            await self._end()

    async def _work(self, *, demo: bool) -> None:
        began = time.monotonic()
        self._publish()
        await self._supervisor.start(self._layout.servers)
        await self._topics()
        await self._supervisor.start(self._layout.services)
        for line in welcome(self._instance, self._layout, time.monotonic() - began):
            self._say(line)
        self._say(f"Memory: {readable(self._memory())} for all of it")
        if demo:
            await self._play()
        for part in self._layout.servers:
            if isinstance(part, Kafka):
                await part.quicken()
        await asyncio.Event().wait()

    async def _topics(self) -> None:
        settings = self._layout.settings
        began = time.monotonic()
        try:
            await create_topics(settings.brokers, settings.prefix, settings.partitions)
        except TopicsError as error:
            raise Trouble(str(error)) from error
        self._say(f"{'topics':<12} {settings.prefix + '.*':<28} ready in {time.monotonic() - began:.1f} s")

    async def _play(self) -> None:
        with resources.as_file(resources.files("services.local").joinpath("week.jsonl")) as tape:
            command = (sys.executable, "-m", "services.cli", "emit", str(tape), "--rate", str(_DEMO_RATE))
            self._player = Child("the demo", command, None, self._layout.settings.environment())
            self._player.start()
            await self._player.gone()
        if self._player.code == 0:
            self._say(f"The week is played in. {readable(self._memory())} of memory for all of it. Plek stays up until Ctrl-C.")

    async def _end(self) -> None:
        for number in _ENDINGS:
            asyncio.get_running_loop().remove_signal_handler(number)
        if self._player is not None:
            await self._player.kill()
        await self._supervisor.stop()

    def _publish(self) -> None:
        self._instance.publish(Status(os.getpid(), self._layout.settings.shown(), self._supervisor.statuses()))

    def _memory(self) -> int:
        pids = [os.getpid(), *(part.pid for part in self._supervisor.statuses())]
        return sum(bytes_of(pid) or 0 for pid in pids)


def end_leftovers(instance: Instance) -> None:
    """End what an earlier holder of this instance started and could not end; Linux does so by itself, macOS can't.

    A process is ours only if it has both the id and the moment of birth that were written down.
    """
    before = instance.status()
    for part in before.parts if before else ():
        if part.pid is not None and part.started is not None and started(part.pid) == part.started:
            with contextlib.suppress(ProcessLookupError):
                os.kill(part.pid, signal.SIGKILL)
