"""The figures of being full: for how long there were places and none was free, or none that takes a household."""

from collections.abc import Iterator
from typing import Final

from services.monitor.fitting import fits
from services.monitor.found import NS_PER_MINUTE, Find, Found, share
from services.monitor.question import UnanswerableError
from services.monitor.slice import TEXT, Key, Slice
from services.monitor.unit_times import DURING, NOTHING, weights


def full(of: Slice, free: str = "state = 'free'") -> dict[Key, tuple[int, int]]:
    """Tell how long (ns) there were units, and how long none of them was free."""
    sql = f"""
        WITH edges AS (
            SELECT cell, idx, greatest(start, a) AS t, 1 AS there, ({free})::INT AS free
            FROM units_then JOIN cells USING (region, kind) JOIN wanted USING (cell) WHERE {DURING}
            UNION ALL
            SELECT cell, idx, least("end", b), -1, -(({free})::INT)
            FROM units_then JOIN cells USING (region, kind) JOIN wanted USING (cell) WHERE {DURING}
        ), at_once AS (SELECT cell, idx, t, sum(there) AS there, sum(free) AS free FROM edges GROUP BY ALL),
        running AS (
            SELECT cell, idx, lead(t) OVER later - t AS long, sum(there) OVER later AS there, sum(free) OVER later AS free
            FROM at_once WINDOW later AS (PARTITION BY cell, idx ORDER BY t)
        )
        SELECT cell, idx, sum(long) FILTER (there > 0), coalesce(sum(long) FILTER (there > 0 AND free = 0), 0) FROM running GROUP BY ALL
    """  # noqa: S608  names of ours
    return {key: (int(there), int(none)) for key, (there, none) in of.by_cell(sql).items()}


def time_full(of: Slice) -> Iterator[Found]:
    """Tell how many minutes none was free."""
    return _minutes(of, full(of))


def share_full(of: Slice) -> Iterator[Found]:
    """Tell which part of the time none was free."""
    return _share(of, full(of))


def time_none_fitting(of: Slice) -> Iterator[Found]:
    """Tell how many minutes none was free that takes the household."""
    return _minutes(of, full(of, _fitting(of)))


def share_none_fitting(of: Slice) -> Iterator[Found]:
    """Tell which part of the time none was free that takes the household."""
    return _share(of, full(of, _fitting(of)))


def _minutes(of: Slice, found: dict[Key, tuple[int, int]]) -> Iterator[Found]:
    weight = weights(of)
    for key in of.cells.wanted:
        there, none = found.get(key, (0, 0))
        yield Found(key, none / NS_PER_MINUTE if there else None, weight.get(key, NOTHING))


def _share(of: Slice, found: dict[Key, tuple[int, int]]) -> Iterator[Found]:
    weight = weights(of)
    for key in of.cells.wanted:
        there, none = found.get(key, (0, 0))
        yield Found(key, share(none, there), weight.get(key, NOTHING))


def _fitting(of: Slice) -> str:
    """Put the offers that take the household in a table, and say how a unit that is free and fits is told."""
    household = of.question.household
    if household is None:
        raise UnanswerableError("this figure needs a household")
    offers = [offer for (offer,) in of.rows("SELECT DISTINCT offer FROM units_then WHERE state = 'free'")]
    of.put("fitting", {"offer": TEXT}, ((offer,) for offer in fits(offers, household)))
    return "state = 'free' AND offer IN (SELECT offer FROM fitting)"


FULL: Final[dict[str, Find]] = {
    "minutes-full": time_full,
    "share-full": share_full,
    "minutes-none-fitting": time_none_fitting,
    "share-none-fitting": share_none_fitting,
}
