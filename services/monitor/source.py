"""One world's log, and where the monitor keeps what it has of it. Who works there (working.py) has the lock of the directory."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from services.adapters.brokers import Brokers
from services.adapters.regions import read_regions
from services.adapters.settings import Settings
from services.monitor.directory import Directory


class BusyError(Exception):
    """Another process is at work in this directory just now."""


@dataclass(frozen=True, slots=True)
class Source:
    """A world: its log, its partitions, its regions, and the monitor's directory of it."""

    brokers: Brokers
    prefix: str
    partitions: int
    directory: Directory
    regions: frozenset[str]

    @classmethod
    def of(cls, settings: Settings) -> "Source":
        """Take it from the settings: the monitor keeps a world beside everything else of its instance."""
        directory, regions = Directory(settings.data / "monitor" / settings.prefix), frozenset(read_regions(settings.regions))
        return cls(settings.brokers, settings.prefix, settings.partitions, directory, regions)

    def clock(self) -> int | None:
        """Tell the highest clock (ms) of what has been worked out; None when there is nothing."""
        from services.monitor import manifest  # noqa: PLC0415  with it comes Arrow, and the service seldom needs it

        parts = manifest.read(self.directory.tables).parts
        return max((part.clock for of in parts.values() for part in of.values()), default=None)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only one at work; BusyError when there is another."""
        self.directory.root.mkdir(parents=True, exist_ok=True)
        with (self.directory.root / "upkeep.lock").open("wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as taken:
                raise BusyError from taken
            yield
