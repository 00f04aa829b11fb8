"""Opens the monitor's figures for a verb: first as new as the log, with a bar for what takes long; without a log, as they are."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from services.adapters.clock import seconds
from services.adapters.regions import RegionRow, read_regions
from services.adapters.settings import Settings
from services.adapters.topic_admin import TopicsError
from services.adapters.topics import list_worlds
from services.adapters.worlds import is_made_up
from services.commands.bar import bar
from services.commands.target import reaching, settings_of
from services.local.trouble import Trouble
from services.local.worlds import place
from services.monitor.answer import Answer, Ask
from services.monitor.archive import ArchiveError
from services.monitor.days import local, midnight
from services.monitor.figures import answer
from services.monitor.question import Question, UnanswerableError
from services.monitor.source import BusyError, Source
from services.monitor.store import Store
from services.monitor.working import archive, missing, unbuilt, work_out

_PATIENCE_S: Final = 120.0
_TRY_S: Final = 0.2


class Opened:
    """The figures of one world, and what a verb needs to know of it."""

    def __init__(self, settings: Settings, source: Source, store: Store, regions: dict[str, RegionRow]) -> None:
        self.settings, self.source, self.regions = settings, source, regions
        self._store = store

    @property
    def ask(self) -> Ask:
        """Answer a question; Trouble when it makes no sense."""
        return self._ask

    def _ask(self, question: Question) -> Answer:
        try:
            return answer(self._store, question)
        except UnanswerableError as why:
            raise Trouble(str(why), code=2) from why

    @property
    def store(self) -> Store:
        """The tables themselves."""
        return self._store

    @property
    def until(self) -> int:
        """The highest clock (ms) of the log that was worked out; Trouble when there is none."""
        clock = self.source.clock()
        if clock is None:
            raise Trouble("Nothing has been logged yet: there are no figures")
        return clock

    @property
    def over(self) -> int:
        """Up to when (ms) nothing more comes: of a country whose log is written to its end, the end of its last day."""
        if self.settings.world == "live":
            return self.until
        return midnight(local(self.until).date() + timedelta(days=1))


@contextmanager
def opened(data: Path | None, world: str | None) -> Iterator[Opened]:
    """Open the figures of a world. Raises Trouble when there are none and there is no log to work them out from."""
    settings, runs = _settings(data)
    if world is not None:
        settings = settings.model_copy(update={"prefix": world, "data": place(settings.data, world)})
    source, regions = Source.of(settings), read_regions(settings.regions)
    if runs:
        with reaching():
            _check_there(settings)
            _bring_up_to_date(source)
    elif source.clock() is None:
        raise Trouble("There are no figures here, and Plek does not run: start it with `plek up`, or name another --data")
    made_up = is_made_up(settings.prefix, settings.data)
    with Store(source.directory.root, regions, simulated=made_up, limits=settings.limits) as store:
        yield Opened(settings, source, store, regions)


def _settings(data: Path | None) -> tuple[Settings, bool]:
    """Return the settings of what runs, and whether anything does: figures once worked out can be asked for ever after."""
    try:
        return settings_of(data, "kafka"), True
    except Trouble:
        return Settings() if data is None else Settings(data=data), False


def _check_there(settings: Settings) -> None:
    try:
        if settings.world != "live" and settings.prefix not in asyncio.run(list_worlds(settings.brokers)):
            raise Trouble(f"There is no world {settings.prefix}: `plek world` lists them", code=2)
    except TopicsError as wrong:
        raise Trouble(str(wrong)) from wrong


def _bring_up_to_date(source: Source) -> None:
    began = seconds()
    while True:
        try:
            with source.alone():
                with bar("Archiving", asyncio.run(missing(source))) as advance:
                    asyncio.run(archive(source, advance))
                with bar("Working out", unbuilt(source)) as advance:
                    work_out(source, advance)
                return
        except ArchiveError as wrong:
            raise Trouble(str(wrong)) from wrong
        except BusyError:
            # The service is at it: what it leaves behind is as new
            if seconds() - began > _PATIENCE_S:
                raise Trouble("The monitor has been at work on these figures for minutes: see its log") from None
            time.sleep(_TRY_S)
