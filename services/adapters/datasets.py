"""Data sets: the live one, and simulated or imported ones beside it. The prefix alone says which kind a data set is.

A prefix is the first part of every topic and key. One of a data set that is not live begins with a word of `KINDS`, so that no forgotten
setting can show it as the real country. One exception: in a demo the simulator sends to the live data set; a file in the data directory
records that before its first event is sent.
"""

import re
from pathlib import Path
from typing import Final, Literal

World = Literal["live", "simulated", "imported"]

KINDS: Final[dict[str, World]] = {"sim": "simulated", "imported": "imported"}
"""The kind of a data set, by the first word of its prefix."""
NAME: Final = re.compile(rf"(?:{'|'.join(KINDS)})(?:-[a-z0-9][a-z0-9-]{{0,39}})?", re.ASCII)
"""The prefix of a data set that is not live, such as sim-2023."""

COUNTRY: Final = "country.json"
"""The file in the data directory of an instance that exists when a simulator sends to its live data set."""


def dataset_label(world: str) -> str:
    """Return the label of a data set that is not live."""
    return f"{world}, not the real country"


def dataset_kind(prefix: str) -> World:
    """Return the kind of the data set of a prefix."""
    return KINDS.get(prefix.partition("-")[0], "live")


def demo_kind(data: Path) -> World:
    """Return what the live data set of an instance holds: simulated data in a demo."""
    return "simulated" if (data / COUNTRY).exists() else "live"


def is_simulated(prefix: str, data: Path) -> bool:
    """Return whether the events of a data set are simulated: by its prefix, or in a demo."""
    return "simulated" in {dataset_kind(prefix), demo_kind(data)}
