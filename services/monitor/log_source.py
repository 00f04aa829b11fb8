"""The log of one data set, and the directory of what the monitor keeps of it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.config.settings import Settings
from services.adapters.needs.need_keys import wrapping_secret
from services.adapters.regions import read_regions
from services.monitor.archive.paths import MonitorPaths


class BusyError(Exception):
    """Another process is writing in this directory."""


@dataclass(frozen=True, slots=True)
class LogSource:
    """A data set: its log, its partitions, its regions, and the monitor's directory of it."""

    brokers: KafkaConnection
    prefix: str
    partitions: int
    directory: MonitorPaths
    regions: frozenset[str]
    need_secret: bytes | None = field(default=None, repr=False)
    """Unwraps the keys of sealed needs; None where there is none, and none is opened."""

    @classmethod
    def from_settings(cls, settings: Settings) -> "LogSource":
        """Return the data set that the settings name; its directory lies with everything else of the instance."""
        directory, regions = MonitorPaths(settings.data / "monitor" / settings.prefix), frozenset(read_regions(settings.regions))
        derived = Pseudonyms(settings.secret).sealing_key
        secret = wrapping_secret(settings, derived) if settings.need_key or settings.secret else None
        return cls(settings.brokers, settings.prefix, settings.partitions, directory, regions, secret)

    def clock(self) -> int | None:
        """Return the highest clock (ms) of the records that the tables have; None when there is none."""
        from services.monitor.intervals import manifest  # noqa: PLC0415  with it comes Arrow, and the service seldom needs it

        parts = manifest.read(self.directory.tables).parts
        return max((part.clock for of_topic in parts.values() for part in of_topic.values()), default=None)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Lock the directory for one writer; BusyError when another process has it."""
        self.directory.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.directory.root / "upkeep.lock").open("wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as held:
                raise BusyError from held
            yield
