"""Works out what figures need of each sealed need, and keeps that: called after each build of the tables, long before a key is destroyed.

Guarantees: a pair of a fallback and an offer is worked out once, over all that was ever known of either, so that a query as of any time
finds it; keys are read only where something is not worked out yet; a need is in memory for this alone.
"""

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Final

import duckdb
import orjson
import pyarrow.parquet as pq

from services.adapters.needs.need_keys import KEPT_DAYS, NeedKey, day_of
from services.adapters.needs.sealed_needs import open_need
from services.domain.durations import DAY_MS
from services.monitor.archive.paths import MonitorPaths
from services.monitor.figures.hotels import WAIT
from services.monitor.figures.household_fit import fitting_offers
from services.monitor.intervals import kept_fits
from services.monitor.intervals.kept_fits import SEALED_PREFIX, Fit
from services.monitor.intervals.manifest import Manifest
from services.monitor.intervals.table_schemas import Table
from services.monitor.query import Household
from services.monitor.sql_files import statements

_log = logging.getLogger(__name__)

_SQL: Final = statements(__name__)
_READ: Final[tuple[Table, ...]] = ("fallbacks", "units")
ReadKeys = Callable[[], Awaitable[Mapping[str, NeedKey]]]
"""Reads the keys that are not destroyed; LogUnavailableError."""


async def work_out(directory: MonitorPaths, manifest: Manifest, read_keys: ReadKeys, now: int) -> int:
    """Work out what is not kept yet, and return how many pairs that was; LogUnavailableError when the keys can't be read."""
    kept = kept_fits.read(directory.fits)
    pairs = [pair for pair in _pairs(directory, manifest, now) if kept.get(pair[0], pair[3], pair[4]) is None]
    if not pairs:
        return 0
    keys = await read_keys()
    found = list(_fits(pairs, keys))
    if found:
        kept_fits.keep(directory.fits, found)
    if len(found) < len(pairs):
        _log.warning("needs can't be opened: their keys are not there, or of another secret", extra={"count": len(pairs) - len(found)})
    return len(found)


def forget_fits(directory: MonitorPaths, manifest: Manifest) -> None:
    """Remove what was worked out for fallbacks that the log has forgotten; the tables have the others."""
    parts = manifest.parts["demand"].values()
    if directory.fits.exists() and any(part.begins for part in parts):
        left = {
            name
            for part in parts
            for name in pq.read_table(directory.tables / part.files["fallbacks"], ["fallback"])["fallback"].to_pylist()
        }
        kept_fits.keep_only(directory.fits, left)


def _pairs(directory: MonitorPaths, manifest: Manifest, now: int) -> list[tuple[Any, ...]]:
    """List the pairs of a fallback with a sealed need and an offer that became free soon after it, of keys that may still be there."""
    parts = [part for of_topic in manifest.parts.values() for part in of_topic.values()]
    paths = {table: [str(directory.tables / part.files[table]) for part in parts if table in part.files] for table in _READ}
    if not all(paths.values()):
        return []
    with duckdb.connect() as database:
        for table, files in paths.items():
            database.read_parquet(files).create_view(table)
        since = SEALED_PREFIX + day_of(now - (KEPT_DAYS + 1) * DAY_MS)
        return database.execute(_SQL["pairs"], {"wait": WAIT, "since": since, "sealed": SEALED_PREFIX}).fetchall()


def _fits(pairs: list[tuple[Any, ...]], keys: Mapping[str, NeedKey]) -> Iterator[Fit]:
    for fallback, adults, children, need, offer in pairs:
        sealed = orjson.loads(need)
        key = keys.get(sealed["key"])
        stated = open_need("fallback", fallback, sealed["text"], key) if key else None
        if stated:
            household = Household(adults=adults, children=children, need=stated.need)
            yield Fit(fallback, need, offer, fits=bool(fitting_offers([offer], household)))
