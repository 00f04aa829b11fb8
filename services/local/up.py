"""Law: `plek up` leaves nothing behind. Whatever ends it, every part it started ends with it."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Callable
from dataclasses import replace

from services.adapters.clock import seconds
from services.adapters.settings import Settings
from services.adapters.topic_admin import TopicsError
from services.adapters.topics import create_topics
from services.local.country import Country
from services.local.instance import Instance, Status
from services.local.jars import fetch
from services.local.kafka import Kafka
from services.local.layout import Layout, lay_out
from services.local.memory import bytes_of, readable, started
from services.local.supervisor import Supervisor
from services.local.trouble import Trouble
from services.local.welcome import lives, welcome

# A day of its country passes in a minute: a quarter of an hour does in no time, and whoever tries it does in a minute what a worker does in
# a night
_DEMO = {"areas_minutes": 0.1, "searches_per_minute": 60, "names_at_once": 60}
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
        if demo:
            layout = replace(layout, guests=[Country(instance, layout.settings)])
        if any(isinstance(part, Kafka) for part in layout.servers):
            fetch(wanted.cache)
        asyncio.run(Up(instance, layout, say).run())


class Up:
    """One instance from its first part to its last; `run` returns when a signal has ended it."""

    def __init__(self, instance: Instance, layout: Layout, say: Say) -> None:
        self._instance = instance
        self._layout = layout
        self._say = say
        self._supervisor = Supervisor(layout.parts, say, self._publish)

    async def run(self) -> None:
        """Start everything, stay until a signal, end everything. Raises Trouble when a part can't be started."""
        work = asyncio.create_task(self._work())
        for number in _ENDINGS:
            asyncio.get_running_loop().add_signal_handler(number, work.cancel)
        try:
            await work
        except asyncio.CancelledError:
            self._say("Stopping")
        finally:
            await self._end()

    async def _work(self) -> None:
        began = seconds()
        self._publish()
        await self._supervisor.start(self._layout.servers)
        await self._topics()
        await self._supervisor.start(self._layout.services)
        for line in welcome(self._instance, self._layout, seconds() - began):
            self._say(line)
        await self._supervisor.start(self._layout.guests)
        for line in lives(self._instance, self._layout):
            self._say(line)
        self._say(f"Memory: {readable(self._memory())} for all of it")
        for part in self._layout.servers:
            if isinstance(part, Kafka):
                await part.quicken()
        await asyncio.Event().wait()

    async def _topics(self) -> None:
        settings = self._layout.settings
        began = seconds()
        try:
            await create_topics(settings.brokers, settings.prefix, settings.partitions)
        except TopicsError as error:
            raise Trouble(str(error)) from error
        self._say(f"{'topics':<12} {settings.prefix + '.*':<28} ready in {seconds() - began:.1f} s")

    async def _end(self) -> None:
        for number in _ENDINGS:
            asyncio.get_running_loop().remove_signal_handler(number)
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
