"""The rows of a bound: kept between questions, and never shown at another bound or of older tables."""

from itertools import product
from pathlib import Path
from typing import Final

import pytest

from services.adapters.regions import read_regions
from services.monitor.figures.evaluate import answer
from services.monitor.figures.result import FigureResult
from services.monitor.intervals.builder import build
from services.monitor.intervals.table_store import TableStore
from services.monitor.query import Period, Query, UnanswerableError
from tests import tapes
from tests.monitor.archives import archived
from tests.reference.log import Record

_REGIONS: Final = read_regions()
_FIGURES: Final = ("capacity", "stays-ended", "holds", "silent-shelters", "occupancy-at-four")
_RECORDS: Final = [
    Record(line.key, line.value, line.timestamp or 1_772_409_600_000 + n * 60_000) for n, line in enumerate(tapes.load("week"))
]
_FIRST, _LAST = _RECORDS[0].timestamp, _RECORDS[-1].timestamp
_WHOLE: Final = Period(_FIRST, _LAST + 86_400_000)


def _built(root: Path, count: int) -> None:
    archived(root, "beds", _RECORDS[:count])
    build(archived(root, "demand", ()), frozenset(_REGIONS))


def _store(root: Path) -> TableStore:
    return TableStore(root, _REGIONS, simulated=True)


def _query(known_at: int | None, *, protected: bool) -> Query:
    return Query(figures=_FIGURES, period=_WHOLE, as_known_at=known_at, by=("province",), protected=protected)


def _numbers(result: FigureResult) -> list[object]:
    return [(row.scope, row.part, row.value, row.too_few) for figure in result.figures for row in figure.rows]


def test_questions_with_one_bound_read_its_rows_once(tmp_path: Path) -> None:
    """Two questions by what had been recorded at one time share their rows, also after a look that found the tables as they were."""
    _built(tmp_path, len(_RECORDS))
    store, middle = _store(tmp_path), (_FIRST + _LAST) // 2
    rows = store.known(middle, None)
    store.refresh()
    assert store.known(middle, None) is rows
    assert store.known(middle + 1, None) is not rows
    assert store.known(middle, None) is rows
    assert rows not in [store.known(middle + 2 + number, None) for number in range(2)]
    assert store.known(middle, None) is not rows


def test_each_question_is_answered_as_by_a_store_that_was_asked_nothing_else(tmp_path: Path) -> None:
    """Whatever was asked before, with this bound or another, by an analyst or an operator, the numbers are those of a store of its own."""
    _built(tmp_path, len(_RECORDS))
    store = _store(tmp_path)
    moments = (None, (_FIRST + _LAST) // 2, _FIRST + (_LAST - _FIRST) // 3, None)
    queries = [_query(known_at, protected=protected) for known_at, protected in product(moments, (True, False))]
    for query in (*queries, *reversed(queries)):
        assert answer(store, query) == answer(_store(tmp_path), query)


def test_newer_tables_are_read_anew(tmp_path: Path) -> None:
    """Once tables have more records, a question about the newest of them counts those."""
    _built(tmp_path, len(_RECORDS) // 2)
    store, query = _store(tmp_path), _query(None, protected=False)
    before = answer(store, query)
    _built(tmp_path, len(_RECORDS))
    assert answer(store, query) == before
    store.refresh()
    after = answer(store, query)
    assert _numbers(after) != _numbers(before)
    assert after == answer(_store(tmp_path), query)


def test_offsets_that_are_too_high_leave_what_was_kept(tmp_path: Path) -> None:
    """A question that can't be answered is refused each time, and the next one is answered."""
    _built(tmp_path, len(_RECORDS))
    store, query = _store(tmp_path), _query(None, protected=False)
    for _ in range(2):
        with pytest.raises(UnanswerableError):
            store.known(None, {"beds": {0: 10**9}, "demand": {}})
    assert answer(store, query) == answer(_store(tmp_path), query)
