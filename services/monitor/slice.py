"""What one question looks at: of every table the rows that were known at its bound, beside its cells. In a database of its own.

Tables made here, for the figures to ask: `wanted` (cell, idx, a, b), `cells` (cell, region, kind), `areas` (cell, region), `homes` (as
`cells`, and for the nation NO_REGION and NO_KIND), `nights` (idx, t), and of each interval table `<table>_known`, without the columns
that say since when. `units_then` are the registered units that are no overflow, `overflow_then` those that are, as they were in the
time asked about; in the live view with what was held and unknown.
"""

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Final, Self

import pyarrow as pa

from services.adapters.instants import NS_PER_MS
from services.domain.values import KINDS
from services.monitor.building import TOPICS
from services.monitor.cells import NO_KIND, NO_REGION, Cells, cells_of
from services.monitor.columns import COLUMNS, NEVER, Table
from services.monitor.days import four_o_clock, nights
from services.monitor.question import NATION, Offsets, Question, Topic, UnanswerableError
from services.monitor.store import Store

Key = tuple[int, int]
"""A cell and a time, by their numbers."""
_TOPIC_OF: Final[dict[Table, Topic]] = {
    "units": "beds",
    "shelters": "beds",
    "stays": "beds",
    "holds": "beds",
    "searches": "demand",
    "fallbacks": "demand",
    "entries": "demand",
}
WHOLE: Final = pa.int64()
TEXT: Final = pa.string()
_SINCE: Final = ("partition", "since", "until", "since_clock", "until_clock")


class Slice:
    """The rows a question looks at."""

    def __init__(self, store: Store, question: Question) -> None:
        self.store, self.question = store, question
        self.live = question.at is None and question.period is None
        self._db = store.connect()
        try:
            self.offsets = self._bounds()
            self.clock = self._clock()
            self.cells: Cells = cells_of(question, store.regions, self.clock)
            self._lay_out()
            self._look()
        except BaseException:
            self._db.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self._db.close()

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database."""
        return self._db.execute(sql, values).fetchall()

    def by_cell(self, sql: str, *values: Any) -> dict[Key, tuple[Any, ...]]:
        """Ask the database for one row a cell and time, which are its first two columns."""
        return {(row[0], row[1]): row[2:] for row in self.rows(sql, *values)}

    def put(self, table: str, columns: Mapping[str, pa.DataType], rows: Iterable[tuple[Any, ...]]) -> None:
        """Make a table of our own."""
        listed = list(rows)
        values = zip(*listed, strict=True) if listed else ([] for _ in columns)
        made = pa.table([pa.array(column, kind) for column, kind in zip(values, columns.values(), strict=True)], [*columns])
        self._db.register(f"{table}_made", made)
        self._db.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM {table}_made")  # noqa: S608  names of ours
        self._db.unregister(f"{table}_made")

    def make(self, view: str, sql: str) -> None:
        """Make a view of our own."""
        self._db.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS {sql}")

    def length(self, idx: int) -> int:
        """Tell how many nanoseconds a time is long."""
        return self.cells.times[idx].length

    def began(self, topic: Topic, idx: int) -> bool:
        """Say whether anything of a topic had been recorded by the end of a time, among the records that are looked at."""
        began, time = self.store.began(topic), self.cells.times[idx]
        looked_at = began is not None and self.clock is not None and began <= self.clock and bool(self.offsets[topic])
        return looked_at and time.length > 0 and (self.live or (began is not None and began * NS_PER_MS < time.b))

    def _bounds(self) -> Offsets:
        """Tell the last offset of each partition that is looked at."""
        found: dict[Topic, dict[int, int]] = {topic: dict(self.store.offsets[topic]) for topic in TOPICS}
        known_at, recorded = self.question.known_at, self.question.recorded
        if known_at is not None:
            sql = 'SELECT topic, partition, max("offset") FROM clocks WHERE clock <= ? GROUP BY ALL'
            found = {topic: {} for topic in TOPICS}
            for topic, number, offset in self.rows(sql, known_at):
                found[topic][number] = offset
        return found if recorded is None else {topic: _at_most(found[topic], recorded.get(topic, {})) for topic in TOPICS}

    def _clock(self) -> int | None:
        """Tell the highest clock of the records that are looked at."""
        bounds = [(topic, number, offset) for topic in TOPICS for number, offset in self.offsets[topic].items()]
        self.put("bounds", {"topic": TEXT, "partition": pa.int32(), "o": WHOLE}, bounds)
        sql = 'SELECT max(clock) FROM clocks JOIN bounds USING (topic, partition) WHERE "offset" <= o'
        found: int | None = self.rows(sql)[0][0]
        return found

    def _lay_out(self) -> None:
        cells = self.cells
        wanted = [(cell, idx, cells.times[idx].a, cells.times[idx].b) for cell, idx in cells.wanted if cells.times[idx].length > 0]
        self.put("wanted", {"cell": WHOLE, "idx": WHOLE, "a": WHOLE, "b": WHOLE}, wanted)
        kinds = {cell: KINDS if scope.kind is None else (scope.kind,) for cell, scope in enumerate(cells.scopes)}
        areas = [(cell, region) for cell, regions in cells.regions.items() for region in regions]
        self.put("cells", {"cell": WHOLE, "region": TEXT, "kind": TEXT}, ((*area, kind) for area in areas for kind in kinds[area[0]]))
        homes = [(*area, kind) for area in areas for kind in kinds[area[0]]]
        whole = [cell for cell, scope in enumerate(cells.scopes) if scope == NATION]
        homes += [(cell, NO_REGION, kind) for cell in whole for kind in (NO_KIND, *KINDS)]
        self.put("homes", {"cell": WHOLE, "region": TEXT, "kind": TEXT}, homes)
        areas += [(cell, NO_REGION) for cell in whole]
        self.put("areas", {"cell": WHOLE, "region": TEXT}, areas)
        times = {idx: nights(cells.times[idx].start, cells.times[idx].end) for _, idx in cells.wanted}
        at_four = [(idx, four_o_clock(day) * NS_PER_MS) for idx, days in times.items() for day in days]
        self.put("nights", {"idx": WHOLE, "t": WHOLE}, at_four)

    def _look(self) -> None:
        for table, topic in _TOPIC_OF.items():
            columns = ", ".join(f'"{field.name}"' for field in COLUMNS[table] if field.name not in _SINCE)
            # A question looks at the rows that were known at the last record it looks at
            self._db.execute(
                f"CREATE TEMP VIEW {table}_known AS SELECT {columns} FROM {table} JOIN bounds USING (partition) "  # noqa: S608  ours
                f"WHERE bounds.topic = '{topic}' AND since <= o AND until > o"
            )
        live = _LIVE.format(now=self.question.known_at, unknown=self.store.limits.unknown_ms) if self.live else "SELECT * FROM units_known"
        hull = 'start < (SELECT max(b) FROM wanted) AND "end" > (SELECT min(a) FROM wanted)'
        self._db.execute(f"CREATE TEMP TABLE looked_at AS SELECT * FROM ({live}) WHERE region IS NOT NULL AND {hull}")  # noqa: S608  ours
        self._db.execute("CREATE TEMP VIEW units_then AS SELECT * FROM looked_at WHERE NOT overflow")
        self._db.execute("CREATE TEMP VIEW overflow_then AS SELECT * FROM looked_at WHERE overflow")


# R7 in full, at the clock asked about: what is held, and what is unknown because nobody has heard of the shelter (R9)
_LIVE: Final = f"""
SELECT * REPLACE (CASE
    WHEN state IN ('occupied', 'closed') THEN state
    WHEN EXISTS (SELECT 1 FROM holds_known h WHERE h.shelter = u.shelter AND h.unit = u.unit AND h.status = 'granted' AND {{now}} < h."end")
        THEN 'held'
    WHEN state = 'paused' THEN state
    WHEN EXISTS (
        SELECT 1 FROM heard JOIN bounds USING (partition)
        WHERE bounds.topic = 'beds' AND "offset" <= o AND heard.shelter = u.shelter AND {{now}} - clock < {{unknown}}
    ) THEN 'free'
    ELSE 'unknown' END AS state)
FROM units_known u WHERE "end" = {NEVER}
"""  # noqa: S608  numbers of ours


def _at_most(found: Mapping[int, int], recorded: Mapping[int, int]) -> dict[int, int]:
    missing = [number for number, offset in recorded.items() if offset > found.get(number, -1)]
    if missing:
        raise UnanswerableError("the tables, or the clock asked for, do not go as far as the offsets that are named")
    return dict(recorded)
