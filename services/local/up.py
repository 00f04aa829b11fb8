"""`plek up`. It leaves nothing behind: when it ends, every component it started ends too."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace

from services.adapters.clock import seconds
from services.adapters.config.settings import Settings
from services.adapters.kafka.topic_admin import TopicsError
from services.adapters.kafka.topics import create_topics
from services.local.demo_simulation import DemoSimulation
from services.local.instance.data_directory import DataDirectory, Status
from services.local.layout import Layout, plan_layout
from services.local.processes.memory_usage import format_memory, memory_of, start_time
from services.local.processes.supervisor import Supervisor
from services.local.servers.kafka_jars import fetch_jars
from services.local.start_checks import check_start
from services.local.startup_message import demo_lines, startup_lines
from services.local.user_error import UserError

# A day of the simulated country passes in a minute, so a quarter of an hour is short too. The limits are those of a real instance
_DEMO = {"areas_minutes": 0.1, "web_practice": True}
_END_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Report = Callable[[str], None]
Plan = Callable[[Settings, DataDirectory, int], Layout]


def run_instance(wanted: Settings, workers: int, report: Report, *, pace: float | None, plan: Plan = plan_layout) -> None:
    """Run an instance until a signal ends it; with `pace` a demo, so many times as fast as life. Raises UserError where it can't start."""
    if pace is not None:
        wanted = wanted.model_copy(update=_DEMO)
    # Lines of our own say whether Kafka answers
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    instance = DataDirectory(wanted.data)
    with instance.lock():
        end_leftovers(instance)
        with readable_faults(instance):
            layout = plan(wanted, instance, workers)
        check_start(layout, instance, demo=pace is not None)
        if pace is not None:
            layout = replace(layout, optional=[DemoSimulation(instance, layout.settings, pace)])
        if layout.has_kafka:
            fetch_jars(wanted.cache)
        asyncio.run(InstanceRun(instance, layout, report).run())


class InstanceRun:
    """One run of an instance; `run` returns when a signal has ended it."""

    def __init__(self, instance: DataDirectory, layout: Layout, report: Report) -> None:
        self._instance = instance
        self._layout = layout
        self._report = report
        self._supervisor = Supervisor(layout.components, report, self._write_status)

    async def run(self) -> None:
        """Start everything, wait for a signal, end everything. Raises UserError when a component can't be started."""
        work = asyncio.create_task(self._start_and_wait())
        loop = asyncio.get_running_loop()
        for number in _END_SIGNALS:
            loop.add_signal_handler(number, work.cancel)
        try:
            await work
        except asyncio.CancelledError:
            self._report("Stopping")
        finally:
            for number in _END_SIGNALS:
                loop.remove_signal_handler(number)
            await self._supervisor.stop()

    async def _start_and_wait(self) -> None:
        began = seconds()
        self._write_status()
        await self._supervisor.start(self._layout.servers)
        await self._create_topics()
        await self._supervisor.start(self._layout.services)
        for line in startup_lines(self._instance, self._layout, seconds() - began):
            self._report(line)
        if await self._start_optional():
            for line in demo_lines(self._instance, self._layout):
                self._report(line)
        self._report(f"Memory: {format_memory(self._memory())} for all of it")
        await asyncio.Event().wait()

    async def _start_optional(self) -> bool:
        """Start what the instance can do without; what fails is said, and ends nothing else. Return whether all of it runs."""
        try:
            await self._supervisor.start(self._layout.optional)
        except (UserError, OSError) as error:
            await self._supervisor.abandon(self._layout.optional)
            self._report(f"{error}\nEverything else runs, without the demo's country.")
            return False
        return True

    async def _create_topics(self) -> None:
        settings = self._layout.settings
        began = seconds()
        try:
            await create_topics(settings.brokers, settings.prefix, settings.partitions)
        except TopicsError as error:
            raise UserError(str(error)) from error
        self._report(f"{'topics':<12} {settings.prefix + '.*':<28} ready in {seconds() - began:.1f} s")

    def _write_status(self) -> None:
        self._instance.write_status(Status(os.getpid(), self._layout.settings.shown(), self._supervisor.statuses()))

    def _memory(self) -> int:
        pids = [os.getpid(), *(status.pid for status in self._supervisor.statuses())]
        return sum(memory_of(pid) or 0 for pid in pids)


@contextlib.contextmanager
def readable_faults(instance: DataDirectory) -> Iterator[None]:
    """Raise UserError where the first files of an instance can't be written: the disk is full, or mounted to read only."""
    try:
        yield
    except OSError as error:
        raise UserError(f"{error.filename or instance.data} can't be written: {error.strerror or error}") from error


def end_leftovers(instance: DataDirectory) -> None:
    """End the processes that an earlier run of this instance could not end; the kernel of Linux does so, that of macOS can't.

    A process is ours only if both its id and its start time are those in the status.
    """
    before = instance.read_status()
    for status in before.parts if before else ():
        if status.pid is not None and status.started is not None and start_time(status.pid) == status.started:
            with contextlib.suppress(ProcessLookupError):
                os.kill(status.pid, signal.SIGKILL)
