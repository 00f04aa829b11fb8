"""Worlds beside the real country: each has a processor, an API and a monitor of its own, on the Kafka, Redis and issuer of its instance.

Where the instance does not run, its servers are started with the world; the real country then stands still.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from services.adapters.settings import Settings
from services.adapters.worlds import NAME
from services.local.instance import WORLDS, Instance, Status
from services.local.jars import fetch
from services.local.kafka import Kafka
from services.local.layout import Layout, lay_out, lay_out_world
from services.local.part import Part
from services.local.running import find
from services.local.trouble import Trouble
from services.local.up import Say, Up, end_leftovers


def place(home: Path, name: str) -> Path:
    """Return the data directory of a world. Raises Trouble for what is no name of one."""
    return home / WORLDS / checked(name)


def checked(name: str) -> str:
    """Return a name of a world. Raises Trouble for another."""
    if not NAME.fullmatch(name):
        raise Trouble("A world is called sim-… or imported-…, with small letters, digits and dashes, such as sim-2023", code=2)
    return name


class Hosting(Instance):
    """A world that runs the servers of its instance too: where these are stands with the instance, for other worlds to find."""

    def __init__(self, data: Path, home: Instance, laid: Layout) -> None:
        super().__init__(data)
        self._home, self._settings = home, laid.settings
        self._servers = {part.child.name for part in laid.servers}

    def publish(self, status: Status) -> None:
        """Write what others may know, of the world and of its servers."""
        super().publish(status)
        parts = tuple(part for part in status.parts if part.name in self._servers)
        self._home.publish(Status(status.pid, self._settings.shown(), parts))


def up_world(wanted: Settings, name: str, workers: int, say: Say) -> None:
    """Run a world until a signal ends it. Raises Trouble when it can't be started."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    home, here = Instance(wanted.data), Instance(place(wanted.data, name))
    servers: Sequence[Part] = ()
    with ExitStack() as held:
        if home.is_running():
            settings = find(home.data).settings
        else:
            held.enter_context(home.locked())
            laid = _servers_of(home, wanted)
            here, settings, servers = Hosting(here.data, home, laid), laid.settings, laid.servers
        held.enter_context(here.locked())
        end_leftovers(here)
        layout = lay_out_world(settings.model_copy(update={"prefix": name}), here, workers, servers)
        asyncio.run(Up(here, layout, say).run())


def _servers_of(home: Instance, wanted: Settings) -> Layout:
    end_leftovers(home)
    laid = lay_out(wanted, home, 1)
    if any(isinstance(part, Kafka) for part in laid.servers):
        fetch(wanted.cache)
    return laid
