"""Worlds: the real country, and those beside it that are simulated or imported. The name says which, and nothing else does.

A world is the first part of every topic and key (`prefix`). That of a country that is not real begins with a word of `KINDS`, so that no
setting can be forgotten that would show it as the real one. One exception: in a demo a simulated country lives at the front door, under the
name of a real one; that it does is written down in the data directory before its first event is sent.
"""

import re
from pathlib import Path
from typing import Final, Literal

World = Literal["live", "simulated", "imported"]

KINDS: Final[dict[str, World]] = {"sim": "simulated", "imported": "imported"}
"""The first word of a name, and what it makes of its world."""
NAME: Final = re.compile(rf"(?:{'|'.join(KINDS)})(?:-[a-z0-9][a-z0-9-]{{0,39}})?", re.ASCII)
"""A world beside the real one, such as sim-2023."""

COUNTRY: Final = "country.json"
"""What is written down, in the data directory of an instance, of a simulated country that lives at its front door."""


def told(world: str) -> str:
    """Say what a country is that is not the real one."""
    return f"{world}, not the real country"


def kind_of(prefix: str) -> World:
    """Tell what kind of world a prefix names."""
    return KINDS.get(prefix.partition("-")[0], "live")


def lived_in(data: Path) -> World:
    """Tell what lives at the front door of the instance of this data directory."""
    return "simulated" if (data / COUNTRY).exists() else "live"


def is_made_up(prefix: str, data: Path) -> bool:
    """Say whether what is logged here is simulated: in a world of that name, or at the front door."""
    return "simulated" in {kind_of(prefix), lived_in(data)}
