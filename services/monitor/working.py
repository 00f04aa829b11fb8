"""From the log into the archive, and from there into the tables, for one world: by a child of the service, or by a verb, with a bar.

It loads what the service itself can do without, and takes its memory with it when it ends.
"""

import asyncio
from collections.abc import Awaitable, Callable

from services.adapters.log_reader import Log
from services.adapters.topics import Topics
from services.monitor.archive import Archive
from services.monitor.archiving import Archiver
from services.monitor.building import TOPICS, build, pending
from services.monitor.question import Topic
from services.monitor.source import Source

Advance = Callable[[int], None]


def nobody(_: int) -> None:
    """Hear of progress, and tell nobody."""


async def missing(source: Source) -> int:
    """Count the records that are not in the archive yet. LogUnavailableError, ArchiveError."""
    return await _all(source, Archiver.missing)


async def archive(source: Source, advance: Advance = nobody) -> int:
    """Archive what there is, and tell how many. LogUnavailableError, ArchiveError."""
    return await _all(source, lambda of: of.catch_up(advance))


def unbuilt(source: Source) -> int:
    """Count the records that the tables lack. ArchiveError."""
    return pending(source.directory, source.regions)


def work_out(source: Source, advance: Advance = nobody, *, processes: int = 2) -> None:
    """Build the tables anew where the archive has gone on; two processes at once for somebody who waits. ArchiveError."""
    build(source.directory, source.regions, advance, processes=processes)


def bring_up_to_date(source: Source) -> int:
    """Archive and work out what is new, and tell how many records were. BusyError, LogUnavailableError, ArchiveError."""
    with source.alone():
        archived = asyncio.run(archive(source))
        # Beside a service that answers meanwhile: nobody waits for this, and the machine and its memory are for those who ask
        work_out(source, processes=1)
        return archived


async def _all(source: Source, work: Callable[[Archiver], Awaitable[int]]) -> int:
    return sum([await _each(source, topic, work) for topic in TOPICS])


async def _each(source: Source, topic: Topic, work: Callable[[Archiver], Awaitable[int]]) -> int:
    async with Log(source.brokers, Topics(source.prefix).truth(topic)) as log:
        with Archive(source.directory.archive(topic)) as kept:
            return await work(Archiver(log, kept, source.partitions))
