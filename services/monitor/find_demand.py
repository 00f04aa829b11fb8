"""The figures of requests and waiting lists: how many asked, how it ended, how long it took.

A request is a chain of searches for the same household (`again_of`), from one that follows no search that is known. Searches that
follow each other in a ring have no first, and are no request.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

from services.domain.values import SEARCH_OUTCOMES
from services.monitor.answer import Value, Weight
from services.monitor.find_hotels import HOTELS
from services.monitor.found import NS_PER_DAY, NS_PER_MINUTE, Find, Found, least, mean, share
from services.monitor.slice import Key, Slice

_MET: Final = ("held", "waiting_list")
OPEN: Final = "open"
OUTCOMES: Final = (*SEARCH_OUTCOMES, OPEN)
UNMET: Final = tuple(outcome for outcome in SEARCH_OUTCOMES if outcome not in _MET)


class Request(NamedTuple):
    """A chain: how it ended, and how long (ns) after its first search it ended in a hold for the first time."""

    outcome: str
    held_after: int | None


_NONE: Final = Counter[Request]()


def requests(of: Slice) -> dict[Key, Counter[Request]]:
    """Count the requests whose first search was made in the time, in the region that asked first: a million are a few thousand kinds."""
    found: defaultdict[Key, Counter[Request]] = defaultdict(Counter)
    for cell, idx, outcome, held_after, number in of.rows(
        f"""
        WITH RECURSIVE first AS (
            SELECT cell, idx, search, start FROM searches_known s JOIN areas USING (region) JOIN wanted USING (cell)
            WHERE start >= a AND start < b
            AND NOT EXISTS (SELECT 1 FROM searches_known earlier WHERE earlier.search = s.again_of)
        ), chain(root, search) AS (
            SELECT DISTINCT search, search FROM first
            UNION ALL SELECT chain.root, s.search FROM chain JOIN searches_known s ON s.again_of = chain.search
        ), ended AS (
            SELECT root,
                min("end") FILTER (outcome = 'held') AS held,
                bool_or(outcome = 'waiting_list') AS waits,
                arg_max(coalesce(outcome, '{OPEN}'), {{'start': start, 'search': search}}) AS last
            FROM chain JOIN searches_known USING (search) GROUP BY root
        )
        SELECT cell, idx, CASE WHEN held IS NOT NULL THEN 'held' WHEN waits THEN 'waiting_list' ELSE last END, held - start, count(*)
        FROM first JOIN ended ON root = search GROUP BY ALL
        """  # noqa: S608  words of ours
    ):
        found[cell, idx][Request(outcome, held_after)] = number
    return found


def searches(of: Slice) -> Iterator[Found]:
    """Count the requests by outcome."""
    return _by_outcome(of, OUTCOMES)


def unmet(of: Slice) -> Iterator[Found]:
    """Count the requests that ended in neither a hold nor on a waiting list."""
    return _by_outcome(of, UNMET)


def _by_outcome(of: Slice, outcomes: tuple[str, ...]) -> Iterator[Found]:
    found = requests(of)
    for key in of.cells.wanted:
        known = of.began("demand", key[1])
        counted = _outcomes(found.get(key, _NONE))
        total = sum(counted[outcome] for outcome in outcomes)
        yield Found(key, total if known else None, Weight(n=total))
        for outcome in outcomes:
            number = counted[outcome]
            yield Found(key, number if known else None, Weight(n=number), {"outcome": outcome})


def _outcomes(every: Counter[Request]) -> Counter[str]:
    counted = Counter[str]()
    for request, number in every.items():
        counted[request.outcome] += number
    return counted


def unmet_share(of: Slice) -> Iterator[Found]:
    """Divide the requests that were not met by those that have ended."""
    found = requests(of)
    for key in of.cells.wanted:
        counted = _outcomes(found.get(key, _NONE))
        over = counted.total() - counted[OPEN]
        yield Found(key, share(sum(counted[outcome] for outcome in UNMET), over), Weight(n=over))


def within_a_day(of: Slice) -> Iterator[Found]:
    """Divide the requests that ended in a hold within a day by all of them."""
    found = requests(of)
    for key in of.cells.wanted:
        every = found.get(key, _NONE)
        soon = sum(number for request, number in every.items() if request.held_after is not None and request.held_after < NS_PER_DAY)
        yield Found(key, share(soon, every.total()), Weight(n=every.total()))


def _time_to_place(numerator: int, denominator: int) -> Find:
    def find(of: Slice) -> Iterator[Found]:
        found = requests(of)
        for key in of.cells.wanted:
            took = [request.held_after for request in found.get(key, _NONE).elements() if request.held_after is not None]
            yield Found(key, least(took, numerator, denominator) / NS_PER_MINUTE if took else None, Weight(n=len(took)))

    return find


def waiting(of: Slice) -> Iterator[Found]:
    """Count the open entries."""
    sql = """
        SELECT cell, idx, sum(least("end", b) - greatest(start, a)), count(*)
        FROM entries_known JOIN cells USING (region, kind) JOIN wanted USING (cell) WHERE start < b AND "end" > a GROUP BY ALL
    """
    found = {key: (int(long), count) for key, (long, count) in of.by_cell(sql).items()}
    for key in of.cells.wanted:
        long, count = found.get(key, (0, 0))
        yield Found(key, mean(long, of.length(key[1])) if of.began("demand", key[1]) else None, Weight(n=count))


def regions_waiting(of: Slice) -> Iterator[Found]:
    """Divide the regions with an open entry by all of them."""
    sql = """
        WITH edges AS (
            SELECT cell, idx, region, greatest(start, a) AS t, 1 AS open
            FROM entries_known JOIN cells USING (region, kind) JOIN wanted USING (cell) WHERE start < b AND "end" > a
            UNION ALL
            SELECT cell, idx, region, least("end", b), -1
            FROM entries_known JOIN cells USING (region, kind) JOIN wanted USING (cell) WHERE start < b AND "end" > a
        ), at_once AS (SELECT cell, idx, region, t, sum(open) AS open FROM edges GROUP BY ALL),
        running AS (
            SELECT cell, idx, region, lead(t) OVER later - t AS long, sum(open) OVER later AS open
            FROM at_once WINDOW later AS (PARTITION BY cell, idx, region ORDER BY t)
        )
        SELECT cell, idx, coalesce(sum(long) FILTER (open > 0), 0), count(DISTINCT region) FROM running GROUP BY ALL
    """
    found = {key: (int(long), count) for key, (long, count) in of.by_cell(sql).items()}
    for key in of.cells.wanted:
        long, count = found.get(key, (0, 0))
        regions = len(of.cells.regions[key[0]])
        value: Value = share(long, of.length(key[1]) * regions) if of.began("demand", key[1]) else None
        yield Found(key, value, Weight(n=count))


def _waiting_time(numerator: int, denominator: int) -> Find:
    """Make a figure of how long those waited who were given a place."""

    def find(of: Slice) -> Iterator[Found]:
        found: defaultdict[Key, list[int]] = defaultdict(list)
        for cell, idx, long in of.rows(
            'SELECT cell, idx, "end" - start FROM entries_known JOIN cells USING (region, kind) JOIN wanted USING (cell) '
            'WHERE outcome = \'placed\' AND "end" >= a AND "end" < b'
        ):
            found[cell, idx].append(long)
        for key in of.cells.wanted:
            took = found.get(key, [])
            yield Found(key, least(took, numerator, denominator) / NS_PER_DAY if took else None, Weight(n=len(took)))

    return find


DEMAND: Final[dict[str, Find]] = {
    **HOTELS,
    "searches": searches,
    "unmet-need": unmet,
    "unmet-share": unmet_share,
    "placed-within-a-day": within_a_day,
    "time-to-place-median": _time_to_place(1, 2),
    "time-to-place-p90": _time_to_place(9, 10),
    "waiting": waiting,
    "waiting-time-median": _waiting_time(1, 2),
    "waiting-time-p90": _waiting_time(9, 10),
    "regions-waiting": regions_waiting,
}
