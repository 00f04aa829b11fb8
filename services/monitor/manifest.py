"""Which files the interval tables are made of, and up to where in the log they go. Replaced in one rename: nobody ever sees half of it."""

import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from services.monitor.columns import Table
from services.monitor.question import Topic

_NAME: Final = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The tables of one partition: the records up to `next` (excluded), the partition's clock at the first and at the last of them (ms).

    `stopped` says that a type too new to be understood stands at `next` (contract R13): what follows it is not looked at.
    """

    next: int
    first_clock: int
    clock: int
    stopped: bool
    archived: int
    files: dict[Table, str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """All parts, by topic and partition; `version` says by which fold, columns and regions they were made."""

    version: str = ""
    parts: dict[Topic, dict[int, Part]] = field(default_factory=lambda: {"beds": {}, "demand": {}})

    def names(self) -> set[str]:
        """Name every file."""
        return {name for parts in self.parts.values() for part in parts.values() for name in part.files.values()}


def read(directory: Path) -> Manifest:
    """Read the manifest of a directory; an empty one when there is none."""
    try:
        found: Any = orjson.loads((directory / _NAME).read_bytes())
    except FileNotFoundError:
        return Manifest()
    parts: dict[Topic, dict[int, Part]] = {
        topic: {int(number): Part(**part) for number, part in found["parts"][topic].items()} for topic in ("beds", "demand")
    }
    return Manifest(found["version"], parts)


def replace(directory: Path, manifest: Manifest) -> None:
    """Put a manifest in the place of the one before."""
    half = directory / f"{_NAME}.part"
    with half.open("wb") as file:
        file.write(orjson.dumps(asdict(manifest), option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SORT_KEYS))
        file.flush()
        os.fsync(file.fileno())
    half.replace(directory / _NAME)
