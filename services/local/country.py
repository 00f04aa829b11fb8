"""The simulated country of the demo: it lives beside the front door, and sends through it like anybody else."""

import sys

from services.adapters.settings import Settings
from services.local.child import Child
from services.local.instance import Instance

SPEED = 1_440
"""A day a minute: within one, somebody moves in and out, a hold is granted and refused, and a household is put up in a hotel."""

# A country is there when every shelter has said what it has, which takes as many steps and one each for crisis workers and waiting lists
_OPENED = 112


class Country:
    """`plek simulate --live`, as a part."""

    # Sending 2,000 events on a slow machine, or living a long stint again
    ready_within_s = 120.0

    def __init__(self, instance: Instance, settings: Settings) -> None:
        self._instance = instance
        self.address = f"http://{settings.host}:{settings.gateway_port}"
        command = (sys.executable, "-m", "services.cli", "simulate", "--live", "--speed", str(SPEED))
        self.child = Child("country", command, instance.logs / "country.log", settings.environment())

    def prepare(self) -> None:
        """Nothing comes before its start."""

    async def is_ready(self) -> bool:
        """Whether all its shelters are there."""
        diary = self._instance.diary
        return diary is not None and diary.sent >= _OPENED
