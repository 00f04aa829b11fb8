"""Opens the monitor's figures for a verb: brought up to the end of the log, or without a log as they were.

Each opening is an audit entry, as each question over HTTP is: no verb can look at figures in another way.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from services.adapters.audit.records import Happening
from services.adapters.clock import seconds
from services.adapters.config.settings import Settings
from services.adapters.datasets import is_simulated
from services.adapters.kafka.topic_admin import TopicsError
from services.adapters.kafka.topics import list_worlds
from services.adapters.regions import RegionRow, read_regions
from services.cli.clients.audit_entry import note_on_the_way, write_audit_entry
from services.cli.clients.connection import settings_of, translate_outages
from services.cli.output.progress import progress_bar
from services.local.dataset_directory import dataset_directory
from services.local.user_error import UserError
from services.monitor.archive.parquet_log import ArchiveError
from services.monitor.dutch_calendar import local, midnight
from services.monitor.figures.evaluate import answer
from services.monitor.figures.result import FigureResult
from services.monitor.intervals.builder import build, pending
from services.monitor.intervals.table_store import TableStore
from services.monitor.log_source import BusyError, LogSource
from services.monitor.pipeline import archive, keep_fits, missing
from services.monitor.query import Query, UnanswerableError

_BUSY_S: Final = 120.0
_RETRY_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class FigureSource:
    """The figures of one world, with what a verb needs to know of it."""

    settings: Settings
    source: LogSource
    store: TableStore
    regions: dict[str, RegionRow]
    runs: bool
    """Whether there is a log: else what must be recorded waits on disk for it."""

    def note(self, happening: Happening, *what: str) -> None:
        """Write an audit entry of what is about to be shown or done; `what` are codes. Raises UserError where it can't be written."""
        if self.settings.world == "simulated":
            return
        if happening == "log-opened":  # everything, shelters too: it is in the log before it is shown, and no disk is enough
            write_audit_entry(self.settings, happening, what)
        else:
            note_on_the_way(self.settings, happening, what, runs=self.runs)

    def ask(self, query: Query) -> FigureResult:
        """Return the answer to a query. Raises UserError where it can't be answered."""
        try:
            return answer(self.store, query)
        except UnanswerableError as error:
            raise UserError(str(error), code=2) from error

    @property
    def until(self) -> int:
        """The highest clock (ms) of the log that was worked out. Raises UserError when there is none."""
        clock = self.source.clock()
        if clock is None:
            raise UserError("Nothing has been logged yet: there are no figures")
        return clock

    @property
    def over(self) -> int:
        """The time (ms) before which no new event can be: for a log that is written to its end, the end of its last day."""
        if self.settings.world == "live":
            return self.until
        return midnight(local(self.until).date() + timedelta(days=1))

    def check_logged(self, instant_ms: int) -> None:
        """Raise UserError for a moment after the end of the log."""
        if instant_ms > self.until:
            raise UserError("That has not come yet, or is not logged yet", code=2)


@contextmanager
def open_figures(data: Path | None, world: str | None, *what: str, happening: Happening = "figures-asked") -> Iterator[FigureSource]:
    """Yield the figures of a world, once an audit entry says what they are opened for: `what` are codes.

    Raises UserError when there are none and there is no log to work them out from, and when the entry can't be written. A simulated country
    has no person to protect, and no entry.
    """
    settings, runs = _find_settings(data)
    if world is not None:
        settings = settings.model_copy(update={"prefix": world, "data": dataset_directory(settings.data, world)})
    source, regions = LogSource.from_settings(settings), read_regions(settings.regions)
    if runs:
        with translate_outages():
            _check_world_exists(settings)
            _bring_up_to_date(source)
    elif source.clock() is None:
        raise UserError("There are no figures here, and Plek does not run: start it with `plek up`, or name another --data")
    simulated = is_simulated(settings.prefix, settings.data)
    store = TableStore(source.directory.root, regions, simulated=simulated, limits=settings.limits)
    opened = FigureSource(settings, source, store, regions, runs)
    opened.note(happening, *what)
    yield opened


def _find_settings(data: Path | None) -> tuple[Settings, bool]:
    """Return the settings, and whether an instance runs: figures that were worked out once need none."""
    try:
        return settings_of(data, "kafka"), True
    except UserError:
        return Settings() if data is None else Settings(data=data), False


def _check_world_exists(settings: Settings) -> None:
    try:
        if settings.world != "live" and settings.prefix not in asyncio.run(list_worlds(settings.brokers)):
            raise UserError(f"There is no world {settings.prefix}: `plek world` lists them", code=2)
    except TopicsError as error:
        raise UserError(str(error)) from error


def _bring_up_to_date(source: LogSource) -> None:
    began = seconds()
    while True:
        try:
            with source.exclusive():
                with progress_bar("Archiving", asyncio.run(missing(source))) as advance:
                    asyncio.run(archive(source, advance))
                with progress_bar("Working out", pending(source.directory, source.regions)) as advance:
                    keep_fits(source, build(source.directory, source.regions, advance))
                return
        except ArchiveError as error:
            raise UserError(str(error)) from error
        except BusyError:
            # The monitor's service does the same work: what it leaves is as new
            if seconds() - began > _BUSY_S:
                raise UserError("The monitor has been at work on these figures for minutes: see its log") from None
            time.sleep(_RETRY_S)
