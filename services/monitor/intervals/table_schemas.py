"""The interval tables: the one owner of their names and columns.

A row that was true from `start` to `end` (nanoseconds) also has from when to when it was known: `since` and `until` are offsets of its
partition (a query that reads the records up to an offset `o` takes `since <= o < until`), `since_clock` and `until_clock` the clock of the
partition there (ms). What has not ended yet ends at NEVER.
"""

from typing import Final, Literal

import pyarrow as pa

NEVER: Final = 2**63 - 1
"""The end of what has not ended yet, in all of these columns."""

Table = Literal["clocks", "units", "shelters", "heard", "stays", "holds", "searches", "fallbacks", "entries", "remarks"]

TABLES_VERSION: Final = 3
"""Raised when a column or its meaning changes; tables of another version are built anew."""

_TEXT: Final = pa.dictionary(pa.int32(), pa.string())
_KNOWN: Final = [
    ("partition", pa.int32()),
    ("since", pa.int64()),
    ("until", pa.int64()),
    ("since_clock", pa.int64()),
    ("until_clock", pa.int64()),
]
_TRUE: Final = [("start", pa.int64()), ("end", pa.int64())]
_EVIDENCE: Final = [("free", pa.int32()), ("fitting", pa.int32()), ("excluded", pa.int32()), ("unknown", pa.int32())]

COLUMNS: Final[dict[Table, pa.Schema]] = {
    # The clock of the partition at each record
    "clocks": pa.schema([("topic", _TEXT), ("partition", pa.int32()), ("offset", pa.int64()), ("clock", pa.int64())]),
    # A declared unit: its shelter, what it is, which households fit (`offer`, JSON), its state without holds and age, the persons in it
    "units": pa.schema(
        [
            *_KNOWN,
            *_TRUE,
            ("shelter", _TEXT),
            ("unit", _TEXT),
            ("region", _TEXT),
            ("kind", _TEXT),
            ("overflow", pa.bool_()),
            ("beds", pa.int32()),
            ("offer", _TEXT),
            ("state", _TEXT),
            ("persons", pa.int32()),
        ]
    ),
    # A registered shelter, where it is and of which organisation
    "shelters": pa.schema([*_KNOWN, *_TRUE, ("shelter", _TEXT), ("region", _TEXT), ("organisation", _TEXT)]),
    # A clock at which a shelter was heard of (contract R9)
    "heard": pa.schema([("partition", pa.int32()), ("offset", pa.int64()), ("clock", pa.int64()), ("shelter", _TEXT)]),
    # A stay that was present from `start` to `end`: its unit at the end (or now), and where the household went
    "stays": pa.schema([*_KNOWN, *_TRUE, ("shelter", _TEXT), ("unit", _TEXT), ("stay", pa.string()), ("destination", _TEXT)]),
    # A request to hold a unit and what became of it; `start` to `end` is the time it was held, by the clock of the partition (ms)
    "holds": pa.schema(
        [
            *_KNOWN,
            *_TRUE,
            ("shelter", _TEXT),
            ("unit", _TEXT),
            ("hold", pa.string()),
            ("status", _TEXT),
            ("reason", _TEXT),
            ("accepted", pa.int64()),
        ]
    ),
    # Searches, fallbacks and entries, from their start to their end
    "searches": pa.schema([*_KNOWN, *_TRUE, ("search", pa.string()), ("region", _TEXT), ("again_of", pa.string()), ("outcome", _TEXT)]),
    "fallbacks": pa.schema(
        [
            *_KNOWN,
            *_TRUE,
            ("fallback", pa.string()),
            ("region", _TEXT),
            ("accommodation", _TEXT),
            ("adults", pa.int32()),
            ("children", pa.int32()),
            ("need", _TEXT),
            ("reason", _TEXT),
            ("complete", pa.bool_()),
            *_EVIDENCE,
            ("outcome", _TEXT),
        ]
    ),
    # How well the log was kept: an event that came late, took another back, came out of order, came again, or is too large for its unit
    "remarks": pa.schema(
        [
            ("topic", _TEXT),
            ("partition", pa.int32()),
            ("offset", pa.int64()),
            ("clock", pa.int64()),
            ("region", _TEXT),
            *((remark, pa.bool_()) for remark in ("late", "correction", "disordered", "double", "oversized")),
        ]
    ),
    "entries": pa.schema([*_KNOWN, *_TRUE, ("entry", pa.string()), ("region", _TEXT), ("kind", _TEXT), ("outcome", _TEXT)]),
}

BED_TABLES: Final[tuple[Table, ...]] = ("clocks", "units", "shelters", "heard", "stays", "holds", "remarks")
DEMAND_TABLES: Final[tuple[Table, ...]] = ("clocks", "searches", "fallbacks", "entries", "remarks")
