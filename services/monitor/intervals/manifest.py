"""Which files the interval tables consist of, and up to which record they go. Replaced in one rename: no reader sees half of it."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from services.monitor.intervals.table_schemas import Table
from services.monitor.query import Topic
from services.monitor.whole_files import replace_file

_NAME: Final = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionTables:
    """The tables of one partition: the records up to `next` (excluded), the partition's clock at the first and at the last of them (ms).

    `begins` is the first record after a checkpoint, 0 where there is none; `first_clock` is then the time from which on all is known.
    `stopped` says that an event of a type too new to be understood stands at `next` (contract R13): what follows it is not read.
    """

    next: int
    first_clock: int
    clock: int
    stopped: bool
    archived: int
    files: dict[Table, str]
    begins: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """The tables of all partitions, by topic; `version` names the fold, the columns and the regions they were built by."""

    version: str = ""
    parts: dict[Topic, dict[int, PartitionTables]] = field(default_factory=lambda: {"beds": {}, "demand": {}})

    def names(self) -> set[str]:
        """Return the name of every file."""
        return {name for parts in self.parts.values() for part in parts.values() for name in part.files.values()}


def read(directory: Path) -> Manifest:
    """Read the manifest of a directory; an empty one when there is none."""
    try:
        document: Any = orjson.loads((directory / _NAME).read_bytes())
    except FileNotFoundError:
        return Manifest()
    parts: dict[Topic, dict[int, PartitionTables]] = {
        topic: {int(number): PartitionTables(**part) for number, part in document["parts"][topic].items()} for topic in ("beds", "demand")
    }
    return Manifest(document["version"], parts)


def replace(directory: Path, manifest: Manifest) -> None:
    """Replace the manifest of a directory."""
    replace_file(directory / _NAME, orjson.dumps(asdict(manifest), option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SORT_KEYS))
