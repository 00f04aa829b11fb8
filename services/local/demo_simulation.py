"""The simulated country of the demo: a program that sends its events to the gateway like every other client."""

import sys

from services.adapters.config.settings import Settings
from services.local.instance.data_directory import DataDirectory
from services.local.processes.child_process import ChildProcess

PACE = 60.0
"""An hour a minute: slow enough that an offer is still there a minute later, and fast enough that something happens."""

# A step for each of 110 shelters that registers itself and its units, and one each for crisis workers and waiting lists
_STEPS_TO_OPEN = 112


class DemoSimulation:
    """`plek simulate --live`, as a component."""

    # Sending 2,000 events on a slow machine, or running a long simulation again
    ready_within_s = 120.0

    def __init__(self, instance: DataDirectory, settings: Settings, pace: float = PACE) -> None:
        self._instance = instance
        self.address = f"http://{settings.host}:{settings.gateway_port}"
        command = (sys.executable, "-m", "services.cli", "simulate", "--live", "--speed", str(pace))
        self.child = ChildProcess("country", command, instance.logs / "country.log", settings.environment())

    def prepare(self) -> None:
        """Do nothing."""

    async def is_ready(self) -> bool:
        """Return whether all its shelters have been sent."""
        state = self._instance.resume_state
        return state is not None and state.sent >= _STEPS_TO_OPEN

    def repair(self) -> None:
        """Do nothing."""
