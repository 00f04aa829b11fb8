"""The rows that one query reads: those that were known at its bound (`known_rows.py`), beside its cells and what it creates for itself.

Tables for the calculators: `wanted` (cell, idx, a, b), `cells` (cell, region, kind), `areas` (cell, region; of the whole country NO_REGION
too), `homes` (as `cells`, with NO_REGION where the whole country and NO_KIND where all kinds are meant), `nights` (idx, t),
`constants` (one row), and those of the known rows. `looked_at` has the registered units as they were in the time asked about, in the live
view with what was held and unknown; `units_then` those of them that are no overflow.
"""

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Final, Self

import pyarrow as pa

from services.adapters.regions import RegionRow
from services.domain.durations import NS_PER_MS
from services.domain.events.value_types import KINDS
from services.monitor.dutch_calendar import four_o_clock, nights
from services.monitor.figures.dimensions import NO_KIND, NO_REGION, Dimensions, dimensions_of
from services.monitor.intervals.table_schemas import NEVER
from services.monitor.intervals.table_store import TableStore
from services.monitor.query import Query, Topic
from services.monitor.sql_files import statements

Key = tuple[int, int]
"""A cell and a time, by their numbers."""
WHOLE: Final = pa.int64()
TEXT: Final = pa.string()
_CONSTANTS: Final = {"never": WHOLE, "ns_per_ms": WHOLE, "unknown_ms": WHOLE, "no_region": TEXT, "no_kind": TEXT}
_SQL: Final = statements(__name__)


class QueryContext:
    """What one query reads, and what was asked."""

    def __init__(self, store: TableStore, query: Query) -> None:
        self.store, self.query = store, query
        self.live = query.at is None and query.period is None
        self.kept_from = store.kept_from
        self.known = store.known(query.as_known_at, query.offsets)
        self.offsets, self.clock = self.known.offsets, self.known.clock
        self._db = self.known.connect()
        try:
            self.dimensions: Dimensions = dimensions_of(query, store.regions, self.clock)
            self._create_dimension_tables()
            self._create_views()
        except BaseException:
            self._db.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._db.close()

    @property
    def wanted(self) -> tuple[Key, ...]:
        """The pairs of a cell and a time that are asked for, the whole first."""
        return self.dimensions.wanted

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a statement, with values for its named parameters."""
        return self._db.execute(sql, values or None).fetchall()

    def by_cell(self, sql: str, **values: Any) -> dict[Key, tuple[Any, ...]]:
        """Return one row a cell and time, which are the first two columns of the statement."""
        return {(row[0], row[1]): row[2:] for row in self.rows(sql, **values)}

    def create_table(self, table: str, columns: Mapping[str, pa.DataType], rows: Iterable[tuple[Any, ...]]) -> None:
        """Create a table, or replace the one of the same name."""
        listed = list(rows)
        values = zip(*listed, strict=True) if listed else ([] for _ in columns)
        arrays = [pa.array(column, kind) for column, kind in zip(values, columns.values(), strict=True)]
        self._db.register(table, pa.table(arrays, [*columns]))

    def execute(self, sql: str, **values: Any) -> None:
        """Run a statement that creates a view or a table."""
        self._db.execute(sql, values or None)

    def length(self, key: Key) -> int:
        """Return the length (ns) of the time of a key."""
        return self.dimensions.times[key[1]].length

    def regions(self, key: Key) -> list[RegionRow]:
        """Return the regions of the cell of a key."""
        return [self.store.regions[region] for region in self.dimensions.regions[key[0]]]

    def inhabitants(self, key: Key) -> int:
        """Return the inhabitants of the cell of a key."""
        return sum(region.inhabitants for region in self.regions(key))

    def has_records(self, topic: Topic, key: Key) -> bool:
        """Return whether anything of a topic had been recorded by the end of the time of a key, among the records that are read."""
        began, time = self.store.began(topic), self.dimensions.times[key[1]]
        if began is None or self.clock is None or began > self.clock or not self.offsets[topic]:
            return False
        return time.length > 0 and (self.live or began * NS_PER_MS < time.b)

    def is_forgotten(self, key: Key) -> bool:
        """Return whether a part of the time of a key, or the record up to which it is known, is before what is kept."""
        if self.kept_from is None:
            return False
        known = self.query.as_known_at
        return self.dimensions.times[key[1]].a < self.kept_from * NS_PER_MS or (known is not None and known < self.kept_from)

    def _create_dimension_tables(self) -> None:
        scopes, times, wanted = self.dimensions.scopes, self.dimensions.times, self.wanted
        rows = [(cell, idx, times[idx].a, times[idx].b) for cell, idx in wanted if times[idx].length > 0]
        self.create_table("wanted", {"cell": WHOLE, "idx": WHOLE, "a": WHOLE, "b": WHOLE}, rows)
        kinds = {cell: KINDS if scope.kind is None else (scope.kind,) for cell, scope in enumerate(scopes)}
        areas = [(cell, region) for cell, regions in self.dimensions.regions.items() for region in regions]
        cells = [(*area, kind) for area in areas for kind in kinds[area[0]]]
        self.create_table("cells", {"cell": WHOLE, "region": TEXT, "kind": TEXT}, cells)
        nowhere = [(cell, NO_REGION) for cell, scope in enumerate(scopes) if scope.province is None and scope.region is None]
        of_no_kind = [(*area, NO_KIND) for area in (*areas, *nowhere) if scopes[area[0]].kind is None]
        homes = [*cells, *((*area, kind) for area in nowhere for kind in kinds[area[0]]), *of_no_kind]
        self.create_table("homes", {"cell": WHOLE, "region": TEXT, "kind": TEXT}, homes)
        self.create_table("areas", {"cell": WHOLE, "region": TEXT}, [*areas, *nowhere])
        days = {idx: nights(times[idx].start, times[idx].end) for _, idx in wanted}
        at_four = [(idx, four_o_clock(day) * NS_PER_MS) for idx, of_time in days.items() for day in of_time]
        self.create_table("nights", {"idx": WHOLE, "t": WHOLE}, at_four)

    def _create_views(self) -> None:
        self.create_table("constants", _CONSTANTS, [(NEVER, NS_PER_MS, self.store.limits.unknown_ms, NO_REGION, NO_KIND)])
        if self.live:
            self.execute(_SQL["units_live"], now=self.query.as_known_at, unknown_ms=self.store.limits.unknown_ms, never=NEVER)
        else:
            self.execute(_SQL["units"])
        self.execute(_SQL["units_in_use"])
