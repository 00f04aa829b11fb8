"""The planted bugs: which line is broken, which law of its module it breaks, and which fast tests stand for that law.

Each file `<room>.toml` lists those of one room of services/. `find` is a piece of today's code that stands in its file once.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedBug:
    """A bug to plant; `tests` are the files or folders that must notice it, below tests/."""

    room: str
    law: str
    file: str
    find: str
    replace: str
    tests: tuple[str, ...]

    def planted(self, source: str) -> str:
        """Return the source with the bug in it; ValueError where its place is not there once."""
        if source.count(self.find) != 1:
            raise ValueError(f"{self.file} has the place of a planted bug {source.count(self.find)} times: {self.law}")
        return source.replace(self.find, self.replace)


def planted_bugs() -> list[PlantedBug]:
    """Read all of them, room by room."""
    return [
        PlantedBug(room=path.stem, tests=tuple(bug.pop("tests", table["tests"])), **bug)
        for path in sorted(HERE.glob("*.toml"))
        for table in [tomllib.loads(path.read_text("utf-8"))]
        for bug in table["bug"]
    ]
