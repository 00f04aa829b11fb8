"""How much of the country an answer rests on: the share of registered shelters that were heard of within the limit (contract R9)."""

from services.adapters.instants import NS_PER_MS
from services.monitor.slice import Slice


def heard_of(of: Slice) -> float | None:
    """Tell the share of the whole scope, on average over the time; in the live view at the clock asked about. None: none is registered."""
    _look(of)
    time = of.cells.times[0]
    if of.live:
        now = time.start * NS_PER_MS
        heard = f'(SELECT DISTINCT shelter FROM heard_then WHERE start <= {now} AND "end" > {now})'  # noqa: S608  a number of ours
        sql = f'SELECT count(h.shelter), count(*) FROM registered_then r LEFT JOIN {heard} h USING (shelter) WHERE "end" > ?'  # noqa: S608  the same
        part, whole = of.rows(sql, time.a)[0]
    else:
        sql = """
            SELECT
                (SELECT sum(least(r."end", h."end", $2) - greatest(r.start, h.start, $1)) FROM registered_then r JOIN heard_then h
                    USING (shelter) WHERE least(r."end", h."end", $2) > greatest(r.start, h.start, $1)),
                (SELECT sum(least("end", $2) - greatest(start, $1)) FROM registered_then WHERE least("end", $2) > greatest(start, $1))
        """
        part, whole = of.rows(sql, time.a, time.b)[0]
    return int(part or 0) / int(whole) if whole else None


def _look(of: Slice) -> None:
    """Lay out who was registered, and from when to when each shelter was heard of: until the limit has passed, or it speaks again."""
    of.make("registered_then", 'SELECT shelter, start, "end" FROM shelters_known JOIN areas USING (region) WHERE cell = 0')
    of.make(
        "heard_then",
        f"""
        SELECT shelter, clock * {NS_PER_MS} AS start,
            least(lead(clock) OVER (PARTITION BY shelter ORDER BY clock), clock + {of.store.limits.unknown_ms}) * {NS_PER_MS} AS "end"
        FROM heard JOIN bounds USING (partition) WHERE topic = 'beds' AND "offset" <= o
        """,  # noqa: S608  numbers of ours
    )
