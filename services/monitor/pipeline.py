"""From the log into the archive, and from there into the tables, for one data set: run by a child of the service, or by a command.

It loads Arrow, which the service can do without, and frees that memory when its process ends. The caller has the lock of the directory
(`LogSource.exclusive`).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from services.adapters.checkpoints.truth_log import TruthLog
from services.adapters.clock import now_ms
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.kafka.topics import Topics
from services.monitor.archive.ingest import Archiver
from services.monitor.archive.parquet_log import ParquetLog
from services.monitor.intervals.builder import TOPICS, build
from services.monitor.intervals.manifest import Manifest
from services.monitor.log_source import LogSource
from services.monitor.needs.open_keys import read_keys
from services.monitor.needs.working_out import forget_fits, work_out

_log = logging.getLogger(__name__)


async def missing(source: LogSource) -> int:
    """Count the records that are not in the archive yet. LogUnavailableError, ArchiveError."""
    return await _for_each_topic(source, Archiver.missing)


async def archive(source: LogSource, advance: Callable[[int], None] = lambda _: None) -> int:
    """Archive what there is, and return how many records that was; `advance` gets their number as they are written.

    LogUnavailableError, ArchiveError.
    """
    return await _for_each_topic(source, lambda archiver: archiver.catch_up(advance))


def bring_up_to_date(source: LogSource) -> int:
    """Archive what is new, build the tables, and return how many records were new. BusyError, LogUnavailableError, ArchiveError."""
    with source.exclusive():
        archived = asyncio.run(archive(source))
        # One process: the service answers meanwhile, and no user waits for this
        keep_fits(source, build(source.directory, source.regions, processes=1))
        return archived


def keep_fits(source: LogSource, manifest: Manifest) -> None:
    """Work out what figures need of the sealed needs, as far as they can be opened now; what is not is tried again at the next call."""
    secret = source.need_secret
    forget_fits(source.directory, manifest)
    if secret is None:
        return
    try:
        asyncio.run(work_out(source.directory, manifest, lambda: read_keys(source.brokers, source.prefix, secret), now_ms()))
    except LogUnavailableError:
        _log.warning("the keys of needs can't be read")


async def _for_each_topic(source: LogSource, work: Callable[[Archiver], Awaitable[int]]) -> int:
    """Return the sum of what the work on the archive of each topic returns."""
    total = 0
    for topic in TOPICS:
        async with TruthLog(source.brokers, Topics(source.prefix), topic) as log:
            with ParquetLog(source.directory.archive(topic)) as parquet_log:
                total += await work(Archiver(log, parquet_log, source.partitions))
    return total
