"""`plek down`: ends an instance from another terminal."""

import os
import signal
import time

import typer

from services.adapters.clock import seconds
from services.adapters.settings import Settings
from services.commands.data import Data, World, where
from services.local.instance import Instance
from services.local.running import find
from services.local.trouble import Trouble

# Every part has 5 s to finish what it does, in two waves
_PATIENCE_S = 20.0
_LOOK_S = 0.1


def run(data: Data = None, world: World = None) -> None:
    """End what `plek up` started, and wait until all of it is gone. The data stays."""
    data = where(data, world)
    running = find(data)
    os.kill(running.status.pid, signal.SIGTERM)
    instance = Instance(data or Settings().data)
    deadline = seconds() + _PATIENCE_S
    while instance.is_running():
        if seconds() > deadline:
            raise Trouble(f"Process {running.status.pid} is still there after {_PATIENCE_S:.0f} s")
        time.sleep(_LOOK_S)
    typer.echo("Plek is down")
