"""Data sets beside the real country: each has a processor, an API and a monitor of its own, on the servers of its instance.

Where the instance does not run, its Kafka, Redis and issuer are started with the data set; the real country then stands still.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from services.adapters.config.settings import Settings
from services.local.dataset_directory import dataset_directory
from services.local.instance.data_directory import DataDirectory, Status
from services.local.instance.discovery import find_running
from services.local.layout import Layout, plan_dataset_layout, plan_layout
from services.local.processes.component import Component
from services.local.servers.kafka_jars import fetch_jars
from services.local.up import InstanceRun, Report, end_leftovers, readable_faults


class DatasetHost(DataDirectory):
    """A data set that runs the servers of its instance too; their status is written for the instance, so that others find them."""

    def __init__(self, data: Path, home: DataDirectory, layout: Layout) -> None:
        super().__init__(data)
        self._home, self._settings = home, layout.settings
        self._servers = {component.child.name for component in layout.servers}

    def write_status(self, status: Status) -> None:
        """Write what runs, for the data set and for its instance."""
        super().write_status(status)
        servers = tuple(component for component in status.parts if component.name in self._servers)
        self._home.write_status(Status(status.pid, self._settings.shown(), servers))


def run_dataset(wanted: Settings, name: str, workers: int, report: Report) -> None:
    """Run a data set until a signal ends it. Raises UserError when it can't be started."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    home, dataset = DataDirectory(wanted.data), DataDirectory(dataset_directory(wanted.data, name))
    servers: Sequence[Component] = ()
    with ExitStack() as locks:
        if home.is_running():
            settings = find_running(home.data).settings
        else:
            locks.enter_context(home.lock())
            layout = _plan_servers(home, wanted)
            dataset, settings, servers = DatasetHost(dataset.data, home, layout), layout.settings, layout.servers
        locks.enter_context(dataset.lock())
        end_leftovers(dataset)
        with readable_faults(dataset):
            layout = plan_dataset_layout(settings.model_copy(update={"prefix": name}), dataset, workers, servers)
        asyncio.run(InstanceRun(dataset, layout, report).run())


def _plan_servers(home: DataDirectory, wanted: Settings) -> Layout:
    end_leftovers(home)
    layout = plan_layout(wanted, home, 1)
    if layout.has_kafka:
        fetch_jars(wanted.cache)
    return layout
