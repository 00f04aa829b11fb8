"""The rows that were known at one bound: read from the files once, for all questions with that bound.

Analysts all ask by what had been recorded until the same full hour, so most questions share a bound. Nothing here depends on what is
asked: the tables are the same whether one question follows or a hundred. Tables: `bounds` (the last offset of each partition that is read),
of each interval table but the longest `<table>_known`, without the columns that say since when, `heard_then` (from when to when each
shelter was heard of), and `requests_known` once a figure needs it. Of the other interval tables there are views.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final, TypeVar, cast

import duckdb
import pyarrow as pa

from services.domain.durations import NS_PER_MS
from services.monitor.intervals.builder import TOPICS
from services.monitor.query import Offsets, Topic, UnanswerableError
from services.monitor.sql_files import statements

T = TypeVar("T")
Bound = tuple[int | None, Offsets | None]
"""Until which clock (ms) records are read, and until which offsets."""
OPEN: Final = "open"
"""The outcome of a request that has not ended."""
_BOUNDS: Final = pa.schema([("topic", pa.string()), ("partition", pa.int32()), ("o", pa.int64())])
_SQL: Final = statements(__name__)


class KnownRows:
    """The rows of one bound, in a database of their own. `newest` are the last offsets that the tables have."""

    def __init__(self, database: duckdb.DuckDBPyConnection, newest: Offsets, bound: Bound, unknown_ms: int) -> None:
        self.bound = bound
        self._database = database
        self._computed: dict[Hashable, Any] = {}
        database.execute(_SQL["attach"])
        database.execute(_SQL["look_first"])
        self.offsets: Offsets = self._last_offsets(newest)
        bounds = [{"topic": topic, "partition": number, "o": o} for topic in TOPICS for number, o in self.offsets[topic].items()]
        database.register("listed_bounds", pa.Table.from_pylist(bounds, schema=_BOUNDS))
        database.execute(_SQL["bounds"])
        database.execute(_SQL["rows"])
        database.execute(_SQL["heard"], {"unknown_ms": unknown_ms, "ns_per_ms": NS_PER_MS})
        self.clock: int | None = database.execute(_SQL["clock"]).fetchall()[0][0]
        """The highest clock (ms) of the records that are read."""

    def close(self) -> None:
        """Let go of the rows."""
        self._database.close()

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Return a connection for one question: what it creates for the time being ends with it."""
        connection = self._database.cursor()
        connection.execute(_SQL["look_first"])
        return connection

    def follow_requests(self) -> None:
        """Make the table of requests, unless it is there."""
        self._database.execute(_SQL["requests"], {"open": OPEN})

    def once(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return what was computed from these rows under a key; compute it the first time."""
        if key not in self._computed:
            self._computed[key] = compute()
        return cast("T", self._computed[key])

    def _last_offsets(self, newest: Offsets) -> Offsets:
        """Return the last offset of each partition that is read."""
        bounds: dict[Topic, dict[int, int]] = {topic: dict(newest[topic]) for topic in TOPICS}
        known_at, offsets = self.bound
        if known_at is not None:
            bounds = {topic: {} for topic in TOPICS}
            for topic, number, offset in self._database.execute(_SQL["offsets_known"], {"known_at": known_at}).fetchall():
                bounds[topic][number] = offset
        return bounds if offsets is None else {topic: _within(bounds[topic], offsets.get(topic, {})) for topic in TOPICS}


def _within(bounds: Mapping[int, int], offsets: Mapping[int, int]) -> dict[int, int]:
    """Return the offsets a query names; UnanswerableError when one lies beyond the bounds."""
    if any(offset > bounds.get(number, -1) for number, offset in offsets.items()):
        raise UnanswerableError("the tables, or the clock asked for, do not go as far as the offsets that are named")
    return dict(offsets)
