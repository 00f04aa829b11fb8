-- name: requests
SELECT cell, idx, outcome, held_after, count(*)
FROM requests_known JOIN areas USING (region) JOIN wanted USING (cell) WHERE start >= a AND start < b GROUP BY ALL

-- name: waiting_times
SELECT cell, idx, sum(least("end", b) - greatest(start, a)), count(*)
FROM entries_known JOIN cells USING (region, kind) JOIN wanted USING (cell) WHERE start < b AND "end" > a GROUP BY ALL

-- name: regions_waiting
WITH entries AS (
    SELECT cell, idx, region, greatest(start, a) AS t, least("end", b) AS until
    FROM entries_known JOIN cells USING (region, kind) JOIN wanted USING (cell) WHERE start < b AND "end" > a
), edges AS (
    SELECT cell, idx, region, t, 1 AS open FROM entries
    UNION ALL
    SELECT cell, idx, region, until, -1 FROM entries
), at_once AS (SELECT cell, idx, region, t, sum(open) AS open FROM edges GROUP BY ALL),
running AS (
    SELECT cell, idx, region, lead(t) OVER later - t AS long, sum(open) OVER later AS open
    FROM at_once WINDOW later AS (PARTITION BY cell, idx, region ORDER BY t)
)
SELECT cell, idx, region, coalesce(sum(long) FILTER (open > 0), 0) FROM running GROUP BY ALL

-- name: placed_after
SELECT cell, idx, start, "end" FROM entries_known JOIN cells USING (region, kind) JOIN wanted USING (cell)
WHERE outcome = 'placed' AND "end" >= a AND "end" < b
