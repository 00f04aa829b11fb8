-- name: requests
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
        arg_max(coalesce(outcome, $open), {'start': start, 'search': search}) AS last
    FROM chain JOIN searches_known USING (search) GROUP BY root
)
SELECT cell, idx, CASE WHEN held IS NOT NULL THEN 'held' WHEN waits THEN 'waiting_list' ELSE last END, held - start, count(*)
FROM first JOIN ended ON root = search GROUP BY ALL

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
